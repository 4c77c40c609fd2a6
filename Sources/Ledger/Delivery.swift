import Quantities

/// What two meters say was delivered for a contract.
public struct Delivery: Hashable, Sendable {
  /// What the seller may claim.
  public let claimed: Energy
  /// What both meters bear out: the lesser share, never more than agreed.
  public let undisputed: Energy

  /// Compares both sides' statements.
  ///
  /// Over a grid that all share, two meters need not agree, and the lesser share counts. A link's
  /// two meters measure one flow: where less arrived than the agreed loss and both registers' steps
  /// explain, the seller claims what should have arrived, and the difference is in dispute.
  public init(of terms: EnergyTerms, seller: MeterStatement, buyer: MeterStatement) {
    undisputed = min(terms.energy, seller.share, buyer.share)
    guard case .link(let loss) = terms.metering else {
      claimed = undisputed
      return
    }
    let expected = min(terms.energy, seller.share.scaled(by: 1000 - loss, over: 1000))
    let tolerance = seller.resolution + buyer.resolution
    claimed = expected - tolerance > buyer.share ? expected : undisputed
  }
}
