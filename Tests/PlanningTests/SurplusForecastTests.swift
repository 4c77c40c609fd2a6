import Planning
import Quantities
import Sites
import Testing

@Suite struct SurplusForecastTests {
  static let first = ForecastHouse.firstSlot

  static func watts(_ value: Int64) -> Power { Power(watts: value) }

  static func middle(_ forecast: [SlotForecast], _ index: Int) -> Int64? {
    forecast[index].pv?.middle.watts
  }

  @Test("knows nothing before it has seen anything, nor what panels of unknown size give")
  func unknownAtFirst() {
    for knowsPlace in [true, false] {
      let forecast = ForecastHouse().forecast(knowsPlace: knowsPlace).predict(from: Self.first)
      #expect(forecast.count == 192)
      let isUnknown = forecast.allSatisfy { $0.pv == nil && $0.load == nil && $0.surplus == nil }
      #expect(isUnknown)
    }
  }

  @Test("says at once what panels of known size and place give")
  func knownPanels() {
    let forecast = ForecastHouse().forecast(knowsPanels: true).predict(from: Self.first)
    let noon = Self.middle(forecast, 45) ?? 0
    #expect(noon > 1500)
    #expect(noon < 4000)
    #expect(Self.middle(forecast, 4) == 0)
    let loads = forecast.compactMap(\.load)
    #expect(loads.isEmpty)
  }

  @Test("on the first day the light of an hour gives the day", arguments: [true, false])
  func firstDay(knowsPlace: Bool) {
    let house = ForecastHouse()
    var forecast = house.forecast(knowsPlace: knowsPlace)
    let day = house.days(1)
    forecast.observe(day[..<40])
    let expected = forecast.predict(from: day[40].slot)
    for hour in [12, 14] {
      let said = Self.middle(expected, hour * 4 - 40) ?? 0
      let truth = day[hour * 4].pv.watts
      #expect(said > truth / 2)
      #expect(said < truth * 2)
    }
    #expect(Self.middle(expected, 23 * 4 - 40) == 0)
    let load = expected[0].load?.middle.watts ?? 0
    #expect((180...400).contains(load))
  }

