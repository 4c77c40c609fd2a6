import Ledger
import Market
import Quantities
import Sealing
import Simulation
import Testing

/// The recount of money from records, and whether it can differ from the ledger's own books.
@Suite struct RecountedAccountsTests {
  private let community = Community(name: "recount").identifier
  private let slot = TimeSlot(index: 2_000_000)

  /// Three neighbours who write whatever they like.
  private struct Street {
    let keys: [KeyPair]
    var chains: [[Record]] = [[], [], []]

    init() throws {
      keys = try (1...3).map { try #require(KeyPair(seed: Array(repeating: $0, count: 32))) }
    }

    var parties: [PublicKey] { keys.map(\.publicKey) }

    @discardableResult mutating func write(
      _ kind: Record.Kind, by author: Int, to peer: Int, link: Digest? = nil,
      body: [CBORValue] = [], at time: Instant, in community: [UInt8]
    ) -> Record {
      let record = Record(
        community: community, keys: keys[author], sequence: Int64(chains[author].count),
        previous: chains[author].last?.identity, time: time, kind: kind,
        peer: keys[peer].publicKey, link: link, body: body)
      chains[author].append(record)
      return record
    }

    /// The chains' records, each chain's in order, the chains mixed.
    func mixed(_ random: inout RandomSource) -> [Record] {
      var left = chains.map { $0[...] }
      var result: [Record] = []
      while left.contains(where: { !$0.isEmpty }) {
        let author = Int(random.below(3))
        if let record = left[author].popFirst() { result.append(record) }
      }
      return result
    }
  }

  private var early: Instant { slot.start - .hour }

  private func energy(_ street: inout Street, seller: Int, buyer: Int) -> Record {
    let terms = EnergyTerms(
      slot: slot, energy: Energy(wattHours: 500), price: Price(creditsPerKilowattHour: 10))
    let accept = street.write(
      .accept, by: buyer, to: seller, link: Digest(of: [1]), body: terms.body, at: early,
      in: community)
    let confirm = street.write(
      .confirm, by: seller, to: buyer, link: accept.identity, at: early, in: community)
    return street.write(
      .bind, by: buyer, to: seller, link: confirm.identity, at: early, in: community)
  }

  private func settlement(_ energy: Energy) -> [CBORValue] {
    ContractState.Settlement(
      quantity: energy.rawValue, amount: Price(creditsPerKilowattHour: 10).cost(of: energy),
      statements: [Digest(of: [2]), Digest(of: [3])]
    ).body
  }

  private func expect(
    _ street: Street, owed: [Int64], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var random = RandomSource(seed: 5)
    for _ in 0..<10 {
      var heap = street.chains.flatMap { $0 }
      heap.shuffle(using: &random)
      let accounts = RecountedAccounts(of: heap)
      let found = street.parties.map { accounts.balance(of: $0).rawValue }
      #expect(found == owed, sourceLocation: sourceLocation)
    }
  }

  @Test("a dispute moves what is not in doubt, and a settlement anew the rest that is agreed")
  func dispute() throws {
    var street = try Street()
    let bind = energy(&street, seller: 0, buyer: 1)
    let settle = street.write(
      .settle, by: 0, to: 1, link: bind.identity, body: settlement(Energy(wattHours: 450)),
      at: early, in: community)
    let dispute = street.write(
      .dispute, by: 1, to: 0, link: settle.identity,
      body: [.integer(200_000), .integer(2000), .integer(1)], at: early, in: community)
    expect(street, owed: [2000, -2000, 0])
    // WAIVE: the seller states no more than that.
    let again = street.write(
      .settle, by: 0, to: 1, link: dispute.identity, body: settlement(Energy(wattHours: 200)),
      at: early, in: community)
    street.write(.acknowledge, by: 1, to: 0, link: again.identity, at: early, in: community)
    expect(street, owed: [2000, -2000, 0])
  }

  @Test("computing is owed for by the tokens that were committed to and acknowledged")
  func computing() throws {
    var street = try Street()
    let terms = ComputingTerms(
      model: Digest(of: [1]), work: Digest(of: [2]), requests: 10, tokens: 1000,
      price: TokenPrice(creditsPerMillionTokens: 3000), deadline: slot.start)
    let accept = street.write(
      .accept, by: 2, to: 0, link: Digest(of: [3]), body: terms.body, at: early, in: community)
    let confirm = street.write(
      .confirm, by: 0, to: 2, link: accept.identity, at: early, in: community)
    let commit = street.write(
      .commit, by: 0, to: 2, link: confirm.identity,
      body: [.bytes(Digest(of: [4]).bytes), .integer(10), .integer(800)], at: early,
      in: community)
    let pick = street.write(.pick, by: 2, to: 0, link: commit.identity, at: early, in: community)
    // More than was committed to has no effect.
    street.write(
      .settle, by: 0, to: 2, link: pick.identity, body: [.integer(900), .integer(2700)],
      at: early, in: community)
    let settle = street.write(
      .settle, by: 0, to: 2, link: pick.identity, body: [.integer(800), .integer(2400)],
      at: early, in: community)
    expect(street, owed: [0, 0, 0])
    street.write(.acknowledge, by: 2, to: 0, link: settle.identity, at: early, in: community)
    expect(street, owed: [2400, 0, -2400])
  }

