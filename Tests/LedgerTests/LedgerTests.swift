import Ledger
import Market
import Quantities
import Sealing
import Testing

@Suite struct LedgerTests {
  static let community = Community(name: "test")
  static let slot = TimeSlot(index: 2_000_000)
  static let before = slot.start - TimeSpan(minutes: 1)

  static func keys(_ number: UInt8) throws -> KeyPair {
    try #require(KeyPair(seed: [UInt8](repeating: number, count: 32)))
  }

  /// Two ledgers that tell each other everything at once.
  struct Pair {
    var seller: CommunityLedger
    var buyer: CommunityLedger
    /// Everything that was written, in order.
    private(set) var history: [Record] = []

    init() throws {
      seller = CommunityLedger(community: community, keys: try keys(1))
      buyer = CommunityLedger(community: community, keys: try keys(2))
    }

    mutating func write(
      bySeller: Bool, _ kind: Record.Kind, link: Digest? = nil, body: [CBORValue] = [],
      at now: Instant = LedgerTests.before
    ) throws -> Record {
      let peer = bySeller ? buyer.ownKey : seller.ownKey
      let written =
        bySeller
        ? seller.write(kind, peer: peer, link: link, body: body, at: now)
        : buyer.write(kind, peer: peer, link: link, body: body, at: now)
      let record = try #require(written?.record)
      history.append(record)
      if bySeller { _ = buyer.receive(record.bytes) } else { _ = seller.receive(record.bytes) }
      return record
    }

    /// The records of one author, in order.
    func records(of author: PublicKey) -> [Record] { history.filter { $0.author == author } }

    /// The balance of `party` that follows from the history, applied anew.
    func recomputedBalance(of party: PublicKey) -> Credits {
      var accounts = Accounts()
      for record in history { _ = accounts.apply(record) }
      return accounts.balance(of: party)
    }

    /// A contract of 500 Wh at 10 credits a kWh, brought to BIND.
    mutating func bound() throws -> Record {
      _ = try write(bySeller: true, .limit, body: [.integer(20_000)])
      let accept = try write(
        bySeller: false, .accept, link: Digest(of: [1]),
        body: EnergyTerms(
          slot: slot, energy: Energy(wattHours: 500), price: Price(creditsPerKilowattHour: 10)
        ).body)
      let confirm = try write(bySeller: true, .confirm, link: accept.identity)
      return try write(bySeller: false, .bind, link: confirm.identity)
    }
  }

  static func settlement(wattHours: Int64, millicredits: Int64) -> [CBORValue] {
    ContractState.Settlement(
      quantity: Energy(wattHours: wattHours).rawValue,
      amount: Credits(millicredits: millicredits),
      statements: [Digest(of: [2]), Digest(of: [3])]
    ).body
  }

