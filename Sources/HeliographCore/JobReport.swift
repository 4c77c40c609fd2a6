import Planning
import Quantities

/// One job as programs ask for it: with why it stands where it stands, and when it may be done.
public struct JobReport: Hashable, Sendable {
  public var job: Job
  /// The latest decision about it, or what it waits for now.
  public var note: String
  /// When the plan has it done; nil where it sees no end of it.
  public var estimatedEnd: Instant?

  public init(job: Job, note: String, estimatedEnd: Instant?) {
    self.job = job
    self.note = note
    self.estimatedEnd = estimatedEnd
  }
}
