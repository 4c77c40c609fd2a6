import Sites

/// Why something about jobs or plans can't be done.
public enum PlanningError: Error, Hashable, Sendable {
  /// Stored bytes that aren't what was stored, under this key.
  case unreadable(key: String)
  /// No job has this number.
  case noSuchJob(JobNumber)
  /// As many jobs as the queue holds are unfinished already.
  case queueFull(limit: Int)
  /// The owner's command is a job already that is not done.
  case alreadyQueued(JobNumber)
  /// The job is done: there is nothing to pause or resume.
  case alreadyDone(JobNumber)

  /// What failed and what to do, in one line.
  public var message: String {
    switch self {
    case .unreadable(let key):
      ReasonLine.fit("stored \(key) can't be read and is left out; it is learned or typed anew")
    case .noSuchJob(let number): "no job \(number); JOBS lists them"
    case .queueFull(let limit): "\(limit) jobs are waiting, no more fit; try again when one is done"
    case .alreadyQueued(let number): "it is job \(number) already; CANCEL \(number) takes that back"
    case .alreadyDone(let number): "job \(number) is done"
    }
  }
}
