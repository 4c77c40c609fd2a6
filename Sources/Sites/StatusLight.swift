/// What the light on the box says; dark means that no node runs.
public enum StatusLight: String, Hashable, Sendable {
  /// Steady: all is well.
  case steady
  /// One second on, one off: surplus is being used.
  case slow
  /// Five times a second: something needs a look; STATUS says what.
  case fast

  /// What it is to say.
  public init(isTroubled: Bool, isWorking: Bool) {
    self = isTroubled ? .fast : isWorking ? .slow : .steady
  }

  /// Whether it is lit so long after the pattern began.
  public func isLit(afterMilliseconds elapsed: Int64) -> Bool {
    elapsed / (halfPeriodMilliseconds ?? .max) % 2 == 0
  }

  /// How long it stays lit and dark; nil where it doesn't blink.
  public var halfPeriodMilliseconds: Int64? {
    switch self {
    case .steady: nil
    case .slow: 1000
    case .fast: 100
    }
  }
}
