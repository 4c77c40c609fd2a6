import Ledger
import Market
import Quantities
import Sealing
import Testing

/// To whom a household states what old trades came to, and how often.
@Suite struct CheckpointClerkTests {
  /// The household with the smallest key of the three, which proposes.
  struct Household {
    var ledger: CommunityLedger
    var trader: EnergyTrader
    let street: CheckpointStreet

    init(_ street: CheckpointStreet, listing listed: [Int]) {
      self.street = street
      let names = Dictionary(
        uniqueKeysWithValues: listed.map { (street.keys[$0].publicKey, "house\($0)") })
      ledger = CommunityLedger(
        community: LedgerTests.community, keys: street.keys[0], listed: Set(names.keys))
      trader = EnergyTrader(
        policy: MarketPolicy(), community: LedgerTests.community, keys: street.keys[0],
        names: names)
      for record in street.all { _ = ledger.receive(record, isGenuine: true) }
      ledger.begin(marker: nil, at: LedgerTests.before)
      ledger.heardNeighbour()
    }

    /// Records of a kind that it writes in some days, a hundred days later.
    mutating func written(_ kind: Record.Kind, days: Range<Int64>) -> [Record] {
      var records: [Record] = []
      for hour in days.lowerBound * 24..<days.upperBound * 24 {
        let now = LedgerTests.slot.start + TimeSpan(minutes: 100 * 1440 + 60 * hour)
        for case .record(let record) in trader.catchUp(&ledger, at: now)
        where record.kind == kind { records.append(record) }
      }
      return records
    }
  }

  @Test("who is not listed, or traded nothing, is stated nothing")
  func strangers() throws {
    var street = try CheckpointStreet()
    for _ in 0..<400 { street.trade(0, from: 1, wattHours: 100) }
    for author in [1, 2] { street.write(author, .default, to: 0, body: [.integer(1)]) }
    var household = Household(street, listing: [2])
    let unasked = household.written(.checkpoint, days: 0..<3)
    #expect(unasked.isEmpty)
    household = Household(street, listing: [1, 2])
    let written = household.written(.checkpoint, days: 0..<1)
    #expect(written.map(\.peer) == [street.keys[1].publicKey])
  }

  @Test("one that is not signed is not written again, as long as it would state the same")
  func unsigned() throws {
    var street = try CheckpointStreet()
    for _ in 0..<400 { street.trade(0, from: 1, wattHours: 100) }
    var household = Household(street, listing: [1])
    let written = household.written(.checkpoint, days: 0..<40)
    #expect(written.count == 1)
  }

  @Test("a provider that picks no end to a contract keeps nothing from being folded")
  func picked() throws {
    var street = try CheckpointStreet()
    let terms = ComputingTerms(
      model: Digest(of: [1]), work: Digest(of: [2]), requests: 1, tokens: 1000,
      price: TokenPrice(rawValue: 1_000_000), deadline: LedgerTests.slot.end)
    let accept = street.write(
      0, .accept, to: 1, link: Digest(of: [3]), body: ContractTerms.computing(terms).body)
    let confirm = street.write(1, .confirm, to: 0, link: accept)
    let commit = street.write(
      1, .commit, to: 0, link: confirm,
      body: [.bytes(Digest(of: [4]).bytes), .integer(1), .integer(1000)])
    street.write(0, .pick, to: 1, link: commit)
    for _ in 0..<400 { street.trade(0, from: 1, wattHours: 100) }
    var household = Household(street, listing: [1])
    let written = household.written(.checkpoint, days: 0..<1)
    #expect(written.count == 1)
  }

  @Test("no later statement reaches less far, whatever the neighbour's limits forgive")
  func comparable() throws {
    var street = try CheckpointStreet()
    let start = LedgerTests.slot.start
    func day(_ number: Int64) -> Instant { start + TimeSpan(minutes: number * 1440) }
    // One that the neighbour never settles, and that its LIMIT forgives or does not.
    let terms = EnergyTerms(
      slot: LedgerTests.slot, energy: Energy(wattHours: 100),
      price: Price(creditsPerKilowattHour: 10))
    let accept = street.write(0, .accept, to: 1, link: Digest(of: [1]), body: terms.body)
    let confirm = street.write(1, .confirm, to: 0, link: accept)
    street.write(0, .bind, to: 1, link: confirm)
    for _ in 0..<400 { street.trade(0, from: 1, wattHours: 100) }
    street.write(1, .limit, to: 0, body: [.integer(1)], at: day(20))
    let later = LedgerTests.slot.advanced(by: 50 * 96)
    for _ in 0..<700 { street.trade(1, from: 0, wattHours: 100, in: later) }
    var household = Household(street, listing: [1])
    func reaches(_ days: Range<Int64>) -> [[Int64?]] {
      household.written(.checkpoint, days: days).map { [$0.body[0].integer, $0.body[1].integer] }
    }
    #expect(reaches(0..<1) == [[1024, 0]])
    func limit(at time: Instant) {
      street.write(1, .limit, to: 0, body: [.integer(1)], at: time)
      for record in street.all.suffix(1) { _ = household.ledger.receive(record, isGenuine: true) }
    }
    limit(at: Instant(millisecondsSince1970: 60_000))
    // What it would state now reaches further in the neighbour's chain alone.
    #expect(reaches(60..<64) == [])
    limit(at: day(161))
    #expect(reaches(64..<66) == [[2048, 2048]])
  }

  @Test("an empty statement of a stranger's, or of a neighbour that traded nothing, is not signed")
  func empty() throws {
    var street = try CheckpointStreet()
    for _ in 0..<1030 { street.write(2, .limit, to: 1, body: [.integer(1)]) }
    let figures: [Int64] = [0, 1024, 0, 0, 0]
    street.write(0, .checkpoint, to: 2, body: figures.map { .integer($0) })
    for listed in [[0], [1]] {
      let names = Dictionary(
        uniqueKeysWithValues: listed.map { (street.keys[$0].publicKey, "house\($0)") })
      var ledger = CommunityLedger(
        community: LedgerTests.community, keys: street.keys[2], listed: Set(names.keys))
      for record in street.all { _ = ledger.receive(record, isGenuine: true) }
      var trader = EnergyTrader(
        policy: MarketPolicy(), community: LedgerTests.community, keys: street.keys[2],
        names: names)
      let now = LedgerTests.slot.start + TimeSpan(minutes: 100 * 1440)
      let actions = trader.catchUp(&ledger, at: now)
      let records = actions.compactMap { if case .record(let record) = $0 { record } else { nil } }
      #expect(records.isEmpty)
    }
  }
}
