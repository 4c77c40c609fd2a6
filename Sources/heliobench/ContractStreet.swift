import Ledger
import Market
import Quantities
import Sealing

/// Thirty houses that trade with one another without end: whole contracts of five records each.
struct ContractStreet {
  static let houses = 30
  static let community = Community(name: "bench")

  /// One house and the end of its chain.
  private struct House {
    let keys: KeyPair
    var sequence: Int64 = 0
    var previous: Digest?
  }

  /// Contracts of one buyer with one seller whose ACCEPTs lie in one stretch of 1024 records.
  private struct Stretch: Hashable {
    let buyer: Int
    let seller: Int
    let number: Int64
  }

  private var houses: [House] = []
  private var sums: [Stretch: Credits] = [:]
  private var counts: [Stretch: Int] = [:]
  /// The time of the newest record.
  private(set) var now: Instant?
  private var number: Int64 = 0

  /// The keys of all houses.
  static var listed: Set<PublicKey> { Set(ContractStreet().houses.map(\.keys.publicKey)) }

  init() {
    for house in 0..<Self.houses {
      var seed = [UInt8](repeating: 7, count: 32)
      seed[0] = UInt8(house)
      guard let keys = KeyPair(seed: seed) else { preconditionFailure("32 bytes make a key") }
      houses.append(House(keys: keys))
    }
  }

  /// The next contract, settled and acknowledged: twenty a day and house.
  mutating func nextContract() -> [Record] {
    let slot = TimeSlot(index: 1_980_000 + number * 96 / Int64(20 * Self.houses))
    let buyer = Int(number % Int64(Self.houses))
    let seller = Int((number * 7 + 1 + number / 30) % Int64(Self.houses))
    number += 1
    now = slot.end + TimeSpan(minutes: 1)
    guard buyer != seller else { return nextContract() }
    let before = slot.start - TimeSpan(minutes: 5)
    let after = slot.end + TimeSpan(minutes: 1)
    let energy = Energy(wattHours: 300 + number % 400)
    let price = Price(creditsPerKilowattHour: 10)
    let offer = Digest(of: Array("offer \(number)".utf8))
    let accept = write(
      .accept, by: buyer, to: seller, link: offer,
      EnergyTerms(slot: slot, energy: energy, price: price).body, before)
    let confirm = write(.confirm, by: seller, to: buyer, link: accept.identity, [], before)
    let bind = write(.bind, by: buyer, to: seller, link: confirm.identity, [], before)
    let statements = ["seller \(number)", "buyer \(number)"].map { Digest(of: Array($0.utf8)) }
    let settlement = ContractState.Settlement(
      quantity: energy.rawValue, amount: price.cost(of: energy), statements: statements)
    let settle = write(.settle, by: seller, to: buyer, link: bind.identity, settlement.body, after)
    let end = write(.acknowledge, by: buyer, to: seller, link: settle.identity, [], after)
    let stretch = Stretch(buyer: buyer, seller: seller, number: accept.sequence / 1024)
    sums[stretch, default: .zero] += price.cost(of: energy)
    counts[stretch, default: 0] += 1
    return [accept, confirm, bind, settle, end]
  }

  /// Where each chain ends, down to a multiple of 1024.
  var reaches: [Int64] { houses.map { $0.sequence / 1024 * 1024 } }

  /// A checkpoint of each two houses, signed by both, as far as `reaches` of their chains.
  mutating func checkpoints(_ reaches: [Int64]) -> [Record] {
    func sum(_ buyer: Int, _ seller: Int) -> Int64 {
      (0..<reaches[buyer] / 1024).reduce(Credits.zero) {
        $0 + (sums[Stretch(buyer: buyer, seller: seller, number: $1)] ?? .zero)
      }.rawValue
    }
    var records: [Record] = []
    for low in houses.indices {
      for high in houses.indices
      where houses[low].keys.publicKey < houses[high].keys.publicKey {
        let body = [reaches[low], reaches[high], sum(high, low), sum(low, high), 0]
        let checkpoint = write(
          .checkpoint, by: low, to: high, link: nil, body.map { .integer($0) }, now ?? .zero)
        records.append(checkpoint)
        records.append(
          write(
            .countersign, by: high, to: low, link: checkpoint.identity, [.integer(0)],
            now ?? .zero))
      }
    }
    return records
  }

  /// How many contracts checkpoints with these reaches cover, and how many there are.
  func covered(_ reaches: [Int64]) -> (covered: Int, all: Int) {
    let covered = counts.filter { $0.key.number < reaches[$0.key.buyer] / 1024 }
    return (covered.values.reduce(0, +), counts.values.reduce(0, +))
  }

  private mutating func write(
    _ kind: Record.Kind, by author: Int, to peer: Int, link: Digest?, _ body: [CBORValue],
    _ time: Instant
  ) -> Record {
    let house = houses[author]
    let record = Record(
      community: Self.community.identifier, keys: house.keys, sequence: house.sequence,
      previous: house.previous, time: time, kind: kind, peer: houses[peer].keys.publicKey,
      link: link, body: body)
    houses[author].sequence += 1
    houses[author].previous = record.identity
    return record
  }
}