  @Test("a receipt lowers a debt, a payment does not, and a circle is taken off when all signed")
  func money() throws {
    var street = try Street()
    street.write(.payment, by: 1, to: 0, body: [.integer(900)], at: early, in: community)
    expect(street, owed: [0, 0, 0])
    for (creditor, debtor) in [(0, 1), (1, 2), (2, 0)] {
      street.write(
        .receipt, by: creditor, to: debtor, body: [.integer(700 + Int64(creditor))], at: early,
        in: community)
    }
    // Each owes the next now; 0 owes 1 700, 1 owes 2 701, 2 owes 0 702.
    expect(street, owed: [2, -1, -1])
    let net = street.write(
      .net, by: 0, to: 1,
      body: [.integer(700), .integer(slot.start.rawValue)]
        + street.parties.map { .bytes($0.bytes) }, at: early, in: community)
    street.write(.agree, by: 1, to: 0, link: net.identity, at: early, in: community)
    let accounts = RecountedAccounts(of: street.chains.flatMap { $0 })
    #expect(accounts.balance(of: street.parties[0], with: street.parties[1]).rawValue == -700)
    street.write(.agree, by: 2, to: 0, link: net.identity, at: early, in: community)
    let after = RecountedAccounts(of: street.chains.flatMap { $0 })
    #expect(after.balance(of: street.parties[0], with: street.parties[1]).rawValue == 0)
    #expect(after.balance(of: street.parties[2], with: street.parties[0]).rawValue == -2)
    expect(street, owed: [2, -1, -1])
  }

  @Test("whatever is written, recount and ledger come to the same", arguments: UInt64(1)...40)
  func anything(seed: UInt64) throws {
    var street = try Street()
    var random = RandomSource(seed: seed)
    for _ in 0..<600 { scribble(&street, &random) }
    let records = street.mixed(&random)
    var ledger = Accounts()
    for record in records { _ = ledger.apply(record) }
    var accounts = RecountedAccounts()
    for record in records.shuffled(using: &random) { accounts.take(record) }
    var moved = false
    for (one, other) in [(0, 1), (0, 2), (1, 2)] {
      let (party, partner) = (street.parties[one], street.parties[other])
      let kept = ledger.balance(of: party, with: partner)
      #expect(kept == accounts.balance(of: party, with: partner))
      moved = moved || kept != .zero
    }
    #expect(moved)
  }

  /// Some record that may or may not have an effect: mostly an answer to one of the latest.
  private func scribble(_ street: inout Street, _ random: inout RandomSource) {
    let author = Int(random.below(3))
    let peer = (author + Int(random.within(1...2))) % 3
    let known = street.chains.flatMap { $0.suffix(12) }
    let link = known.isEmpty ? nil : known[Int(random.below(Int64(known.count)))]
    let kinds: [Record.Kind] = [
      .accept, .accept, .confirm, .bind, .settle, .acknowledge, .cancel, .dispute, .commit, .pick,
      .receipt, .payment, .net, .agree,
    ]
    var kind = kinds[Int(random.below(Int64(kinds.count)))]
    var target = link
    if random.happens(permille: 800), let link {
      // What could come next, by whoever could write it.
      kind = Self.following(link.kind, &random)
      if link.author != street.parties[author] {
        target = link.peer == street.parties[author] ? link : nil
      }
    }
    let to = target.flatMap { street.parties.firstIndex(of: $0.author) } ?? peer
    guard to != author else { return }
    let isComputing = random.happens(permille: 300)
    street.write(
      kind, by: author, to: to, link: kind == .net ? nil : target?.identity ?? Digest(of: [9]),
      body: body(kind, isComputing, street.parties, author, to, &random),
      at: early + TimeSpan(minutes: random.within(0...70)), in: community)
  }

  private static func following(
    _ kind: Record.Kind?, _ random: inout RandomSource
  ) -> Record.Kind {
    switch kind {
    case .accept: .confirm
    case .confirm: [.bind, .bind, .commit, .cancel][Int(random.below(4))]
    case .bind, .pick, .dispute: .settle
    case .commit: .pick
    case .settle: random.happens(permille: 600) ? .acknowledge : .dispute
    case .net: .agree
    default: .accept
    }
  }

  private func body(
    _ kind: Record.Kind, _ isComputing: Bool, _ parties: [PublicKey], _ author: Int, _ peer: Int,
    _ random: inout RandomSource
  ) -> [CBORValue] {
    let quantity = random.within(0...4) * 100_000
    switch kind {
    case .accept where isComputing:
      return ComputingTerms(
        model: Digest(of: [1]), work: Digest(of: [2]), requests: 10, tokens: 400_000,
        price: TokenPrice(creditsPerMillionTokens: 10), deadline: slot.start
      ).body
    case .accept:
      return EnergyTerms(
        slot: slot, energy: Energy(wattHours: 400), price: Price(creditsPerKilowattHour: 10)
      ).body
    case .settle:
      let amount = CBORValue.integer(quantity / 100)
      let statements = [CBORValue](
        repeating: .bytes(Digest(of: [3]).bytes), count: isComputing ? 0 : 2)
      return [.integer(quantity), amount] + statements
    case .dispute:
      return [
        .integer(quantity / 2), .integer(quantity / 200), .integer(random.within(0...6)),
      ]
    case .commit:
      return [
        .bytes(Digest(of: [4]).bytes), .integer(random.within(0...12)), .integer(quantity),
      ]
    case .receipt, .payment: return [.integer(random.within(0...500))]
    case .net:
      let third = 3 - author - peer
      return [.integer(random.within(1...300)), .integer(slot.start.rawValue)]
        + [author, peer, third].map { .bytes(parties[$0].bytes) }
    default: return []
    }
  }
}
