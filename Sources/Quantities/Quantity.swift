/// A whole number of one unit, kept as an `Int64`.
///
/// Everything that is signed, settled or planned is an integer, so two machines that compute the
/// same thing get the same bytes. Sums that overflow trap: values from outside the process are
/// checked against `magnitudeLimit` where they enter, which leaves room for any sum we form.
public protocol Quantity: Hashable, Comparable, AdditiveArithmetic, Sendable, Codable {
  /// The value in the type's smallest unit.
  var rawValue: Int64 { get }
  init(rawValue: Int64)
}

/// The largest magnitude accepted from outside for any quantity: 10¹⁵ smallest units.
public let magnitudeLimit: Int64 = 1_000_000_000_000_000

extension Quantity {
  public static var zero: Self { Self(rawValue: 0) }

  public static func + (left: Self, right: Self) -> Self {
    Self(rawValue: left.rawValue + right.rawValue)
  }

  public static func - (left: Self, right: Self) -> Self {
    Self(rawValue: left.rawValue - right.rawValue)
  }

  public static prefix func - (value: Self) -> Self { Self(rawValue: -value.rawValue) }

  public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  /// The value without its sign.
  public var magnitude: Self { Self(rawValue: abs(rawValue)) }

  /// The value held within `range`.
  public func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }

  /// The value times a ratio, rounded toward zero; exact in between (128-bit product).
  ///
  /// Traps when `denominator` is zero or the result leaves `Int64`.
  public func scaled(by numerator: Int64, over denominator: Int64) -> Self {
    let product = rawValue.multipliedFullWidth(by: numerator)
    return Self(rawValue: denominator.dividingFullWidth(product).quotient)
  }

  public init(from decoder: any Decoder) throws {
    self.init(rawValue: try decoder.singleValueContainer().decode(Int64.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(rawValue)
  }
}
