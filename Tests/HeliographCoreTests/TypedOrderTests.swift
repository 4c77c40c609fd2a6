import HeliographCore
import Ledger
import Market
import Quantities
import Testing

/// SELL, BUY and OFFERS.
@Suite struct TypedOrderTests {
  @Test("what is typed counts in place of the plan's order, survives a restart, and is taken back")
  func typed() throws {
    var harness = try StationHarness(houses: 2)
    let (seller, buyer) = (harness.keys[0], harness.keys[1])
    harness.advance(TimeSpan(minutes: 2))
    #expect(harness.type("OFFERS", at: buyer)?.contains("Nothing is offered") == true)
    #expect(harness.type("SELL 500WH 12", at: seller)?.contains("for sale from 12.00") == true)
    _ = harness.type("BUY 0.3KWH 14", at: buyer)
    _ = harness.type("LIMIT house1 10", at: seller)
    let reply = harness.type("OFFERS", at: buyer)
    let text = try #require(reply)
    #expect(text.contains("500 Wh for sale from 12.00, 300 Wh wanted up to 14.00"))
    #expect(text.contains("Would trade at 13.00"))
    harness.kill(seller)
    try harness.restart(seller)
    harness.advance(TimeSpan(minutes: 12))
    let contracts = harness.stations[buyer]?.ledger.accounts.contracts ?? []
    #expect(contracts.map(\.stage) == [.bound])
    #expect(contracts.first?.terms.quantity == Energy(wattHours: 300).rawValue)
    harness.advance(TimeSpan(minutes: 6))
    // The next slot again is the plan's affair.
    let next = TimeSlot(containing: harness.now).next
    #expect(harness.stations[seller]?.trader.isTyped(next) == false)
    _ = harness.type("SELL 500WH 12", at: seller)
    #expect(harness.type("SELL 0", at: seller)?.contains("taken back") == true)
    let book = harness.stations[buyer]?.trader.book.orders(in: next) ?? []
    #expect(book.allSatisfy { $0.energy == .zero })
    #expect(harness.type("OFFERS", at: buyer)?.contains("Nothing is offered") == true)
  }

  @Test(
    "what can't be settled or comes too late is refused with a word why",
    arguments: [
      ("SELL 2WH 12", "too coarse"), ("SELL 1KWH", "no price"), ("BUY x 12", "no energy"),
      ("BUY 1KWH 12 TOMORROW", "AT hh:mm"), ("SELL 101KWH 1", "100 kWh"),
    ])
  func refused(_ line: String, _ reason: String) throws {
    var harness = try StationHarness(houses: 2)
    harness.resolution = Energy(wattHours: 10)
    harness.advance(TimeSpan(minutes: 2))
    #expect(harness.type(line, at: harness.keys[0])?.contains(reason) == true)
  }
}
