import Quantities

/// How fast an engine answers one job's requests, as the runner measured it: running means over
/// about the last eight answers.
public struct EnginePace: Hashable, Sendable {
  /// How many answers it is the mean of since the job was opened.
  public var answers: Int
  /// From sending a request to the end of its answer.
  public var request: TimeSpan
  /// Tokens generated in 1,000 seconds, one request by itself; nil until an answer was streamed.
  public var generation: Int64?
  /// Tokens read in 1,000 seconds, one request by itself; nil where nobody counts them.
  public var reading: Int64?
  /// Whether an answer that is broken off can be gone on with.
  public var continues: Bool

  public init(
    answers: Int, request: TimeSpan, generation: Int64? = nil, reading: Int64? = nil,
    continues: Bool
  ) {
    self.answers = answers
    self.request = request
    self.generation = generation
    self.reading = reading
    self.continues = continues
  }
}
