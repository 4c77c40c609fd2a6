import Market
import Quantities
import Sealing

/// Who gets credit.
extension CommunityLedger {
  /// The authors who are proved to have forked, by key.
  public var forkers: [PublicKey] {
    sortedChains.filter(\.isForked).map(\.author)
  }

  /// Whether an author is proved to have forked.
  public func hasForked(_ author: PublicKey) -> Bool { chain(of: author)?.isForked == true }

  /// What `buyer` may still take on with `seller`: nothing for who forked, nor from this node while
  /// its own books are in doubt.
  public func credit(seller: PublicKey, buyer: PublicKey, at now: Instant) -> Credits {
    if hasForked(buyer) || hasForked(seller) { return .zero }
    if seller == ownKey, doubt.concerns(buyer) { return .zero }
    return accounts.credit(seller: seller, buyer: buyer, at: now)
  }

  /// Every `credit(seller:buyer:at:)` above zero of some sellers and buyers, by seller and buyer:
  /// what clearing goes by.
  public func creditLimits(
    of sellers: Set<PublicKey>, for buyers: Set<PublicKey>, at now: Instant
  ) -> [CreditLimit] {
    accounts.creditLimits(of: sellers, for: buyers, at: now).filter {
      !hasForked($0.buyer) && !hasForked($0.seller)
        && !($0.seller == ownKey && doubt.concerns($0.buyer))
    }
  }
}
