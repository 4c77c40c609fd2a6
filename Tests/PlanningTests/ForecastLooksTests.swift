import Planning
import Quantities
import Sites
import Testing

/// What looks at a house teach a forecast.
@Suite struct ForecastLooksTests {
  static func house(pv: Int64?, load: Int64?, _ curtailment: Curtailment = .none) -> SiteState {
    var state = SiteState()
    state.hasPanels = true
    let at = ForecastHouse.firstSlot.start
    state.pvPower = pv.map { Measured(Power(watts: $0), at: at) }
    state.loadPower = load.map { Measured(Power(watts: $0), at: at) }
    state.curtailment = curtailment
    return state
  }

  /// 12:00 UTC of the first day.
  static let noon = ForecastHouse.firstSlot.advanced(by: 48)

  /// Shows one slot, a look every three minutes, and says whether it was learned.
  static func show(
    _ forecast: inout SurplusForecast, _ slot: TimeSlot, looks: [SiteState], jobs: Int64 = 0
  ) -> Bool {
    var taught = false
    for (index, look) in looks.enumerated() {
      let now = slot.start + TimeSpan(minutes: 3 * Int64(index))
      if forecast.observe(look, jobsPower: Power(watts: jobs), at: now) { taught = true }
    }
    return taught
  }

  @Test("learns the mean of a slot at its end, without what jobs drew")
  func learnsMeans() {
    var forecast = ForecastHouse().forecast()
    let looks = (0..<5).map { Self.house(pv: 600 + $0 * 10, load: 800) }
    let during = Self.show(&forecast, Self.noon, looks: looks, jobs: 300)
    #expect(!during)
    let after = Self.show(&forecast, Self.noon.next, looks: [looks[0]], jobs: 300)
    #expect(after)
    var taught = ForecastHouse().forecast()
    taught.observe(pv: Power(watts: 620), load: Power(watts: 500), over: Self.noon)
    #expect(
      forecast.predict(from: Self.noon.next) == taught.predict(from: Self.noon.next))
  }

  @Test("a slot that was mostly unknown teaches nothing")
  func unknownTeachesNothing() {
    var forecast = ForecastHouse().forecast()
    let unknown = Self.house(pv: nil, load: nil)
    let looks = [Self.house(pv: 500, load: 100), unknown, unknown]
    _ = Self.show(&forecast, Self.noon, looks: looks)
    let taught = Self.show(&forecast, Self.noon.next, looks: [unknown])
    #expect(!taught)
    let expected = forecast.predict(from: Self.noon.next, count: 1)
    #expect(expected[0].pv == nil)
    #expect(expected[0].load == nil)
  }

  @Test("panels held back teach nothing of the sun, but of the load, and sun is expected on")
  func curtailed() {
    let house = ForecastHouse()
    let days = house.days(11)
    let end = 10 * 96 + 40
    var forecast = house.forecast()
    forecast.observe(days[..<end])
    var curtailed = forecast
    var fooled = forecast
    for slot in days[end..<end + 16] {
      let held = Self.house(pv: 0, load: 450, .curtailed(.batteryFull))
      _ = Self.show(&curtailed, slot.slot, looks: [held, held])
      fooled.observe(pv: .zero, load: Power(watts: 450), over: slot.slot)
    }
    let last = days[end + 16].slot
    _ = Self.show(&curtailed, last, looks: [Self.house(pv: nil, load: nil)])
    let said = curtailed.predict(from: last, count: 4)
    let before = forecast.predict(from: last, count: 4)
    let wrong = fooled.predict(from: last, count: 4)
    let pv = said[0].pv?.middle.watts ?? 0
    #expect(pv > (before[0].pv?.middle.watts ?? 0) / 2)
    #expect(pv > 2 * (wrong[0].pv?.middle.watts ?? 0) + 100)
    #expect(said[0].load?.middle == wrong[0].load?.middle)
    let clear = curtailed.clearSkyPower(over: last)
    #expect(clear == forecast.clearSkyPower(over: last))
    #expect(clear ?? .zero > Power(watts: 1500))
  }

  @Test(
    "expects no sun of a house without panels or with dark ones, and its lack",
    arguments: [true, false])
  func noPanels(hasPanels: Bool) {
    var forecast = ForecastHouse().forecast(knowsPlace: !hasPanels)
    var state = Self.house(pv: hasPanels ? 0 : nil, load: 300)
    state.hasPanels = hasPanels
    for index in Int64(0)..<20 {
      _ = Self.show(&forecast, Self.noon.advanced(by: index), looks: [state])
    }
    let next = forecast.predict(from: Self.noon.advanced(by: 20), count: 1)
    let load = next[0].load?.middle.watts ?? 0
    #expect((295...305).contains(load))
    #expect(next[0].pv?.high == .zero)
    #expect(next[0].surplus?.middle.watts == -load)
  }
}
