/// Why the daemon can't start: one line that says what failed, where, and what to do.
public struct ServiceError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
