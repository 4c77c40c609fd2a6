import Ledger
import Market
import Quantities
import Sealing
import Testing

/// Houses that trade energy and hear each other at once, stepped by hand.
struct TradingStreet {
  /// Someone who numbers and links records by himself.
  struct Writer {
    let keys: KeyPair
    private var last: Record?

    init(_ number: UInt8) throws { keys = try LedgerTests.keys(number) }

    mutating func write(
      _ kind: Record.Kind, to peer: PublicKey, link: Digest? = nil, _ body: [CBORValue],
      at now: Instant = LedgerTests.before
    ) -> Record {
      let record = Record(
        community: LedgerTests.community.identifier, keys: keys,
        sequence: last.map { $0.sequence + 1 } ?? 0, previous: last?.identity, time: now,
        kind: kind, peer: peer, link: link, body: body)
      last = record
      return record
    }
  }

  let keys: [KeyPair]
  var ledgers: [CommunityLedger] = []
  var traders: [EnergyTrader] = []
  private(set) var said: [String] = []
  /// Houses whose meter statements reach nobody.
  var silent: Set<Int> = []

  /// - Parameter lists: of each house the numbers of those that it has listed.
  init(lists: [[Int]]) throws {
    keys = try lists.indices.map { try LedgerTests.keys(UInt8($0 + 1)) }
    for (house, list) in lists.enumerated() {
      var names: [PublicKey: String] = [:]
      for other in list { names[try LedgerTests.keys(UInt8(other + 1)).publicKey] = "h\(other)" }
      ledgers.append(CommunityLedger(community: LedgerTests.community, keys: keys[house]))
      traders.append(
        EnergyTrader(
          policy: MarketPolicy(), community: LedgerTests.community, keys: keys[house],
          names: names))
    }
  }

  func key(_ house: Int) -> PublicKey { keys[house].publicKey }

  /// Contracts that `house` knows between two.
  func contracts(seller: PublicKey, buyer: PublicKey, at house: Int = 0) -> [Contract] {
    ledgers[house].accounts.contracts.filter { $0.seller == seller && $0.buyer == buyer }
  }

  /// An owner lets a neighbour owe so much.
  mutating func limit(by house: Int, for debtor: PublicKey, credits: Int64) {
    let body = [CBORValue.integer(credits * 1000)]
    let written = ledgers[house].write(.limit, peer: debtor, body: body, at: LedgerTests.before)
    if let record = written?.record { hear(record, from: house) }
  }

  /// Places an order five minutes before its slot; returns its identity.
  mutating func order(
    _ side: Order.Side, by house: Int, wattHours: Int64, credits: Int64,
    in slot: TimeSlot = LedgerTests.slot
  ) throws -> Digest {
    let order = TypedOrder(
      side: side, energy: Energy(wattHours: wattHours),
      limitPrice: Price(creditsPerKilowattHour: credits))
    let now = slot.start - TimeSpan(minutes: 5)
    let actions = traders[house].type(order, in: slot, at: now)
    perform(actions ?? [], of: house, at: now)
    return try #require(traders[house].book.order(of: key(house), in: slot)).identity
  }

  /// Everybody takes an order of anybody's.
  mutating func hear(_ order: Order, at now: Instant) {
    for house in traders.indices where key(house) != order.author {
      _ = try? traders[house].take(ReceivedOrder(order, isGenuine: true), at: now)
    }
  }

  /// Everybody but its author takes a record, and answers it.
  mutating func hear(
    _ record: Record, from author: Int? = nil, at now: Instant = LedgerTests.before
  ) {
    for house in ledgers.indices where house != author {
      guard case .taken(_, let moved, _) = ledgers[house].receive(record.bytes) else { continue }
      for contract in moved {
        perform(traders[house].answer(contract, &ledgers[house], at: now), of: house, at: now)
      }
    }
  }

  /// The gate of a slot has closed.
  mutating func clear(_ house: Int, at now: Instant = LedgerTests.before) {
    perform(traders[house].clear(&ledgers[house], at: now), of: house, at: now)
  }

  /// All meters are read; each has counted so much each way.
  mutating func read(total: Energy, at now: Instant) {
    for house in traders.indices {
      let mark = RegisterMarks.Boundary(
        at: now, imported: total, exported: total, resolution: Energy(milliwattHours: 1))
      perform(traders[house].meter(mark, &ledgers[house], at: now), of: house, at: now)
    }
  }

  private mutating func perform(_ actions: [EnergyTrader.Action], of house: Int, at now: Instant) {
    for action in actions {
      switch action {
      case .record(let record): hear(record, from: house, at: now)
      case .order(let order): hear(order, at: now)
      case .say(let text): said.append(text)
      case .statement(let peer, let bytes):
        guard !silent.contains(house), let other = keys.firstIndex(where: { $0.publicKey == peer })
        else { continue }
        let answers = try? traders[other].take(
          statementBytes: bytes, from: key(house), &ledgers[other], at: now)
        perform(answers ?? [], of: other, at: now)
      case .store, .settled: continue
      }
    }
  }
}
