import Quantities

/// Where a value comes from.
public enum ValueQuality: Hashable, Sendable {
  /// A device said it.
  case measured
  /// Computed from what devices said at nearly the same time.
  case derived
  /// A sensor that is no meter said it: good for steering by, not for billing.
  case estimated
}

/// A value with its age and quality.
///
/// A reading without its time can't be told from a frozen one, so none goes without.
public struct Measured<Value: Hashable & Sendable>: Hashable, Sendable {
  public var value: Value
  /// When it was so; of a sum, the oldest part's time.
  public var at: Instant
  public var quality: ValueQuality

  public init(_ value: Value, at: Instant, quality: ValueQuality = .measured) {
    self.value = value
    self.at = at
    self.quality = quality
  }

  /// How old the value is at `now`; negative when the clock was set back since.
  public func age(at now: Instant) -> TimeSpan { now.since(at) }
}
