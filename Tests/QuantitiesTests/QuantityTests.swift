import Quantities
import Testing

@Suite struct QuantityTests {
  @Test("power over time is energy, rounded toward zero")
  func energy() {
    #expect(Power(watts: 640).energy(over: TimeSlot.length) == Energy(wattHours: 160))
    #expect(Power(milliwatts: 1).energy(over: TimeSpan(seconds: 1)) == .zero)
    #expect(Power(milliwatts: -5).energy(over: .hour) == Energy(milliwattHours: -5))
    #expect(Energy(wattHours: 160).power(over: TimeSlot.length) == Power(watts: 640))
  }

  @Test(
    "a price times an energy is exact in between",
    arguments: [
      (12_000, 1_000_000, 12_000), (12_345, 999_999, 12_344), (1, 999_999, 0),
      (1_000_000_000, 1_000_000_000, 1_000_000_000_000),
    ])
  func cost(_ price: Int64, _ energy: Int64, _ credits: Int64) {
    let cost = Price(millicreditsPerKilowattHour: price).cost(of: Energy(milliwattHours: energy))
    #expect(cost == Credits(millicredits: credits))
  }

  @Test(
    "slots count from 1970 and before it",
    arguments: [
      (Int64(0), Int64(0)), (899_999, 0), (900_000, 1), (-1, -1), (-900_000, -1), (-900_001, -2),
    ])
  func slots(_ milliseconds: Int64, _ index: Int64) {
    let slot = TimeSlot(containing: Instant(millisecondsSince1970: milliseconds))
    #expect(slot.index == index)
    #expect(slot.start <= Instant(millisecondsSince1970: milliseconds))
    #expect(slot.end > Instant(millisecondsSince1970: milliseconds))
  }

  @Test(
    "decimal text rounds half away from zero and never writes -0",
    arguments: [
      (1250, 2, "1.25"), (1255, 2, "1.26"), (-1255, 2, "-1.26"), (-4, 2, "0.00"), (999, 0, "1"),
      (5, 3, "0.005"), (-1500, 0, "-2"),
    ])
  func decimals(_ value: Int64, _ places: Int, _ text: String) {
    #expect(DecimalText.thousandths(value, places: places) == text)
  }

  @Test("local clock follows the offset changes that it was given")
  func localTime() {
    let summer = LocalTime.Change(
      from: Instant(millisecondsSince1970: 0), offset: TimeSpan(minutes: 120))
    let winter = LocalTime.Change(
      from: Instant(millisecondsSince1970: 86_400_000), offset: TimeSpan(minutes: -60))
    let local = LocalTime(changes: [winter, summer])
    #expect(local.clock(at: Instant(millisecondsSince1970: 0)) == "02:00")
    #expect(local.clock(at: Instant(millisecondsSince1970: 86_400_000)) == "23:00")
    #expect(local.dayNumber(at: Instant(millisecondsSince1970: 86_400_000)) == 0)
    #expect(LocalTime.utc.clock(at: Instant(millisecondsSince1970: -60_000)) == "23:59")
  }
}
