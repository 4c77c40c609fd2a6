/// Why a link, a socket, a console or a spool can't be set up or used.
public struct LinkError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// The operating system refused.
    case system
    /// GnuTLS refused.
    case security
    /// An address, path or setting that can't be meant.
    case invalid
    /// Nobody answers there.
    case unreachable
    /// No whole answer in time.
    case timeout
  }

  public let code: Code
  /// What failed, where, and what to do.
  public let text: String

  public init(_ code: Code, _ text: String) {
    self.code = code
    self.text = text
  }

  public var description: String { text }
}
