import Dispatch
import Glibc
import Hardware
import Quantities
import Sites
import Storage
import Synchronization

/// Gives every steered device back, in a process of its own: `heliographd --safe-state`.
///
/// systemd runs it when the agent has ended for whatever reason (ExecStopPost), so it trusts
/// nothing that the agent said at its end: only the markers, which were on the disk before any
/// device was written. Where they can't be read, everything that may be steered counts as steered.
/// Buses are worked on side by side and all of it is over within `deadline`.
struct SafeState: Sendable {
  /// For all of it; systemd waits twice as long.
  static let deadline = TimeSpan(seconds: 10)
  /// For opening the database: a disk that hangs must not keep the devices from being released.
  static let storeDeadline = TimeSpan(seconds: 3)
  /// For connecting and for each answer.
  static let busTimeout = TimeSpan(seconds: 2)

  /// One control to be given back; `marker` is nil where only the configuration says so.
  private struct Duty: Sendable {
    let control: Control
    let marker: SteeringMarker?
  }

  let configuration: Configuration
  /// Works beside a running agent, which may then steer on.
  let isForced: Bool
  let print: @Sendable (String) -> Void

  /// Does it; 0 when nothing is left to do, 1 when something could not be released.
  func run() -> Int32 {
    let end = NodeClock.uptime() + Self.deadline
    let isThere = access(configuration.dataDirectory, F_OK) == 0
    do {
      // Held to the end, so that no agent starts in between.
      let lock = isThere && !isForced ? try LockFile(directory: configuration.dataDirectory) : nil
      defer { withExtendedLifetime(lock) {} }
      // At once, whatever the devices take: it needs no answer.
      let relays = isForced ? 0 : switchRelaysOff()
      return max(relays, release(by: end))
    } catch {
      print("nothing was released: \(error) (or add --force)")
      return 1
    }
  }

  /// Some boards keep a line's level when the process that held it is gone (a Raspberry Pi's kernel
  /// does), so each relay's line is taken once more, which makes it inactive.
  private func switchRelaysOff() -> Int32 {
    var plan = GPIOPlan()
    plan.relays = configuration.gpioPlan.relays
    guard !plan.isEmpty else { return 0 }
    do throws(GPIOError) {
      try GPIOLines(plan) { _ in }.stop()
      print("relays are off")
      return 0
    } catch {
      print("relays may be on: \(error)")
      return 1
    }
  }

  private func release(by end: TimeSpan) -> Int32 {
    let records = SafeStateRecords(path: configuration.databasePath)
    let duties: [DeviceName: [Duty]]
    switch records.open(within: Self.storeDeadline) {
    case .success(let markers):
      guard !markers.isEmpty else {
        print("nothing was steered")
        return 0
      }
      duties = Dictionary(grouping: markers, by: \.key.device).mapValues { markers in
        markers.map { Duty(control: $0.key.control, marker: $0.marker) }
      }
    case .failure(let trouble):
      let steered = configuration.devices.filter(\.steer)
      print("\(trouble)")
      guard !steered.isEmpty else {
        print("no device is configured to be steered")
        return 0
      }
      print("so all that may be steered is given back")
      duties = Dictionary(uniqueKeysWithValues: steered.map { ($0.name, []) })
    }
    return work(duties, records, by: end)
  }

  /// What the devices' threads leave behind.
  private final class Board: Sendable {
    struct Content {
      /// Devices not done with yet.
      var open: Set<DeviceName>
      var failures = 0
    }
    let content: Mutex<Content>
    let done = DispatchSemaphore(value: 0)

    init(_ devices: [DeviceName]) { content = Mutex(Content(open: Set(devices))) }

    func finish(_ device: DeviceName, failures: Int) {
      content.withLock {
        $0.open.remove(device)
        $0.failures += failures
      }
      done.signal()
    }
  }

