import Ledger
import Market
import Quantities
import Sealing
import Testing
import Thrown

/// Chains of three who trade, each as it grew.
struct CheckpointStreet {
  let keys: [KeyPair]
  var chains: [[Record]] = [[], [], []]
  /// In the order in which they were written.
  var all: [Record] = []

  init() throws {
    keys = try (1...3).map { try LedgerTests.keys($0) }.sorted { $0.publicKey < $1.publicKey }
  }

  @discardableResult
  mutating func write(
    _ author: Int, _ kind: Record.Kind, to peer: Int, link: Digest? = nil,
    body: [CBORValue] = [], at time: Instant = LedgerTests.slot.start - .minute
  ) -> Digest {
    let record = Record(
      community: LedgerTests.community.identifier, keys: keys[author],
      sequence: Int64(chains[author].count), previous: chains[author].last?.identity,
      time: time, kind: kind, peer: keys[peer].publicKey, link: link,
      body: body)
    chains[author].append(record)
    all.append(record)
    return record.identity
  }

  /// A whole contract, of five records.
  mutating func trade(
    _ buyer: Int, from seller: Int, wattHours: Int64, in slot: TimeSlot = LedgerTests.slot
  ) {
    let time = slot.start - .minute
    let terms = EnergyTerms(
      slot: slot, energy: Energy(wattHours: wattHours),
      price: Price(creditsPerKilowattHour: 10))
    let accept = write(
      buyer, .accept, to: seller, link: Digest(of: [1]), body: terms.body, at: time)
    let confirm = write(seller, .confirm, to: buyer, link: accept, at: time)
    let bind = write(buyer, .bind, to: seller, link: confirm, at: time)
    let settlement = ContractState.Settlement(
      quantity: wattHours * 1000, amount: Credits(millicredits: wattHours * 10),
      statements: [Digest(of: [2]), Digest(of: [3])])
    let settle = write(seller, .settle, to: buyer, link: bind, body: settlement.body, at: time)
    write(buyer, .acknowledge, to: seller, link: settle, at: time)
  }

  /// Each chain in its order, the chains mixed.
  func shuffled(_ source: inout SeededSource) -> [Record] {
    var rest = chains.map { ArraySlice($0) }
    var result: [Record] = []
    // Long stretches of one chain, so that much waits and checkpoints come early.
    while rest.contains(where: { !$0.isEmpty }) {
      let chain = Int(source.next() % 3)
      let count = min(rest[chain].count, Int(source.next() % 900))
      result += rest[chain].prefix(count)
      rest[chain] = rest[chain].dropFirst(count)
    }
    return result
  }

  /// Whose contracts checkpoints cover.
  func coverage() throws -> Coverage {
    var ledger = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(9))
    for record in all { _ = ledger.receive(record, isGenuine: true) }
    return ledger.coverage
  }

  /// All records as an export has them once those of covered contracts are folded.
  func folded(_ coverage: Coverage) -> [[UInt8]] {
    var pass = FoldingPass(coverage)
    let spent = Set(all.filter { pass.takes($0) }.map(\.identity))
    var waiting: [PublicKey: [[UInt8]]] = [:]
    return all.compactMap { record in
      if spent.contains(record.identity) {
        waiting[record.author, default: []].append(record.bytes)
        return nil
      }
      guard let items = waiting.removeValue(forKey: record.author) else { return record.bytes }
      return FoldingPass.fold(items, into: record.bytes)
    }
  }
}
