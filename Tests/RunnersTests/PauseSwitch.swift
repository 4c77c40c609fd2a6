import Planning
import Runners
import Synchronization

/// Pauses job 1 from the runner's own thread as soon as enough requests are done.
///
/// A test that waited for the count and paused then would be too late on a busy machine.
final class PauseSwitch: Sendable {
  private struct State {
    var thresholds: [Int]
    var pause: (@Sendable () -> Void)?
  }

  private let state: Mutex<State>

  /// Pauses once at each of these counts of completed requests, in rising order.
  init(at thresholds: [Int]) { state = Mutex(State(thresholds: thresholds)) }

  func connect(_ runner: BatchRunner) {
    state.withLock { state in
      state.pause = { [weak runner] in runner?.pause(job: JobNumber(1)) }
    }
  }

  func react(to event: RunnerEvent) {
    guard case .progress(let progress) = event, progress.feeding else { return }
    let pause = state.withLock { state -> (@Sendable () -> Void)? in
      guard let threshold = state.thresholds.first, progress.completed >= threshold else {
        return nil
      }
      state.thresholds.removeFirst()
      return state.pause
    }
    pause?()
  }
}
