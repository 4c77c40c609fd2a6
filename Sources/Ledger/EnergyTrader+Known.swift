import Market
import Quantities
import Sealing

/// Whose orders count in this household's clearing: its own, and those of whom it has listed.
///
/// Keys cost nothing, and so do limits between keys that one hand has made. Counted, they would
/// serve this household's bid by sellers that deliver nothing, and set its price by sales that
/// nobody makes. Where two households have listed each other, each counts in the other's clearing.
extension EnergyTrader {
  /// So long after a slot a seller's statement is waited for without a thought.
  public static let statementPatience = TimeSpan.hour
  /// So many deliveries that a seller never stated, and more than it settled, end buying from it.
  public static let mostUnstated = 4
  /// How many of this house's latest contracts are looked at for that.
  private static let looksBack = 512

  /// Whether a node is this one, or one that its household has listed.
  public func knows(_ key: PublicKey) -> Bool { key == ownKey || names[key] != nil }

  /// The orders for `slot` that clearing goes by here, by author.
  public func knownOrders(in slot: TimeSlot) -> [Order] {
    book.orders(in: slot).filter { knows($0.author) }
  }

  /// The credits that clearing these orders goes by here, by seller and buyer.
  public func limits(
    among orders: [Order], _ ledger: CommunityLedger, at now: Instant
  ) -> [CreditLimit] {
    func authors(_ side: Order.Side) -> Set<PublicKey> {
      Set(orders.lazy.filter { $0.side == side && knows($0.author) }.map(\.author))
    }
    let silent = silentSellers(ledger, at: now)
    return ledger.creditLimits(of: authors(.offer), for: authors(.bid), at: now)
      .filter { !($0.buyer == ownKey && silent.contains($0.seller)) }
  }

  /// Who sold to this house again and again and never stated a meter, though this house did.
  ///
  /// A seller without a statement is paid nothing, but its cheap offers would keep the house from
  /// buying of those who deliver. What is more than seven days old is not counted: then the
  /// seller is tried again.
  private func silentSellers(_ ledger: CommunityLedger, at now: Instant) -> Set<PublicKey> {
    // Mostly nobody is: then contracts need not be looked through. Any order: a count.
    let waiting = ownStatements.keys.count { theirStatements[$0] == nil }
    guard waiting >= Self.mostUnstated else { return [] }
    var unstated: [PublicKey: Int] = [:]
    var settled: [PublicKey: Int] = [:]
    for contract in ledger.accounts.contracts(of: ownKey, latest: Self.looksBack)
    where contract.buyer == ownKey && contract.energyTerms != nil {
      switch contract.stage {
      case .bound, .settled:
        if isUnstated(contract, at: now) { unstated[contract.seller, default: 0] += 1 }
      case .disputed, .acknowledged: settled[contract.seller, default: 0] += 1
      default: break
      }
    }
    let silent = unstated.keys.sorted().filter { seller in
      let missing = unstated[seller] ?? 0
      return missing >= Self.mostUnstated && missing > settled[seller] ?? 0
    }
    return Set(silent)
  }

  private func isUnstated(_ contract: Contract, at now: Instant) -> Bool {
    let due = contract.terms.due
    return due + Self.statementPatience <= now && now < due + Contract.settlementTimeOut
      && ownStatements[contract.identifier] != nil && theirStatements[contract.identifier] == nil
  }
}
