import Planning
import Quantities

/// A job runner whose requests each take the same time, so that a job's work is its running time.
///
/// As the real one, it lets a request in flight finish after a pause, and says so.
struct VirtualEngine: Sendable {
  /// How long a request takes.
  let requestSpan: TimeSpan
  private(set) var job: (index: Int, number: JobNumber)?
  /// Until when a request is in flight after a pause; nil while it is fed.
  private(set) var drainsUntil: Instant?

  init(requestSpan: TimeSpan) { self.requestSpan = requestSpan }

  /// How many requests make a job of `duration`.
  func requests(in duration: TimeSpan) -> Int {
    Int((duration.milliseconds + requestSpan.milliseconds - 1) / requestSpan.milliseconds)
  }

  mutating func start(_ index: Int, number: JobNumber) {
    job = (index, number)
    drainsUntil = nil
  }

  /// Feeds nothing more; what is in flight finishes.
  mutating func pause(_ worked: TimeSpan, at now: Instant) {
    guard job != nil, drainsUntil == nil else { return }
    let into = worked.milliseconds % requestSpan.milliseconds
    let left = into == 0 ? 0 : requestSpan.milliseconds - into
    drainsUntil = now + TimeSpan(milliseconds: left)
  }

  /// Where the job stands after having `worked`, of `duration`; nil where none runs.
  ///
  /// The engine is free once the job has ended or drained.
  mutating func progress(
    worked: TimeSpan, of duration: TimeSpan, at now: Instant
  ) -> JobProgress? {
    guard let job else { return nil }
    let isDone = worked >= duration
    let hasDrained = drainsUntil.map { now >= $0 } ?? false
    let completed =
      isDone ? requests(in: duration) : Int(worked.milliseconds / requestSpan.milliseconds)
    let progress = JobProgress(
      job: job.number, completed: completed, failed: 0, inFlight: isDone || hasDrained ? 0 : 1,
      completionTokens: 0, feeding: drainsUntil == nil && !isDone)
    if isDone || hasDrained {
      self.job = nil
      drainsUntil = nil
    }
    return progress
  }
}
