import Quantities
import Sealing

/// What buyers have left unbound.
extension Accounts {
  /// Contracts for energy that the buyer did not bind before their slot, of the last day, and what
  /// they cost together.
  ///
  /// A BIND that was written in time may still come, and brings its contract back to life. A buyer
  /// that keeps its BINDs back would otherwise have its limit again each slot, and could show all
  /// of them at once.
  public func unbound(
    seller: PublicKey, buyer: PublicKey, at now: Instant
  ) -> (contracts: Int, cost: Credits) {
    let left = table.exposing(CreditPair(creditor: seller, debtor: buyer)).filter {
      $0.stage == .confirmed && $0.energyTerms != nil && !$0.isLive(at: now)
        && $0.isLive(at: now - TimeSpan.day)
    }
    return (left.count, left.reduce(.zero) { $0 + $1.terms.cost })
  }
}
