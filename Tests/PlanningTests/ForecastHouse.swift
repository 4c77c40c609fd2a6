import Quantities
import Sites

import Planning
import Thrown

/// A made-up house with weather from a seed, to teach forecasts with.
struct ForecastHouse {
  /// 2026-03-02 00:00 UTC, a Monday.
  static let firstSlot = TimeSlot(index: 1_772_409_600_000 / 900_000)

  var place = Place(latitude: Angle(degrees: 48), longitude: Angle(degrees: 11))
  var panels = [
    PanelArray(
      tilt: Angle(degrees: 30), azimuth: Angle(degrees: 180), peak: Power(watts: 5000))
  ]
  var localTime = LocalTime.utc
  /// What part of the panels is there from this day on.
  var share: (Int) -> Double = { _ in 1 }
  var seed: UInt64 = 1

  /// PV and load of `days` days, slot by slot.
  func days(_ days: Int) -> [(slot: TimeSlot, pv: Power, load: Power)] {
    let course = ClearSkyCourse(ClearSky(at: place), from: Self.firstSlot, count: days * 96)
    var source = SeededSource(seed: seed)
    var daily = 0.5
    var cloud = 0.5
    return course.slots.enumerated().map { index, slot in
      if index % 96 == 0 { daily = Double(source.number(0...1000)) / 1000 }
      cloud = 0.8 * cloud + 0.2 * Double(source.number(0...1000)) / 1000
      let clearness = max(0.1, 1 - 0.5 * daily - 0.4 * cloud)
      let clear = panels.reduce(Power.zero) { $0 + (course.power(of: $1, over: slot) ?? .zero) }
      let pv = Double(clear.rawValue) * clearness * 0.85 * share(index / 96)
      return (slot, Power(milliwatts: Int64(pv)), load(slot, &source))
    }
  }

  /// 200 W, 800 W in the evening of the clock on the wall, and a kettle now and then.
  private func load(_ slot: TimeSlot, _ source: inout SeededSource) -> Power {
    let hour = localTime.minuteOfDay(at: slot.start) / 60
    let base: Int64 = (18..<22).contains(hour) ? 800 : 200
    let kettle: Int64 = source.chance(8) ? 700 : 0
    return Power(watts: base + kettle + source.number(0...50))
  }

  func forecast(knowsPlace: Bool = true, knowsPanels: Bool = false) -> SurplusForecast {
    SurplusForecast(
      localTime: localTime, place: knowsPlace ? place : nil, panels: knowsPanels ? panels : [])
  }
}

extension SurplusForecast {
  /// Teaches slots of a house.
  mutating func observe(_ slots: some Sequence<(slot: TimeSlot, pv: Power, load: Power)>) {
    for slot in slots { observe(pv: slot.pv, load: slot.load, over: slot.slot) }
  }
}
