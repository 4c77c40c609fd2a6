import Sites

/// What a node's GPIO lines tell unasked.
public enum GPIOReport: Hashable, Sendable {
  /// A relay's line could not be switched.
  case relayFailed(String, reason: String)
  case button(ButtonPress)
  /// A line other than a relay's is gone, or is back.
  case trouble(String)
}