  private func work(
    _ duties: [DeviceName: [Duty]], _ records: SafeStateRecords, by end: TimeSpan
  ) -> Int32 {
    let names = duties.keys.sorted()
    let board = Board(names)
    let connections = DeviceConnections(configuration, timeout: Self.busTimeout)
    for name in names {
      let own = duties[name] ?? []
      Task.detached {
        let failures = await release(name, own, connections, records)
        board.finish(name, failures: failures)
      }
    }
    for _ in names {
      let left = max((end - NodeClock.uptime()).milliseconds, 0)
      guard board.done.wait(timeout: .now() + .milliseconds(Int(left))) == .success else { break }
    }
    let late = board.content.withLock { $0 }
    for name in late.open.sorted() {
      print(
        "\(name): not done within \(Self.deadline.text); \(Self.afterwards(duties[name] ?? []))")
    }
    return late.open.isEmpty && late.failures == 0 ? 0 : 1
  }

  /// Gives back what one device may hold; how much of it could not be.
  private func release(
    _ name: DeviceName, _ duties: [Duty], _ connections: DeviceConnections,
    _ records: SafeStateRecords
  ) async -> Int {
    let session: DeviceSession
    do throws(ServiceError) { session = try connections.session(name) } catch {
      print("\(name): \(error); \(Self.afterwards(duties))")
      return max(duties.count, 1)
    }
    var controls: [DeviceControl] = []
    // A whole marker says all that is needed; looking for it in the device would cost time.
    if duties.isEmpty || duties.contains(where: { $0.marker?.release.isEmpty != false }) {
      do throws(ModbusError) { controls = try await session.controls() } catch {
        print("\(name): can't be reached: \(error.message); what it holds is not known")
        return max(duties.count, 1)
      }
    }
    let all = duties.isEmpty ? controls.map { Duty(control: $0.control, marker: nil) } : duties
    var failures = 0
    for duty in all {
      let control = controls.first { $0.control == duty.control }
      failures += await release(name, duty, control, session, records) ? 0 : 1
    }
    return failures
  }

  private func release(
    _ name: DeviceName, _ duty: Duty, _ control: DeviceControl?, _ session: DeviceSession,
    _ records: SafeStateRecords
  ) async -> Bool {
    let what = "\(name): \(duty.control.rawValue)"
    let present = configuration.devices.first { $0.name == name }?.profile ?? ""
    if let marker = duty.marker, marker.isForeign(to: present) {
      print(
        "\(what): it was steered as \(marker.profile) and is \(present) now: nothing is written; "
          + "set the old device back by hand")
      return false
    }
    let marked = duty.marker?.release ?? []
    guard let writes = marked.isEmpty ? control?.releasingWrites() : marked else {
      print("\(what): its profile does not say how it is given back: do it by hand")
      return false
    }
    let key = SteeringKey(name, duty.control)
    var isFlash = duty.marker?.isFlash ?? (control == nil)
    if case .flash = control?.memory { isFlash = true }
    if isFlash { records.count(key, configuration) }
    let order = SteeringOrder(
      serial: 0, key: key, purpose: .release, writes: writes,
      spares: isFlash, expires: .distantFuture)
    switch await session.perform(order) {
    case .written:
      print("\(what) released")
    case .held:
      if isFlash { records.giveBack(key) }
      print("\(what) was released already")
    case .notWritten(let reason), .uncertain(let reason), .refused(let reason):
      let then = Self.afterwards([Duty(control: duty.control, marker: duty.marker)], control)
      print("\(what) not released: \(reason); \(then)")
      return false
    }
    records.forget(key)
    return true
  }

  /// What becomes of a device that could not be reached.
  private static func afterwards(_ duties: [Duty], _ control: DeviceControl? = nil) -> String {
    var timeouts = duties.map { $0.marker?.timeout }
    if case .timeout(let span) = control?.failSafe { timeouts = [span] }
    let longest = timeouts.compactMap { $0 }.max()
    guard let longest, !timeouts.contains(where: { $0 == nil }) else {
      return "it does not fall back by itself: set it back by hand"
    }
    return "it falls back by itself within \(longest.text)"
  }
}
