import Quantities

/// A trade that a book gives: who sells how much to whom.
public struct Match: Hashable, Sendable {
  public let offer: Order
  public let bid: Order
  /// At least `Clearing.minimumEnergy`.
  public let energy: Energy
  /// Per kWh, the same in all trades of a slot.
  public let price: Price

  public init(offer: Order, bid: Order, energy: Energy, price: Price) {
    self.offer = offer
    self.bid = bid
    self.energy = energy
    self.price = price
  }

  /// What the buyer pays and the seller gets, rounded down to a millicredit.
  public var cost: Credits { price.cost(of: energy) }
}
