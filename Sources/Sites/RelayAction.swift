import Quantities

/// What a house's relays want done.
public enum RelayAction: Hashable, Sendable {
  /// Switch the relay's coil; a failure is told by `RelayBank.failed`.
  case turn(String, on: Bool)
  /// Call `RelayBank.settle` at this time; a later wish replaces an earlier one.
  case wake(at: Instant)
  /// One line for the journal and the screen.
  case say(String)
}

/// Why a relay is not switched as its owner said.
public struct RelayRefusal: Error, Hashable, Sendable {
  /// What is in the way and what to do, for a person; begins in lower case.
  public let reason: String

  public init(_ reason: String) { self.reason = reason }
}
