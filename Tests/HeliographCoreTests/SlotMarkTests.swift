import HeliographCore
import Quantities
import Sites
import Testing

/// What is settled for a slot where the meters are read so seldom that a register's growth waits
/// for a second reading.
@Suite struct SlotMarkTests {
  @Test(
    "what flowed before a slot is never settled for it",
    arguments: [100, 115, 130, 145, 160, 175] as [Int64])
  func seldomRead(seconds: Int64) throws {
    var harness = try StationHarness(houses: 2) { configuration in
      configuration.devices = [
        SiteDevice(
          name: "meter", pollInterval: TimeSpan(seconds: seconds),
          provides: [.grid, .pv, .load, .totals])
      ]
    }
    let (seller, buyer) = (harness.keys[0], harness.keys[1])
    // Little flows at first, then much right before the slot, and next to nothing in it.
    harness.grid = [seller: Power(watts: -400), buyer: Power(watts: 400)]
    harness.advance(TimeSpan(minutes: 8))
    _ = harness.type("SELL 900WH 12", at: seller)
    _ = harness.type("BUY 900WH 14", at: buyer)
    _ = harness.type("LIMIT house1 50", at: seller)
    harness.advance(TimeSpan(minutes: 1))
    harness.grid = [seller: Power(watts: -4000), buyer: Power(watts: 4000)]
    harness.advance(TimeSpan(minutes: 6))
    harness.grid = [seller: Power(watts: -20), buyer: Power(watts: 20)]
    harness.advance(TimeSpan(minutes: 30))
    let contract = try #require(harness.stations[buyer]?.ledger.accounts.contracts.first)
    let flowed = Power(watts: 20).energy(over: TimeSpan(minutes: 18))
    #expect(contract.settlement?.energy ?? .zero <= flowed + Energy(wattHours: 1))
  }
}
