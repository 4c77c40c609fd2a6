import Ledger
import Market
import Quantities
import Sealing
import Testing

/// Contracts that a buyer leaves unbound.
@Suite struct UnboundTests {
  private static let slot = LedgerTests.slot

  /// One house sells, and has listed a buyer who writes what he likes.
  private struct Sale {
    var street: TradingStreet
    var buyer: TradingStreet.Writer

    init(credits: Int64) throws {
      street = try TradingStreet(lists: [[1]])
      buyer = try TradingStreet.Writer(2)
      street.limit(by: 0, for: buyer.keys.publicKey, credits: credits)
    }

    /// The buyer accepts so much at 20 credits a kWh a minute before a slot; what comes of it.
    mutating func accept(_ wattHours: Int64, slots: Int64) throws -> Contract {
      let slot = TimeSlot(index: UnboundTests.slot.index + slots)
      let now = slot.start - TimeSpan.minute
      let offer = try street.order(.offer, by: 0, wattHours: 1000, credits: 8, in: slot)
      let terms = EnergyTerms(
        slot: slot, energy: Energy(wattHours: wattHours), price: Price(creditsPerKilowattHour: 20))
      let accept = buyer.write(.accept, to: street.key(0), link: offer, terms.body, at: now)
      street.hear(accept, at: now)
      street.clear(0, at: now)
      return try #require(street.ledgers[0].accounts.contract(accept.identity))
    }

    mutating func expect(
      _ stage: ContractState.Stage, _ wattHours: Int64, slots: Int64,
      _ place: SourceLocation = #_sourceLocation
    ) throws {
      let found = try accept(wattHours, slots: slots).stage
      #expect(found == stage, sourceLocation: place)
    }
  }

  @Test("who buys and cancels without end is sold eight times in a slot")
  func cancelling() throws {
    var sale = try Sale(credits: 10)
    let now = Self.slot.start - TimeSpan.minute
    let key = sale.street.key(0)
    let offer = try sale.street.order(.offer, by: 0, wattHours: 1000, credits: 8)
    let terms = EnergyTerms(
      slot: Self.slot, energy: Energy(wattHours: 100), price: Price(creditsPerKilowattHour: 20))
    var stages: [ContractState.Stage?] = []
    for _ in 0..<10 {
      let accept = sale.buyer.write(.accept, to: key, link: offer, terms.body, at: now)
      sale.street.hear(accept, at: now)
      let contract = try #require(sale.street.ledgers[0].accounts.contract(accept.identity))
      stages.append(contract.stage)
      guard contract.stage == .confirmed else { continue }
      let cancel = sale.buyer.write(.cancel, to: key, link: contract.last, [], at: now)
      sale.street.hear(cancel, at: now)
    }
    #expect(stages == (0..<10).map { $0 < 8 ? .confirmed : .accepted })
    try sale.expect(.confirmed, 100, slots: 1)
  }

  @Test(
    "what would cost nothing once rounded is not sold, but for a gift",
    arguments: [(50, 10, false), (50, 20, true), (0, 10, true)] as [(Int64, Int64, Bool)])
  func crumbs(_ millicredits: Int64, _ wattHours: Int64, _ isSold: Bool) throws {
    var sale = try Sale(credits: 10)
    let now = Self.slot.start - TimeSpan.minute
    let offer = try sale.street.order(.offer, by: 0, wattHours: 1000, credits: 0)
    let terms = EnergyTerms(
      slot: Self.slot, energy: Energy(wattHours: wattHours),
      price: Price(millicreditsPerKilowattHour: millicredits))
    let accept = sale.buyer.write(.accept, to: sale.street.key(0), link: offer, terms.body, at: now)
    sale.street.hear(accept, at: now)
    let contract = try #require(sale.street.ledgers[0].accounts.contract(accept.identity))
    #expect(contract.stage == (isSold ? .confirmed : .accepted))
  }

  @Test("whose BIND may still come has no new limit for the day")
  func keptBack() throws {
    var sale = try Sale(credits: 10)
    let first = try sale.accept(400, slots: 0)
    #expect(first.stage == .confirmed)
    try sale.expect(.accepted, 200, slots: 1)
    try sale.expect(.confirmed, 100, slots: 2)
    // All of it together would never pass the limit.
    let now = Self.slot.start + TimeSpan(minutes: 40)
    let bind = sale.buyer.write(
      .bind, to: sale.street.key(0), link: first.last, [], at: LedgerTests.before)
    sale.street.hear(bind, at: now)
    let credit = sale.street.ledgers[0].credit(
      seller: sale.street.key(0), buyer: sale.buyer.keys.publicKey, at: now)
    #expect(credit == Credits(credits: 2))
    try sale.expect(.accepted, 200, slots: 4)
  }

  @Test("the second contract left unbound in a day is the last of that day")
  func twice() throws {
    var sale = try Sale(credits: 100)
    for slots: Int64 in 0..<2 {
      try sale.expect(.confirmed, 100, slots: slots)
    }
    try sale.expect(.accepted, 100, slots: 2)
    try sale.expect(.accepted, 100, slots: 95)
    try sale.expect(.confirmed, 100, slots: 97)
  }

  @Test("what may revive is not lent to others either")
  func claims() throws {
    var sale = try Sale(credits: 10)
    _ = try sale.accept(400, slots: 0)
    func claims(_ minutes: Int64) -> Credits {
      sale.street.ledgers[0].accounts.claims(
        of: sale.street.key(0), at: Self.slot.start + TimeSpan(minutes: minutes))
    }
    #expect(claims(1) == Credits(credits: 8))
    #expect(claims(1441) == .zero)
  }

  @Test("a buyer whose CONFIRM comes too late cancels, and is sold to again")
  func cancels() throws {
    var street = try TradingStreet(lists: [[1], [0]])
    street.limit(by: 0, for: street.key(1), credits: 10)
    let slot = Self.slot
    for number: Int64 in 0..<4 {
      let slot = TimeSlot(index: slot.index + number)
      let offer = try street.order(.offer, by: 0, wattHours: 500, credits: 8, in: slot)
      let terms = EnergyTerms(
        slot: slot, energy: Energy(wattHours: 500), price: Price(creditsPerKilowattHour: 20))
      let soon = slot.start - TimeSpan.minute
      let written = street.ledgers[1].write(
        .accept, peer: street.key(0), link: offer, body: terms.body, at: soon)
      let accept = try #require(written).record
      guard case .taken(_, let moved, _) = street.ledgers[0].receive(accept.bytes) else { continue }
      let contract = try #require(moved.first)
      let actions = street.traders[0].answer(contract, &street.ledgers[0], at: soon)
      guard case .record(let confirm) = actions.first else {
        Issue.record("slot \(number) is not confirmed: \(actions)")
        continue
      }
      street.hear(confirm, from: 0, at: slot.start + TimeSpan.minute)
      let stage = street.ledgers[0].accounts.contract(contract.identifier)?.stage
      #expect(stage == .cancelled)
    }
  }
}
