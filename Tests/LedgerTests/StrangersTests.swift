import Ledger
import Market
import Quantities
import Sealing
import Testing

/// What keys can bring about that anybody can make up, by the thousand.
@Suite struct StrangersTests {
  static let before = LedgerTests.before

  /// One author's chain, as it grows.
  struct Writer {
    let keys: KeyPair
    private(set) var sequence: Int64 = 0
    private var previous: Digest?

    init(_ number: Int) throws {
      let seed = (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
      keys = try #require(KeyPair(seed: seed + [UInt8](repeating: 77, count: 28)))
    }

    init(keys: KeyPair) { self.keys = keys }

    mutating func write(
      _ kind: Record.Kind, to peer: PublicKey, link: Digest? = nil, body: [CBORValue] = [],
      at time: Instant = StrangersTests.before
    ) -> Record {
      let record = Record(
        community: LedgerTests.community.identifier, keys: keys, sequence: sequence,
        previous: previous, time: time, kind: kind, peer: peer, link: link, body: body)
      sequence += 1
      previous = record.identity
      return record
    }
  }

  private static func link(_ number: Int) -> Digest {
    Digest(of: (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) })
  }

  private static func ledger(listing listed: Set<PublicKey> = []) throws -> CommunityLedger {
    CommunityLedger(
      community: LedgerTests.community, keys: try LedgerTests.keys(1), listed: listed)
  }

  private static func takes(_ record: Record, _ ledger: inout CommunityLedger) -> Bool {
    if case .taken = ledger.receive(record, isGenuine: true) { return true }
    return false
  }

  @Test("a record that could never have an effect does not wait for what it answers")
  func shapeless() throws {
    var ledger = try Self.ledger()
    var writer = try Writer(1)
    let bodies: [(Record.Kind, [CBORValue])] = [
      (.confirm, [CBORValue](repeating: .integer(0), count: 3700)),
      (.settle, [CBORValue](repeating: .integer(0), count: 3700)),
      (.commit, [.bytes([UInt8](repeating: 1, count: 3000)), .integer(1), .integer(1)]),
      (.dispute, [.integer(1), .integer(1), .bytes([UInt8](repeating: 1, count: 3000))]),
      (.countersign, [.text(String(repeating: "x", count: 3000))]),
      (.agree, [.array([])]), (.pick, [.integer(1)]),
    ]
    for number in 0..<70 {
      let (kind, body) = bodies[number % bodies.count]
      let record = writer.write(kind, to: ledger.ownKey, link: Self.link(number), body: body)
      let isTaken = Self.takes(record, &ledger)
      #expect(isTaken)
    }
    // An answer to oneself.
    let record = writer.write(.bind, to: writer.keys.publicKey, link: Self.link(70))
    let isTaken = Self.takes(record, &ledger)
    #expect(isTaken)
    #expect(ledger.accounts.encoded.count < 500)
  }

  @Test("what strangers' records wait for fills no memory, and no neighbour's waits in vain for it")
  func waiting() throws {
    let keys = try LedgerTests.keys(2)
    let buyer = try LedgerTests.keys(3)
    var ledger = try Self.ledger(listing: [keys.publicKey, buyer.publicKey])
    var seller = Writer(keys: keys)
    var accepting = Writer(keys: buyer)
    let terms = EnergyTerms(
      slot: LedgerTests.slot, energy: Energy(wattHours: 500),
      price: Price(creditsPerKilowattHour: 10))
    let accept = accepting.write(
      .accept, to: keys.publicKey, link: Digest(of: [1]), body: terms.body)
    let confirm = seller.write(.confirm, to: buyer.publicKey, link: accept.identity)
    _ = ledger.receive(confirm, isGenuine: true)
    for number in 0..<20 {
      var writer = try Writer(number)
      for place in 0..<500 {
        let record = writer.write(.bind, to: ledger.ownKey, link: Self.link(1000 * number + place))
        _ = ledger.receive(record, isGenuine: true)
      }
    }
    #expect(ledger.accounts.encoded.count < 4500 * 250)
    _ = ledger.receive(accept, isGenuine: true)
    #expect(ledger.accounts.contract(accept.identity)?.stage == .confirmed)
  }

  @Test("all strangers together write no more than fits into a small board's memory")
  func bytes() throws {
    var ledger = try Self.ledger()
    var taken = 0
    let padding = CBORValue.bytes([UInt8](repeating: 0, count: 3700))
    for number in 0..<5 {
      var writer = try Writer(number)
      for _ in 0..<1000 {
        let record = writer.write(.limit, to: ledger.ownKey, body: [padding])
        guard Self.takes(record, &ledger) else { break }
        taken += record.bytes.count
      }
    }
    #expect((15 << 20...16 << 20).contains(taken))
  }

  @Test("made-up authors leave room for the listed ones, and a stranger's fork is proved")
  func authors() throws {
    let neighbour = try LedgerTests.keys(2)
    var ledger = try Self.ledger(listing: [neighbour.publicKey])
    var refused = 0
    for number in 0..<1100 {
      var writer = try Writer(number)
      let record = writer.write(.default, to: neighbour.publicKey, body: [.integer(1)])
      if !Self.takes(record, &ledger) { refused += 1 }
    }
    #expect(refused == 300)
    var writer = Writer(keys: neighbour)
    let own = ledger.ownKey
    let isTaken = Self.takes(writer.write(.default, to: own, body: [.integer(1)]), &ledger)
    #expect(isTaken)
    for number in 0..<3 {
      var other = try Writer(5)
      let record = other.write(
        .default, to: neighbour.publicKey, body: [.integer(Int64(10 + number))])
      // There is room for the proof, and for no more of it.
      let isTaken = Self.takes(record, &ledger)
      #expect(isTaken == (number == 0))
    }
    let forker = try Writer(5).keys.publicKey
    #expect(ledger.forkers == [forker])
  }

  @Test("after a start from an index there is as much room for strangers as before")
  func authorsAfterAStart() throws {
    var ledger = try Self.ledger()
    for number in 0..<800 {
      var writer = try Writer(number)
      let own = ledger.ownKey
      let isTaken = Self.takes(writer.write(.default, to: own, body: [.integer(1)]), &ledger)
      #expect(isTaken)
    }
    let taken = ledger.takeIndex(always: true)
    let index = try #require(taken)
    var restarted = try Self.ledger()
    var reading = try #require(restarted.index(snapshot: index.snapshot))
    for segment in index.segments { reading.take(segment) }
    let isRestored = restarted.restore(reading)
    #expect(isRestored)
    var late = try Writer(900)
    let record = late.write(.default, to: ledger.ownKey, body: [.integer(1)])
    let isTaken = Self.takes(record, &restarted)
    #expect(!isTaken)
  }
}
