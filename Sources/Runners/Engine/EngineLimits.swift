/// The bounds within which an engine is talked to; all times in milliseconds.
public struct EngineLimits: Hashable, Sendable {
  /// To be connected by.
  public var connectMilliseconds: Int
  /// Without a single byte; a long prompt on a small board takes minutes before its first token.
  /// Counted in whole seconds, at least one.
  public var silenceMilliseconds: Int
  /// For one whole request.
  public var requestMilliseconds: Int
  /// Of one response, streamed or not.
  public var responseBytes: Int
  /// Of one line of a stream.
  public var lineBytes: Int
  /// How often a line is tried before it fails; an engine that can't be reached doesn't count.
  public var attempts: Int
  /// The first wait before something is tried again; each further one is twice as long.
  public var backOffMilliseconds: Int64
  /// The longest such wait.
  public var longestBackOffMilliseconds: Int64

  public init(
    connectMilliseconds: Int = 5_000, silenceMilliseconds: Int = 300_000,
    requestMilliseconds: Int = 3_600_000, responseBytes: Int = 8 << 20, lineBytes: Int = 1 << 20,
    attempts: Int = 5, backOffMilliseconds: Int64 = 500,
    longestBackOffMilliseconds: Int64 = 60_000
  ) {
    self.connectMilliseconds = connectMilliseconds
    self.silenceMilliseconds = silenceMilliseconds
    self.requestMilliseconds = requestMilliseconds
    self.responseBytes = responseBytes
    self.lineBytes = lineBytes
    self.attempts = attempts
    self.backOffMilliseconds = backOffMilliseconds
    self.longestBackOffMilliseconds = longestBackOffMilliseconds
  }

  /// The wait after the `failures`th failure in a row, from 1.
  func backOff(after failures: Int) -> Int64 {
    min(backOffMilliseconds << Int64(min(max(failures - 1, 0), 20)), longestBackOffMilliseconds)
  }
}
