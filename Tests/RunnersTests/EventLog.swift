import Planning
import Runners
import Synchronization

/// Everything that a runner told, to be waited for.
final class EventLog: Sendable {
  private let events = Mutex<[RunnerEvent]>([])

  var all: [RunnerEvent] { events.withLock { $0 } }

  func add(_ event: RunnerEvent) { events.withLock { $0.append(event) } }

  func latest(_ job: Int64) -> JobProgress? {
    for case .progress(let progress) in all.reversed() where progress.job == JobNumber(job) {
      return progress
    }
    return nil
  }

  var held: [String] {
    all.compactMap { if case .held(_, let reason) = $0 { reason } else { nil } }
  }

  var engineStates: [EngineState] {
    all.compactMap { if case .engine(let state) = $0 { state } else { nil } }
  }

  /// Waits until `condition` holds; false when that took too long.
  func wait(seconds: Int = 120, until condition: (EventLog) -> Bool) async throws -> Bool {
    let clock = ContinuousClock()
    let deadline = clock.now + .seconds(seconds)
    while !condition(self) {
      guard clock.now < deadline else { return false }
      try await Task.sleep(for: .milliseconds(5))
    }
    return true
  }

  /// Waits until job 1 has all of its requests behind it.
  func waitForEnd(requests: Int, job: Int64 = 1) async throws -> Bool {
    try await wait { log in
      guard let progress = log.latest(job) else { return false }
      return progress.completed + progress.failed == requests
    }
  }
}