  @Test("a settled and acknowledged contract moves the balance of both sides alike, once")
  func settles() throws {
    var pair = try Pair()
    let bind = try pair.bound()
    let body = Self.settlement(wattHours: 400, millicredits: 4000)
    let settle = try pair.write(bySeller: true, .settle, link: bind.identity, body: body)
    _ = try pair.write(bySeller: true, .settle, link: bind.identity, body: body)
    let seller = pair.seller.ownKey
    let buyer = pair.buyer.ownKey
    #expect(pair.buyer.accounts.balance(of: seller) == .zero)
    _ = try pair.write(bySeller: false, .acknowledge, link: settle.identity)
    _ = try pair.write(bySeller: false, .acknowledge, link: settle.identity)
    for ledger in [pair.seller, pair.buyer] {
      #expect(ledger.accounts.balance(of: seller, with: buyer) == Credits(credits: 4))
      #expect(ledger.accounts.balance(of: buyer, with: seller) == Credits(credits: -4))
      #expect(pair.recomputedBalance(of: seller) == Credits(credits: 4))
      #expect(
        ledger.credit(seller: seller, buyer: buyer, at: Self.slot.end)
          == Credits(credits: 16))
    }
  }

  @Test("clearing is told every credit there is, and of debts the other way round too")
  func creditLimits() throws {
    var pair = try Pair()
    #expect(pair.seller.creditLimits(at: Self.before).isEmpty)
    let bind = try pair.bound()
    let body = Self.settlement(wattHours: 400, millicredits: 4000)
    let settle = try pair.write(bySeller: true, .settle, link: bind.identity, body: body)
    _ = try pair.write(bySeller: false, .acknowledge, link: settle.identity)
    let (seller, buyer) = (pair.seller.ownKey, pair.buyer.ownKey)
    // The buyer owes 4 of the 20 it was given; for those 4 the seller may buy, though the buyer
    // never stated a limit.
    let given = CreditLimit(seller: seller, buyer: buyer, credit: Credits(credits: 16))
    let owed = CreditLimit(seller: buyer, buyer: seller, credit: Credits(credits: 4))
    let known = pair.buyer.creditLimits(at: Self.slot.end)
    #expect(Set(known) == [given, owed])
    for limit in known {
      let credit = pair.buyer.credit(seller: limit.seller, buyer: limit.buyer, at: Self.slot.end)
      #expect(credit == limit.credit)
    }
  }

  @Test(
    "a settlement beyond what was agreed, or at another price, has no effect",
    arguments: [
      (501, 5010), (400, 4001), (400, 3999), (-1, 0),
    ])
  func wrongSettlement(_ wattHours: Int64, _ millicredits: Int64) throws {
    var pair = try Pair()
    let bind = try pair.bound()
    _ = try pair.write(
      bySeller: true, .settle, link: bind.identity,
      body: Self.settlement(wattHours: wattHours, millicredits: millicredits))
    #expect(pair.buyer.accounts.contracts.first?.stage == .bound)
  }

  @Test("what was not bound before the slot begins never binds, and exposes nobody")
  func lateBind() throws {
    var pair = try Pair()
    let accept = try pair.write(
      bySeller: false, .accept, link: Digest(of: [1]),
      body: EnergyTerms(
        slot: Self.slot, energy: Energy(wattHours: 500), price: Price(creditsPerKilowattHour: 10)
      ).body)
    let confirm = try pair.write(bySeller: true, .confirm, link: accept.identity)
    _ = try pair.write(bySeller: false, .bind, link: confirm.identity, at: Self.slot.start)
    let found = pair.seller.accounts.contract(accept.identity)
    let contract = try #require(found)
    #expect(contract.stage == .confirmed)
    #expect(contract.exposure(at: Self.before) == Credits(credits: 5))
    #expect(contract.exposure(at: Self.slot.start) == .zero)
  }

  @Test("a stranger, or the wrong side, moves no contract")
  func wrongAuthor() throws {
    var pair = try Pair()
    let bind = try pair.bound()
    let body = Self.settlement(wattHours: 400, millicredits: 4000)
    _ = try pair.write(bySeller: false, .settle, link: bind.identity, body: body)
    var stranger = CommunityLedger(community: Self.community, keys: try Self.keys(3))
    let written = stranger.write(
      .settle, peer: pair.buyer.ownKey, link: bind.identity, body: body, at: Self.before)
    let forged = try #require(written?.record)
    _ = pair.buyer.receive(forged.bytes)
    #expect(pair.buyer.accounts.contracts.first?.stage == .bound)
  }

  @Test("chains that arrive in any order give the same accounts")
  func anyOrder() throws {
    var pair = try Pair()
    let bind = try pair.bound()
    let settle = try pair.write(
      bySeller: true, .settle, link: bind.identity,
      body: Self.settlement(wattHours: 400, millicredits: 4000))
    _ = try pair.write(bySeller: false, .acknowledge, link: settle.identity)
    let keys = [pair.seller.ownKey, pair.buyer.ownKey]
    for order in [keys, keys.reversed()] {
      var third = CommunityLedger(community: Self.community, keys: try Self.keys(3))
      for key in order {
        for record in pair.records(of: key) {
          guard case .taken = third.receive(record.bytes) else {
            Issue.record("a record was not taken")
            return
          }
        }
      }
      #expect(third.accounts.balance(of: keys[0]) == Credits(credits: 4))
    }
  }

  @Test("duplicates cost nothing, gaps are named, tampering and strangers' chains are refused")
  func receipts() throws {
    var pair = try Pair()
    _ = try pair.bound()
    let records = pair.records(of: pair.buyer.ownKey).map(\.bytes)
    var third = CommunityLedger(community: Self.community, keys: try Self.keys(3))
    guard case .gap(let gap) = third.receive(records[1]), !gap.isOtherBranch else {
      Issue.record("the gap was not seen")
      return
    }
    for index in records[0].indices {
      var bytes = records[0]
      bytes[index] ^= 0x01
      guard case .refused = third.receive(bytes) else {
        Issue.record("a record with byte \(index) changed was not refused")
        return
      }
    }
    _ = third.receive(records[0])
    guard case .duplicate = third.receive(records[0]) else {
      Issue.record("the duplicate was not seen")
      return
    }
    var elsewhere = CommunityLedger(community: Community(name: "other"), keys: try Self.keys(3))
    guard case .refused = elsewhere.receive(records[0]) else {
      Issue.record("another community's record was taken")
      return
    }
  }

  @Test("two records of one sequence prove a fork: no more credit")
  func fork() throws {
    var pair = try Pair()
    _ = try pair.bound()
    var twin = CommunityLedger(community: Self.community, keys: try Self.keys(2))
    let written = twin.write(
      .limit, peer: pair.seller.ownKey, body: [.integer(1)], at: Self.before)
    let other = try #require(written?.record)
    guard case .taken(_, _, provesFork: true) = pair.seller.receive(other.bytes) else {
      Issue.record("the fork was not seen")
      return
    }
    #expect(pair.seller.forkers == [pair.buyer.ownKey])
    #expect(pair.seller.chain(of: pair.buyer.ownKey)?.forkedAt == 0)
    let credit = pair.seller.credit(
      seller: pair.seller.ownKey, buyer: pair.buyer.ownKey, at: Self.before)
    #expect(credit == .zero)
    #expect(pair.seller.creditLimits(at: Self.before).isEmpty)
    guard case .duplicate = pair.seller.receive(other.bytes) else {
      Issue.record("the proof was reported twice")
      return
    }
  }

  @Test("a node that lost records signs nothing until it has them again")
  func restoredBackup() throws {
    var pair = try Pair()
    _ = try pair.bound()
    var restored = CommunityLedger(community: Self.community, keys: try Self.keys(2))
    restored.sawOwnLength(pair.buyer.ownCount)
    let refused = restored.write(
      .limit, peer: pair.seller.ownKey, body: [.integer(1)], at: Self.before)
    #expect(refused == nil)
    for record in pair.records(of: pair.buyer.ownKey) { _ = restored.receive(record.bytes) }
    let written = restored.write(
      .limit, peer: pair.seller.ownKey, body: [.integer(1)], at: Self.before)
    #expect(written?.record.sequence == pair.buyer.ownCount)
  }

  @Test("shares of one meter never add up to more than it measured")
  func shares() {
    let agreed = [3, 500, 77, 1000].map { Energy(wattHours: $0) }
    let total = agreed.reduce(.zero, +)
    for measured in [0, 1, 999, 1580, 4000].map({ Energy(wattHours: $0) }) {
      let shares = agreed.map { MeterStatement.share(of: measured, for: $0, among: total) }
      #expect(shares.reduce(.zero, +) <= measured)
      #expect(zip(shares, agreed).allSatisfy { $0 <= $1 })
    }
  }
}

extension CommunityLedger {
  /// Of all who have had dealings, with each other.
  func creditLimits(at now: Instant) -> [CreditLimit] {
    let everyone = Set(accounts.parties)
    return creditLimits(of: everyone, for: everyone, at: now)
  }
}
