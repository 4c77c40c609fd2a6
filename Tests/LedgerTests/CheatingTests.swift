import Ledger
import Market
import Quantities
import Sealing
import Testing

/// What a neighbour that does not keep to the rules can bring about.
@Suite struct CheatingTests {
  static let slot = LedgerTests.slot
  static let before = LedgerTests.before

  /// A ledger of a third node that hears one author's chain after the other's.
  private func ledger(hearing chains: [Chain]) throws -> CommunityLedger {
    var ledger = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(3))
    for chain in chains {
      for bytes in chain.records(from: 0, limit: 100) { _ = ledger.receive(bytes) }
    }
    return ledger
  }

  @Test("of two settlements of one contract the seller's first counts, whatever came first")
  func twoSettlements() throws {
    var pair = try LedgerTests.Pair()
    let bind = try pair.bound()
    let first = try pair.write(
      bySeller: true, .settle, link: bind.identity,
      body: LedgerTests.settlement(wattHours: 400, millicredits: 4000))
    _ = try pair.write(
      bySeller: true, .settle, link: bind.identity,
      body: LedgerTests.settlement(wattHours: 500, millicredits: 5000))
    _ = try pair.write(bySeller: false, .acknowledge, link: first.identity)
    let sellers = try #require(pair.buyer.chain(of: pair.seller.ownKey))
    let buyers = try #require(pair.buyer.chain(of: pair.buyer.ownKey))
    for order in [[sellers, buyers], [buyers, sellers]] {
      let third = try ledger(hearing: order)
      #expect(third.accounts.balance(of: pair.seller.ownKey) == Credits(credits: 4))
      #expect(third.accounts.contracts.first?.stage == .acknowledged)
    }
    #expect(pair.buyer.recomputedAccounts().balance(of: pair.buyer.ownKey) == Credits(credits: -4))
    #expect(pair.seller.recomputedAccounts().balance(of: pair.seller.ownKey) == Credits(credits: 4))
  }
}
