/// Where a job stands, as the runner counts the lines on disk.
public struct JobProgress: Hashable, Sendable {
  public var job: JobNumber
  /// Requests answered well, each a durable line in the results.
  public var completed: Int
  /// Requests that failed for good, each a durable line in the errors.
  public var failed: Int
  /// Requests that are with the engine now.
  public var inFlight: Int
  /// Tokens read so far, where the engine counts them.
  public var promptTokens: Int64
  /// Tokens generated so far, where the engine counts them.
  public var completionTokens: Int64
  /// Whether the runner feeds requests; false while it drains or rests.
  public var feeding: Bool
  /// Whether the result files are closed and have their final names.
  public var isClosed: Bool
  /// How fast the engine answers its requests; nil before the first answer.
  public var pace: EnginePace?

  public init(
    job: JobNumber, completed: Int, failed: Int, inFlight: Int, promptTokens: Int64 = 0,
    completionTokens: Int64, feeding: Bool, isClosed: Bool = false
  ) {
    self.job = job
    self.completed = completed
    self.failed = failed
    self.inFlight = inFlight
    self.promptTokens = promptTokens
    self.completionTokens = completionTokens
    self.feeding = feeding
    self.isClosed = isClosed
  }
}
