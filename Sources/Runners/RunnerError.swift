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
    /// A limit of what is kept is reached.
    case full
    /// One thing is larger than it may be.
    case tooLarge
    /// The system refuses a thread, a socket or a transfer.
    case system
  }

  public let code: Code
  /// What failed, where, and what to do.
  public let message: String
  /// The line of a batch file that breaks the rule, from 1; nil where it is about no line.
  public let line: Int?
  /// The field of that line, such as `body.model`; nil where it is about no field.
  public let field: String?

  public init(_ code: Code, _ message: String, line: Int? = nil, field: String? = nil) {
    self.code = code
    self.message = message
    self.line = line
    self.field = field
  }

  public var description: String { message }
}
