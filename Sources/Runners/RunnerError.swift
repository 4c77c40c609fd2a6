/// What went wrong in running jobs, in words for the household.
public struct RunnerError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: String, Hashable, Sendable {
    /// The batch file breaks a rule; the message names line and field.
    case invalidBatch
    /// A file or folder can't be read or written.
    case storage
    /// No room is left; what was written before is whole.
    case diskFull
    /// An address is not one of an engine, or a server can't listen there.
    case address
    /// A server can't be reached or answers what can't be used.
    case answer
    /// The system refuses a thread, a socket or a transfer.
    case system
  }

  public let code: Code
  /// What failed, where, and what to do.
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { message }
}
