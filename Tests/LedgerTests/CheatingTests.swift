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

  @Test("a neighbour's bare word on the own chain silences a node for minutes, not for ever")
  func falseClaim() throws {
    var pair = try LedgerTests.Pair()
    _ = try pair.bound()
    var now = Self.before
    func mayWrite() -> Bool {
      pair.seller.write(.limit, peer: pair.buyer.ownKey, body: [.integer(1)], at: now) != nil
    }
    pair.seller.heardOwnLength(1_000_000_000, from: pair.buyer.ownKey, at: now)
    #expect(!mayWrite())
    #expect(pair.seller.doubtClaims(at: now + TimeSpan(minutes: 5)).isEmpty)
    #expect(!mayWrite())
    now = now + TimeSpan(minutes: 10)
    #expect(pair.seller.doubtClaims(at: now) == [pair.buyer.ownKey])
    #expect(mayWrite())
    pair.seller.heardOwnLength(1_000_000_000, from: pair.buyer.ownKey, at: now)
    #expect(mayWrite())
  }

  @Test("a claim that own records bear out keeps a restored node from signing until it has all")
  func trueClaim() throws {
    var pair = try LedgerTests.Pair()
    _ = try pair.bound()
    let key = pair.buyer.ownKey
    let records = Array(try #require(pair.seller.chain(of: key)).records(from: 0, limit: 10))
    #expect(records.count == 2)
    var restored = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(2))
    restored.heardOwnLength(2, from: pair.seller.ownKey, at: Self.before)
    _ = restored.receive(records[0])
    #expect(restored.doubtClaims(at: Self.before + TimeSpan(minutes: 20)).isEmpty)
    #expect(!restored.maySign)
    // Nobody's word, but its own signature: proved, and never doubted.
    var other = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(2))
    _ = other.receive(records[1])
    #expect(other.doubtClaims(at: Self.before + TimeSpan(minutes: 60)).isEmpty)
    #expect(!other.maySign)
    for bytes in records {
      _ = restored.receive(bytes)
      _ = other.receive(bytes)
    }
    #expect(restored.maySign)
    #expect(other.maySign)
  }

  @Test("bytes that were damaged in the store are missing, and make no forger of their author")
  func damaged() throws {
    var pair = try LedgerTests.Pair()
    _ = try pair.bound()
    let key = pair.buyer.ownKey
    let chain = try #require(pair.seller.chain(of: key))
    var third = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(3))
    for (sequence, bytes) in chain.records(from: 0, limit: 10).enumerated() {
      var stored = bytes
      // Within the time: still a record in form.
      if sequence == 1 { stored[100] ^= 1 }
      let identity = try #require(chain.identity(at: Int64(sequence)))
      _ = third.receive(stored, storedAs: identity)
    }
    #expect(third.chain(of: key)?.count == 1)
    for bytes in chain.records(from: 0, limit: 10) { _ = third.receive(bytes) }
    #expect(third.chain(of: key)?.count == 2)
    #expect(third.forks.isEmpty)
  }
}
