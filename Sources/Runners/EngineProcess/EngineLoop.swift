import Glibc

/// The thread of an `EngineProcess`: brings the engine where it is wanted, and sees when it ends.
final class EngineLoop {
  /// Where control groups say nothing, systemd is asked as often as this.
  private static let askMilliseconds: Int64 = 5000

  private let kind: EngineProcess.Kind
  private let place: ChildPlace
  private let limits: EngineProcessLimits
  private let root: String
  private let desk: EngineDesk
  private let waker: Waker
  private let handler: (EngineProcess.Event) -> Void
  private var child: ChildProcess?
  private var group = ""
  private var askedAt: Int64 = 0

  init(
    kind: EngineProcess.Kind, place: ChildPlace, limits: EngineProcessLimits, root: String,
    desk: EngineDesk, waker: Waker, handler: @escaping (EngineProcess.Event) -> Void
  ) {
    self.kind = kind
    self.place = place
    self.limits = limits
    self.root = root
    self.desk = desk
    self.waker = waker
    self.handler = handler
  }

  func run() {
    endPredecessor()
    lookFirst()
    while !desk.isClosed {
      if isUp { look() }
      advance()
      wait()
    }
    // A child would go on with nobody to stop it.
    if let child { tell(.ended(reason: child.stop().reason, isDone: false), .stopped) }
    child = nil
  }

  private var isUp: Bool { [.running, .frozen].contains(desk.state) }

  private func tell(_ event: EngineProcess.Event, _ state: EngineProcess.State) {
    desk.state = state
    handler(event)
  }

  /// Waits for an order, for the child's words and for the next look.
  private func wait() {
    guard !desk.isClosed else { return }
    var polled = [
      pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: child?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
    ]
    _ = poll(&polled, nfds_t(polled.count), isUp ? Int32(clamping: limits.lookMilliseconds) : -1)
    waker.clear()
    child?.drain()
  }

  /// Ends what a node that was killed has left running here.
  private func endPredecessor() {
    let path = place.record
    guard let record = ChildRecord.read(path) else { return }
    let isAlive = !record.processes().isEmpty
    guard record.end(within: limits.stopMilliseconds) else {
      handler(.failed(reason: "an engine of an earlier start still runs and can't be ended"))
      return
    }
    Folder.remove(path)
    guard isAlive else { return }
    handler(.ended(reason: "it was left by an earlier start of the node", isDone: false))
  }

  /// A unit may run already: it is taken over as it is.
  private func lookFirst() {
    guard case .unit(let name) = kind else {
      desk.state = .stopped
      return
    }
    let orders = desk.goal().orders
    do throws(RunnerError) {
      let status = try control(name).status()
      group = status.group
      askedAt = SystemText.monotonicMilliseconds()
      guard status.isActive else {
        desk.state = .stopped
        return
      }
      if orders == 0 { desk.settle(status.isFrozen ? .frozen : .running, orders: orders) }
      tell(.started, .running)
      if status.isFrozen { tell(.frozen, .frozen) }
    } catch {
      tell(.failed(reason: error.message), .stopped)
    }
  }

  private func control(_ unit: String) -> UnitControl {
    UnitControl(unit: unit, limits: limits, root: root)
  }

  /// Sees whether the engine has ended by itself.
  @discardableResult
  private func look() -> Bool {
    guard let ended = ending() else { return false }
    child = nil
    desk.settle(.stopped, orders: desk.goal().orders)
    tell(ended, .stopped)
    return true
  }

  private func ending() -> EngineProcess.Event? {
    guard case .unit(let name) = kind else {
      return child?.ended().map {
        .ended(reason: $0.reason, isDone: $0.ending == .exited(0))
      }
    }
    let now = SystemText.monotonicMilliseconds()
    if let events = control(name).events(group: group) {
      if events.isPopulated { return nil }
    } else if askedAt > 0, now < askedAt + Self.askMilliseconds {
      return nil
    }
    askedAt = now
    // A systemd that can't be asked says nothing of the engine.
    guard let status = try? control(name).status() else { return nil }
    group = status.group
    return status.isActive ? nil : .ended(reason: status.reason, isDone: status.isDone)
  }

  /// Takes the next steps towards the goal; one that fails ends the attempt.
  private func advance() {
    while !desk.isClosed {
      let (goal, orders) = desk.goal()
      do throws(RunnerError) {
        switch (desk.state, goal) {
        case (.stopped, .running), (.stopped, .frozen): try start()
        case (.running, .frozen): try freeze()
        case (.frozen, .running): try thaw()
        case (.running, .stopped): try stop()
        case (.frozen, .stopped): try stop()
        default: return
        }
      } catch {
        let left: EngineDesk.Goal
        switch desk.state {
        case .starting, .stopped: left = .stopped
        case .thawing, .frozen: left = .frozen
        default: left = .running
        }
        desk.settle(left, orders: orders)
        tell(
          .failed(reason: error.message),
          left == .stopped ? .stopped : left == .frozen ? .frozen : .running)
      }
    }
  }

  private func start() throws(RunnerError) {
    desk.state = .starting
    switch kind {
    case .unit(let name):
      do throws(RunnerError) { try control(name).start() } catch {
        // One that took too long must not come up later, when nobody wants it.
        try? control(name).stop()
        throw error
      }
      // A short command may have ended by now: then the next look asks how.
      let status = try? control(name).status()
      group = status?.group ?? ""
      askedAt = status?.isActive == false ? 0 : SystemText.monotonicMilliseconds()
    case .command(let words):
      child = try ChildProcess(words, place: place, limits: limits)
    }
    tell(.started, .running)
  }

  private func freeze() throws(RunnerError) {
    desk.state = .freezing
    switch kind {
    case .unit(let name):
      do throws(RunnerError) { try control(name).freeze(group: group) } catch {
        try? control(name).thaw(group: group)
        throw error
      }
    case .command:
      guard child?.freeze() == true else {
        // Perhaps it has just ended, and well.
        if look() { return }
        _ = child?.thaw()
        throw RunnerError(.system, "the engine's processes do not stand")
      }
    }
    tell(.frozen, .frozen)
  }

  private func thaw() throws(RunnerError) {
    desk.state = .thawing
    switch kind {
    case .unit(let name): try control(name).thaw(group: group)
    case .command:
      guard child?.thaw() == true else {
        throw RunnerError(.system, "the engine's processes do not go on")
      }
    }
    tell(.thawed, .running)
  }

  private func stop() throws(RunnerError) {
    let isFrozen = desk.state == .frozen
    // What has ended by itself was not stopped.
    if case .command = kind, look() { return }
    desk.state = .stopping
    switch kind {
    case .unit(let name):
      // systemd does not stop what it has frozen, and what stands hears no signal.
      if isFrozen { try control(name).thaw(group: group) }
      try control(name).stop()
      tell(.ended(reason: "as it was told", isDone: false), .stopped)
    case .command:
      let reason = child?.stop().reason ?? "as it was told"
      child = nil
      tell(.ended(reason: reason, isDone: false), .stopped)
    }
  }
}