  @Test("its quantiles are in order, PV and load not below zero, and nights are dark")
  func orderly() {
    let house = ForecastHouse()
    var forecast = house.forecast()
    let days = house.days(20)
    for (index, slot) in days.enumerated() {
      if index % 37 == 0 {
        for expected in forecast.predict(from: slot.slot) {
          for power in [expected.pv, expected.load].compactMap({ $0 }) {
            #expect(power.low >= .zero)
          }
          for power in [expected.pv, expected.load, expected.surplus].compactMap({ $0 }) {
            #expect(power.low <= power.middle)
            #expect(power.middle <= power.high)
            #expect(power.low.rawValue % 1000 == 0)
          }
          let hour = LocalTime.utc.minuteOfDay(at: expected.slot.start) / 60
          if hour < 4 || hour > 19, let pv = expected.pv { #expect(pv.high == .zero) }
        }
      }
      forecast.observe([slot])
    }
  }

  @Test("nine in ten lie below its 90 % and one in ten below its 10 %", arguments: [true, false])
  func honest(knowsPlace: Bool) {
    let house = ForecastHouse(seed: 7)
    var forecast = house.forecast(knowsPlace: knowsPlace)
    let days = house.days(100)
    var below = [0.0, 0, 0, 0, 0, 0]
    var pvSlots = 0.0
    var slots = 0.0
    for (index, slot) in days.enumerated() {
      if index > 30 * 96, index + 24 < days.count, index % 3 == 0 {
        let expected = forecast.predict(from: slot.slot, count: 24)[23]
        let truth = days[index + 23]
        if let surplus = expected.surplus, let pv = expected.pv, pv.high > .zero {
          pvSlots += 1
          for (level, power) in [pv.low, pv.middle, pv.high].enumerated() where truth.pv < power {
            below[level] += 1
          }
          let net = truth.pv - truth.load
          if net < surplus.low { below[3] += 1 }
          if net < surplus.high { below[4] += 1 }
        }
        slots += 1
        if let load = expected.load, truth.load < load.high { below[5] += 1 }
      }
      forecast.observe([slot])
    }
    #expect(abs(below[0] / pvSlots - 0.1) < 0.05)
    #expect(abs(below[1] / pvSlots - 0.5) < 0.1)
    #expect(abs(below[2] / pvSlots - 0.9) < 0.05)
    #expect(abs(below[3] / pvSlots - 0.1) < 0.05)
    #expect(abs(below[4] / pvSlots - 0.9) < 0.05)
    #expect(abs(below[5] / slots - 0.9) < 0.04)
  }

  @Test("surplus is narrower than low PV against high load, and centred the same")
  func surplusSpread() {
    let house = ForecastHouse()
    var forecast = house.forecast()
    let days = house.days(15)
    forecast.observe(days[..<(14 * 96 + 36)])
    let expected = forecast.predict(from: days[14 * 96 + 36].slot, count: 20)
    for slot in expected {
      guard let pv = slot.pv, let load = slot.load, let surplus = slot.surplus else {
        Issue.record("nothing expected")
        continue
      }
      let widest = pv.high - pv.low + load.high - load.low
      #expect(surplus.high - surplus.low < widest)
      #expect(surplus.middle > pv.low - load.high)
      #expect(surplus.middle < pv.high - load.low)
    }
  }

  @Test("its mean leans to the longer side")
  func mean() {
    let load = PowerQuantiles(
      low: Self.watts(100), middle: Self.watts(200), high: Self.watts(900))
    #expect(load.mean == Self.watts(380))
    #expect(PowerQuantiles(certain: Self.watts(-70)).mean == Self.watts(-70))
  }

  @Test("takes up more panels within days", arguments: [(2.0, 7), (0.5, 21)])
  func step(factor: Double, days: Int) {
    var house = ForecastHouse()
    house.share = { $0 < 30 ? 1 : factor }
    let slots = house.days(30 + days + 1)
    house.share = { _ in factor }
    var grown = house.forecast()
    var asEver = house.forecast()
    let end = (30 + days) * 96
    grown.observe(slots[..<end])
    asEver.observe(house.days(30 + days))
    func energy(_ forecast: SurplusForecast) -> Double {
      forecast.predict(from: slots[end].slot, count: 96).reduce(0) {
        $0 + Double($1.pv?.middle.watts ?? 0)
      }
    }
    let ratio = energy(grown) / energy(asEver)
    #expect(ratio > 0.75)
    #expect(ratio < 1.25)
  }

  @Test("goes on after days without a record")
  func gap() {
    let house = ForecastHouse()
    var forecast = house.forecast()
    let days = house.days(40)
    forecast.observe(days[..<(20 * 96)])
    let dark = forecast.predict(from: days[25 * 96].slot)
    #expect(Self.middle(dark, 48) ?? 0 > 800)
    #expect(dark[48].surplus != nil)
    forecast.observe(days[(30 * 96)...])
    let expected = forecast.predict(from: days[39 * 96].slot.advanced(by: 96))
    #expect(Self.middle(expected, 48) ?? 0 > 1000)
  }

  @Test("an evening stays the household's evening when the clock on the wall changes")
  func summerTime() {
    var house = ForecastHouse()
    let change = Self.first.advanced(by: 27 * 96 + 4).start
    house.localTime = LocalTime(changes: [
      LocalTime.Change(from: .distantPast, offset: TimeSpan(minutes: 60)),
      LocalTime.Change(from: change, offset: TimeSpan(minutes: 120)),
    ])
    var forecast = house.forecast()
    let days = house.days(29)
    forecast.observe(days[..<(27 * 96)])
    let expected = forecast.predict(from: days[27 * 96].slot)
    // 18:00 on the wall was 17:00 UTC and is 16:00 UTC now; 22:00 is 20:00 UTC.
    let evening = (16 * 4..<20 * 4).map { expected[$0].load?.middle.watts ?? 0 }
    #expect(evening.dropFirst(2).dropLast(2).allSatisfy { $0 > 600 })
    #expect(expected[20 * 4 + 2].load?.middle.watts ?? 999 < 500)
  }

  @Test("gives the same for the same")
  func deterministic() {
    let house = ForecastHouse()
    var first = house.forecast()
    var second = house.forecast()
    let days = house.days(10)
    first.observe(days)
    second.observe(days)
    #expect(first == second)
    #expect(first.predict(from: days[900].slot) == second.predict(from: days[900].slot))
  }

  @Test("learns nothing from a slot it knows, and goes on when a clock was ahead")
  func clockSetRight() {
    let house = ForecastHouse()
    var forecast = house.forecast()
    let days = house.days(12)
    forecast.observe(days[..<400])
    let known = forecast
    forecast.observe(days[380..<400])
    #expect(forecast == known)
    forecast.observe(pv: .zero, load: Self.watts(300), over: days[0].slot.advanced(by: 90_000))
    forecast.observe(days[400..<1000])
    let expected = forecast.predict(from: days[1000].slot)
    let hours = expected.compactMap { $0.pv?.middle }.max() ?? .zero
    #expect(hours > Self.watts(1000))
  }
}
