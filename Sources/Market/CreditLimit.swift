import Quantities
import Sealing

/// What one buyer may still come to owe one seller.
///
/// Clearing is told who trusts whom pair by pair: of ten thousand households each knows a few, so
/// a question for every pair would be asked fifty million times to hear "nothing". A pair that no
/// limit names has no credit; one that is named twice has the smaller.
public struct CreditLimit: Hashable, Sendable {
  public let seller: PublicKey
  public let buyer: PublicKey
  /// Nothing is bought on a credit of zero or less.
  public let credit: Credits

  public init(seller: PublicKey, buyer: PublicKey, credit: Credits) {
    self.seller = seller
    self.buyer = buyer
    self.credit = credit
  }
}

extension Price {
  /// The most energy that `credits` pay for at this price, rounded down to a milliwatt-hour; at
  /// most `Order.maximumEnergy`, which is what it is at price zero.
  public func energy(for credits: Credits) -> Energy {
    guard credits > .zero else { return .zero }
    guard self > .zero else { return Order.maximumEnergy }
    // More than this buys the most at any price, and a million times this still fits.
    let paid = min(credits.rawValue, 9_000_000_000_000)
    return min(Energy(milliwattHours: paid * 1_000_000 / rawValue), Order.maximumEnergy)
  }
}
