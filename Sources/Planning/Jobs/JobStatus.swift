/// Where a job of the queue stands.
public enum JobStatus: Hashable, Sendable {
  /// Waits for surplus, its planned time, the engine or other jobs.
  case waiting
  case running
  /// Is fed nothing more; requests in flight finish. Then it waits, or rests if the owner said so.
  case draining
  /// The owner said pause; only the owner resumes it.
  case paused
  /// The runner can't go on; the owner resumes it when the reason is gone.
  case held(reason: String)
  /// Was cancelled or ran out of time; the runner lets requests in flight finish and closes its
  /// files.
  case ending
  case done

  /// One or two words for a person.
  public var text: String {
    switch self {
    case .waiting: "waiting for sun"
    case .running: "running"
    case .draining: "draining"
    case .paused: "paused"
    case .held: "held"
    case .ending: "ending"
    case .done: "done"
    }
  }
}
