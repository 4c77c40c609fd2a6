import Ledger
import Market
import Quantities
import Sealing
import Testing

/// Circles of debts that a household is asked to take off.
@Suite struct CircleTests {
  static let before = LedgerTests.before

  /// A household that is owed 20 credits by the first neighbour and owes the second 20.
  struct Household {
    var ledger: CommunityLedger
    var trader: EnergyTrader
    let own: KeyPair
    let neighbours: [KeyPair]
    var writers: [StrangersTests.Writer]

    init() throws {
      own = try LedgerTests.keys(1)
      neighbours = [try LedgerTests.keys(2), try LedgerTests.keys(3)]
      let names = [neighbours[0].publicKey: "first", neighbours[1].publicKey: "second"]
      ledger = CommunityLedger(
        community: LedgerTests.community, keys: own, listed: Set(names.keys))
      trader = EnergyTrader(
        policy: MarketPolicy(), community: LedgerTests.community, keys: own, names: names)
      writers = neighbours.map { StrangersTests.Writer(keys: $0) }
      // Prepaid: who receipts more than it is owed owes it.
      receipt(by: 0, to: own.publicKey)
      _ = ledger.write(
        .receipt, peer: neighbours[1].publicKey, body: [.integer(20_000)], at: before)
      _ = ledger.write(.limit, peer: neighbours[1].publicKey, body: [.integer(20_000)], at: before)
    }

    mutating func receipt(by author: Int, to peer: PublicKey) {
      hear(writers[author].write(.receipt, to: peer, body: [.integer(20_000)]))
    }

    mutating func hear(_ record: Record) { _ = ledger.receive(record, isGenuine: true) }

    /// The first neighbour proposes the circle of all three.
    @discardableResult
    mutating func propose(_ amount: Int64, until: Instant) -> Record {
      let parties = [neighbours[0].publicKey, own.publicKey, neighbours[1].publicKey]
      let body = NettingProposal.body(
        amount: Credits(credits: amount), until: until, parties: parties)
      let net = writers[0].write(.net, to: own.publicKey, body: body)
      hear(net)
      return net
    }

    /// How much more the second may come to owe.
    func credit(at now: Instant) -> Credits {
      ledger.credit(seller: own.publicKey, buyer: neighbours[1].publicKey, at: now)
    }

    /// How many circles it agrees to now.
    mutating func agreements(at now: Instant = before) -> Int {
      trader.catchUp(&ledger, at: now).count { action in
        if case .record(let record) = action { record.kind == .agree } else { false }
      }
    }
  }

  @Test(
    "a circle is agreed to only where all its debts are there and it stands two days at most",
    arguments: [
      // Days, whether the second owes the first, agreements.
      (1, true, 1), (2, true, 1), (3, true, 0), (10_000_000, true, 0), (1, false, 0),
    ] as [(Int64, Bool, Int)])
  func agrees(days: Int64, closes: Bool, expected: Int) throws {
    var household = try Household()
    if closes { household.receipt(by: 1, to: household.neighbours[0].publicKey) }
    household.propose(4, until: Self.before + TimeSpan(minutes: days * 1440))
    let agreements = household.agreements()
    #expect(agreements == expected)
  }

  @Test("who leaves a circle unsigned is asked once, and may sign whenever it likes")
  func silent() throws {
    var household = try Household()
    household.receipt(by: 1, to: household.neighbours[0].publicKey)
    #expect(household.credit(at: Self.before) == Credits(credits: 40))
    let net = household.propose(4, until: Self.before + .day)
    var agreements = household.agreements()
    #expect(agreements == 1)
    let later = Self.before + TimeSpan(minutes: 300 * 1440)
    #expect(household.credit(at: later) == Credits(credits: 36))
    household.propose(4, until: later + .day)
    agreements = household.agreements(at: later)
    #expect(agreements == 0)
    // It may say that it signed in time, and need not.
    let agree = household.writers[1].write(
      .agree, to: household.neighbours[0].publicKey, link: net.identity, at: later)
    household.hear(agree)
    #expect(household.credit(at: later) == Credits(credits: 36))
    agreements = household.agreements(at: later)
    #expect(agreements == 1)
    #expect(household.credit(at: later) == Credits(credits: 32))
  }

  @Test("of a thousand circles of one proposer the one that stands longest is looked at")
  func flood() throws {
    var household = try Household()
    household.receipt(by: 1, to: household.neighbours[0].publicKey)
    for minutes: Int64 in 1...1000 {
      household.propose(1, until: Self.before + TimeSpan(minutes: minutes))
    }
    let own = household.own.publicKey
    let open = household.ledger.accounts.openProposals(for: own)
    #expect(open.map(\.until) == [Self.before + TimeSpan(minutes: 1000)])
    // What was signed away by who signs without end is counted of the longest-lived only.
    let agreements = household.agreements()
    #expect(agreements == 0)
    let snapshot = household.ledger.accounts.encoded
    let restored = try #require(Accounts(decoding: snapshot))
    #expect(restored.openProposals(for: own) == open)
  }
}
