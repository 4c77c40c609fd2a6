import Quantities
import Sealing

/// How much a creditor lets a debtor owe: the body of a LIMIT.
///
/// The creditor types it. It may let the limit grow with what the debtor has really given: money
/// that the creditor has receipted, and deliveries that the creditor has acknowledged, since that
/// LIMIT. What third parties do among themselves never counts.
public struct LimitRule: Hashable, Sendable {
  /// The highest limit that a LIMIT record may state: a million credits.
  public static let maximum = Credits(credits: 1_000_000)

  public let amount: Credits
  /// Thousandths of what the debtor has given that the limit grows by: 0…1000.
  public let growth: Int64
  /// What it grows to at most, never less than `amount`.
  public let ceiling: Credits

  public init(amount: Credits, growth: Int64 = 0, ceiling: Credits? = nil) {
    self.amount = amount
    self.growth = growth
    self.ceiling = ceiling ?? amount
  }

  /// Reads a LIMIT's body, [amount] or [amount, growth, ceiling]; nil when it is out of range.
  init?(body: [CBORValue]) {
    let most = Self.maximum.rawValue
    guard body.count == 1 || body.count == 3,
      let amount = body[0].integer, (0...most).contains(amount)
    else { return nil }
    self.amount = Credits(rawValue: amount)
    guard body.count == 3 else {
      growth = 0
      ceiling = self.amount
      return
    }
    guard let growth = body[1].integer, (0...1000).contains(growth),
      let ceiling = body[2].integer, (amount...most).contains(ceiling)
    else { return nil }
    self.growth = growth
    self.ceiling = Credits(rawValue: ceiling)
  }

  /// The body of a LIMIT record.
  public var body: [CBORValue] {
    growth == 0
      ? [.integer(amount.rawValue)]
      : [.integer(amount.rawValue), .integer(growth), .integer(ceiling.rawValue)]
  }

  /// What may be owed once the debtor has given so much since.
  public func inForce(given: Credits) -> Credits {
    min(ceiling, amount + max(.zero, given).scaled(by: growth, over: 1000))
  }
}
