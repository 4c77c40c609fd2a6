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
  private func ledger(hearing chains: [[Record]]) throws -> CommunityLedger {
    var ledger = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(3))
    for chain in chains {
      for record in chain { _ = ledger.receive(record.bytes) }
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
    let sellers = pair.records(of: pair.seller.ownKey)
    let buyers = pair.records(of: pair.buyer.ownKey)
    for order in [[sellers, buyers], [buyers, sellers]] {
      let third = try ledger(hearing: order)
      #expect(third.accounts.balance(of: pair.seller.ownKey) == Credits(credits: 4))
      #expect(third.accounts.contracts.first?.stage == .acknowledged)
    }
    #expect(pair.recomputedBalance(of: pair.buyer.ownKey) == Credits(credits: -4))
    #expect(pair.recomputedBalance(of: pair.seller.ownKey) == Credits(credits: 4))
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
    let records = pair.records(of: key).map(\.bytes)
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
    let records = pair.records(of: key)
    var third = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(3))
    for (sequence, record) in records.enumerated() {
      var stored = record.bytes
      // Within the time: still a record in form.
      if sequence == 1 { stored[100] ^= 1 }
      _ = third.receive(stored, storedAs: record.identity)
    }
    #expect(third.chain(of: key)?.count == 1)
    for record in records { _ = third.receive(record.bytes) }
    #expect(third.chain(of: key)?.count == 2)
    #expect(third.forkers.isEmpty)
  }

  @Test("a buyer who never lets anything be settled has no new limit every seven days")
  func unsettled() throws {
    var pair = try LedgerTests.Pair()
    _ = try pair.bound()
    let (seller, buyer) = (pair.seller.ownKey, pair.buyer.ownKey)
    func unsettled(_ days: Int64) -> Credits {
      pair.seller.accounts.unsettled(
        seller: seller, buyer: buyer, at: Self.slot.end + TimeSpan(minutes: days * 1440))
    }
    #expect(unsettled(6) == .zero)
    #expect(unsettled(7) == Credits(credits: 5))
    for days: Int64 in [2, 9] {
      pair.seller.retire(at: Self.slot.end + TimeSpan(minutes: days * 1440))
      #expect(unsettled(10) == Credits(credits: 5))
    }
    // The owner states the limit again: before that lapsed he could not know, then he has seen it.
    for (days, left) in [(1, 5), (8, 0)] as [(Int64, Int64)] {
      _ = try pair.write(
        bySeller: true, .limit, body: [.integer(20_000)],
        at: Self.slot.end + TimeSpan(minutes: days * 1440))
      #expect(unsettled(10) == Credits(credits: left))
    }
  }

  @Test("a BIND or a SETTLE that comes after its contract was set aside counts once")
  func lateAnswers() throws {
    var pair = try LedgerTests.Pair()
    _ = try pair.write(bySeller: true, .limit, body: [.integer(20_000)])
    let accept = try pair.write(
      bySeller: false, .accept, link: Digest(of: [1]),
      body: EnergyTerms(
        slot: Self.slot, energy: Energy(wattHours: 500), price: Price(creditsPerKilowattHour: 10)
      ).body)
    pair.seller.retire(at: Self.before)
    let confirm = try pair.write(bySeller: true, .confirm, link: accept.identity)
    func credit(_ minutes: Int64) -> Credits {
      pair.seller.credit(
        seller: pair.seller.ownKey, buyer: pair.buyer.ownKey,
        at: Self.slot.end + TimeSpan(minutes: minutes))
    }
    #expect(credit(-20) == Credits(credits: 15))
    #expect(credit(1) == Credits(credits: 20))
    pair.seller.retire(at: Self.slot.end + TimeSpan(minutes: 2880))
    let bind = try pair.write(bySeller: false, .bind, link: confirm.identity)
    #expect(credit(2881) == Credits(credits: 15))
    pair.seller.retire(at: Self.slot.end + TimeSpan(minutes: 20_160))
    #expect(credit(20_161) == Credits(credits: 20))
    let settle = try pair.write(
      bySeller: true, .settle, link: bind.identity,
      body: LedgerTests.settlement(wattHours: 400, millicredits: 4000))
    #expect(credit(20_161) == Credits(credits: 16))
    _ = try pair.write(bySeller: false, .acknowledge, link: settle.identity)
    #expect(credit(20_161) == Credits(credits: 16))
    let seller = pair.seller.ownKey
    #expect(pair.seller.confirmedEnergy(of: seller) == Energy(wattHours: 500))
  }

  @Test("who writes without end is cut off, and a proof of his fork is taken all the same")
  func flood() throws {
    let keys = try LedgerTests.keys(2)
    var ledger = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(1))
    let padding = CBORValue.bytes([UInt8](repeating: 0, count: 3700))
    func record(_ sequence: Int64, after previous: Digest?, _ body: [CBORValue]) -> Record {
      Record(
        community: LedgerTests.community.identifier, keys: keys, sequence: sequence,
        previous: previous, time: Self.before, kind: .limit, peer: ledger.ownKey, link: nil,
        body: body)
    }
    var previous: Digest?
    var refusedAt: Int64?
    for sequence in 0..<Int64(CommunityLedger.maximumAuthorBytes / 3700) where refusedAt == nil {
      let next = record(sequence, after: previous, [padding])
      previous = next.identity
      if case .refused = ledger.receive(next.bytes, storedAs: next.identity) {
        refusedAt = sequence
      }
    }
    #expect(refusedAt.map { $0 > 4000 } == true)
    guard case .taken(_, _, provesFork: true) = ledger.receive(record(0, after: nil, []).bytes)
    else {
      Issue.record("the proof was not taken")
      return
    }
  }
}

extension CommunityLedger {
  fileprivate func confirmedEnergy(of party: PublicKey) -> Energy {
    accounts.confirmed(of: party, in: CheatingTests.slot).reduce(.zero) {
      $0 + Energy(rawValue: $1.terms.quantity)
    }
  }
}
