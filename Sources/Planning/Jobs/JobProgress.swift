/// Where a job stands, as the runner counts the lines on disk.
public struct JobProgress: Hashable, Sendable {
  public var job: JobNumber
  /// Requests answered well, each a durable line in the results.
  public var completed: Int
  /// Requests that failed for good, each a durable line in the errors.
  public var failed: Int
  /// Requests that are with the engine now.
  public var inFlight: Int
  /// Tokens generated so far, where the engine counts them.
  public var completionTokens: Int64
  /// Whether the runner feeds requests; false while it drains or rests.
  public var feeding: Bool

  public init(
    job: JobNumber, completed: Int, failed: Int, inFlight: Int, completionTokens: Int64,
    feeding: Bool
  ) {
    self.job = job
    self.completed = completed
    self.failed = failed
    self.inFlight = inFlight
    self.completionTokens = completionTokens
    self.feeding = feeding
  }
}
