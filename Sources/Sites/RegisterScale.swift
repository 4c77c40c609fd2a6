import Quantities

/// What one count of a register is worth, in watts, watt-hours or percent, as an exact ratio.
///
/// A ratio and not a decimal fraction, so that "a tenth of a watt" loses nothing on the way.
public struct RegisterScale: Hashable, Sendable {
  /// 1 to `limit`.
  public let numerator: Int64
  /// 1 to `limit`.
  public let denominator: Int64

  /// Leaves room for 32-bit counts in milliwatts without overflow.
  public static let limit: Int64 = 10_000
  public static let one = RegisterScale(trusted: 1, 1)

  private init(trusted numerator: Int64, _ denominator: Int64) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// Nil unless both are 1 to `limit`.
  public init?(_ numerator: Int64, over denominator: Int64) {
    let range = 1...Self.limit
    guard range.contains(numerator), range.contains(denominator) else { return nil }
    self.init(trusted: numerator, denominator)
  }

  /// The ratio in its lowest terms, such as what one hundredth of a percent of an inverter's rating
  /// is in watts; nil unless both terms are then 1 to a million.
  ///
  /// A million still leaves room for 32-bit counts in milliwatts.
  public init?(reducing numerator: Int64, over denominator: Int64) {
    guard numerator > 0, denominator > 0 else { return nil }
    var (divisor, rest) = (numerator, denominator)
    while rest != 0 { (divisor, rest) = (rest, divisor % rest) }
    let terms = (numerator / divisor, denominator / divisor)
    guard terms.0 <= 1_000_000, terms.1 <= 1_000_000 else { return nil }
    self.init(trusted: terms.0, terms.1)
  }

  /// Reads "1/10" or "1000"; nil for anything else.
  public init?(text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 1 || parts.count == 2, let numerator = Int64(parts[0]) else { return nil }
    guard let denominator = parts.count == 2 ? Int64(parts[1]) : 1 else { return nil }
    self.init(numerator, over: denominator)
  }

  /// `value` × `numerator` / `denominator`, rounded half away from zero.
  ///
  /// Nil when the product leaves `Int64`, the result leaves `magnitudeLimit`, or `denominator` is
  /// not positive: such a value is not one that a household's device could mean.
  static func rounded(_ value: Int64, times numerator: Int64, over denominator: Int64) -> Int64? {
    let (product, overflow) = value.multipliedReportingOverflow(by: numerator)
    guard !overflow, denominator > 0 else { return nil }
    let (quotient, remainder) = product.quotientAndRemainder(dividingBy: denominator)
    let roundsAway = remainder.magnitude >= denominator.magnitude - remainder.magnitude
    let result = roundsAway ? quotient + remainder.signum() : quotient
    return result.magnitude <= magnitudeLimit.magnitude ? result : nil
  }
}
