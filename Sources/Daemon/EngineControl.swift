import Dispatch
import Glibc
import HeliographCore
import Planning
import Quantities
import Runners
import Synchronization

/// Does to the engine's program and its graphics card what the station wants, and says what came of
/// it.
final class EngineControl: Sendable {
  private let process: EngineProcess?
  private let card: GPUPowerLimit?
  private let queue: EventQueue
  private let wanted: Wanted
  /// Setting a card's limit runs a program, which takes its time.
  private let cardQueue = DispatchQueue(label: "card")

  /// What was ordered last: an end that was wished is no failure.
  private final class Wanted: Sendable {
    let order = Mutex(EngineOrder.stop)
  }

  /// Nil for a node that neither starts its engine nor limits its card. `started` is called when
  /// the program runs.
  init?(
    _ jobs: Configuration.Jobs?, queue: EventQueue, started: @escaping @Sendable () -> Void
  ) throws(ServiceError) {
    guard let jobs, jobs.process != nil || jobs.limitPower else { return nil }
    let wanted = Wanted()
    do {
      process = try jobs.process.map { kind throws(RunnerError) in
        try EngineProcess(kind, directory: jobs.directory + "/.engine") { event in
          if case .started = event { started() }
          queue.offer(.engineProcess(Self.state(event, after: wanted.order.withLock { $0 })))
        }
      }
    } catch { throw ServiceError("jobs: \(error)") }
    card = jobs.limitPower ? GPUPowerLimit(usesUnit: geteuid() != 0) : nil
    self.queue = queue
    self.wanted = wanted
    lookAtCard()
  }

  private static func state(
    _ event: EngineProcess.Event, after order: EngineOrder
  ) -> EngineProcessState {
    switch event {
    case .started: .started
    case .frozen: .frozen
    case .thawed: .thawed
    case .ended(let reason, _): order == .stop ? .stopped : .failed(reason: reason)
    case .failed(let reason):
      order == .freeze || order == .thaw ? .notEased(reason: reason) : .failed(reason: reason)
    }
  }

  func perform(_ order: EngineOrder) {
    switch order {
    case .start, .stop, .freeze, .thaw:
      wanted.order.withLock { $0 = order }
      switch order {
      case .start: process?.start()
      case .stop: process?.stop()
      case .freeze: process?.freeze()
      default: process?.thaw()
      }
    // The runner's: the program itself is not touched.
    case .unload: break
    case .limitPower(let power): limit { card throws(RunnerError) in _ = try card.set(power) }
    case .freePower: limit { card throws(RunnerError) in _ = try card.reset() }
    }
  }

  private func limit(
    _ change: @escaping @Sendable (GPUPowerLimit) throws(RunnerError) -> Void
  ) {
    guard let card else { return }
    cardQueue.async { [queue] in
      do throws(RunnerError) { try change(card) } catch {
        queue.offer(.engineProcess(.notEased(reason: error.message)))
      }
    }
  }

  /// Tells the station what the card may be limited to.
  private func lookAtCard() {
    guard let card else { return }
    cardQueue.async { [queue] in
      do throws(RunnerError) {
        let range = try card.range()
        // What an earlier run that was killed has left lower than usual.
        if range.present < range.usual { _ = try card.reset() }
        if range.lowest < range.usual { queue.offer(.engineCard(range.lowest...range.usual)) }
      } catch {
        queue.offer(.engineProcess(.notEased(reason: error.message)))
      }
    }
  }

  /// Gives the card its usual limit back and ends a child; a unit is left to the next start.
  func close() {
    if let card { cardQueue.sync { _ = try? card.reset() } }
    process?.close()
  }
}
