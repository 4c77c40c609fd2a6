import Planning
import Quantities
import Testing

@Suite struct ForecastWeatherTests {
  static let days = ForecastHouse().days(12)

  /// Hours from the forecast's start on, each with the same cloud or radiation.
  static func outlook(
    from slot: TimeSlot, cloudPermille: Int64? = nil, radiationWatts: Int64? = nil,
    readBefore age: TimeSpan = .zero
  ) -> WeatherOutlook {
    let first = Instant(
      millisecondsSince1970: slot.start.millisecondsSince1970 / 3_600_000 * 3_600_000)
    let hours = (0..<48).map { index in
      WeatherOutlook.Hour(
        start: first + TimeSpan(minutes: 60 * Int64(index)),
        radiation: radiationWatts.map { Irradiance(wattsPerSquareMetre: $0) },
        cloudPermille: cloudPermille)
    }
    return WeatherOutlook(readAt: slot.start - age, hours: hours)
  }

  static func noon(_ forecast: SurplusForecast, from slot: TimeSlot) -> PowerQuantiles? {
    forecast.predict(from: slot)[36].pv
  }

  @Test("an outlook moves PV, and without one nothing has changed", arguments: [true, false])
  func outlook(knowsPanels: Bool) {
    let end = 10 * 96 + 12
    var forecast = ForecastHouse().forecast(knowsPanels: knowsPanels)
    forecast.observe(Self.days[..<end])
    let start = Self.days[end].slot
    let plain = forecast.predict(from: start)
    forecast.weather = Self.outlook(from: start, cloudPermille: 0)
    let clear = Self.noon(forecast, from: start)?.middle ?? .zero
    forecast.weather = Self.outlook(from: start, cloudPermille: 1000)
    let overcast = Self.noon(forecast, from: start)?.middle ?? .zero
    forecast.weather = Self.outlook(from: start, radiationWatts: 60)
    let dark = Self.noon(forecast, from: start)?.middle ?? .zero
    #expect(clear > overcast + Power(watts: 300))
    #expect(overcast > dark)
    let load = forecast.predict(from: start).map(\.load)
    #expect(load == plain.map(\.load))
    forecast.weather = nil
    #expect(forecast.predict(from: start) == plain)
  }

  @Test("an outlook read two days ago, or of other hours, says nothing")
  func stale() {
    let end = 10 * 96 + 12
    var forecast = ForecastHouse().forecast()
    forecast.observe(Self.days[..<end])
    let start = Self.days[end].slot
    let plain = forecast.predict(from: start)
    forecast.weather = Self.outlook(
      from: start, cloudPermille: 1000, readBefore: TimeSpan(minutes: 48 * 60))
    #expect(forecast.predict(from: start) == plain)
    forecast.weather = Self.outlook(from: start.advanced(by: -400), cloudPermille: 1000)
    #expect(forecast.predict(from: start) == plain)
    forecast.weather = WeatherOutlook(readAt: start.start, hours: [])
    #expect(forecast.predict(from: start) == plain)
  }

  @Test("learns to trust an outlook that is right and to doubt one that is wrong")
  func trust() {
    let days = ForecastHouse(seed: 5).days(60)
    let course = ClearSkyCourse(
      ClearSky(at: ForecastHouse().place), from: ForecastHouse.firstSlot, count: 61 * 96)
    // What the day brings, or the contrary of it.
    func teach(_ isRight: Bool) -> SurplusForecast {
      var forecast = ForecastHouse().forecast()
      for day in 0..<58 {
        let slots = days[day * 96..<day * 96 + 96]
        let given = slots.reduce(0.0) { $0 + Double($1.pv.rawValue) }
        let possible = course.powers(of: ForecastHouse().panels[0])[day * 96..<day * 96 + 96]
          .reduce(0.0) { $0 + Double($1.rawValue) * 0.85 }
        let clearness = isRight ? given / possible : 1.1 - given / possible
        let hours = (0..<24).map { hour -> WeatherOutlook.Hour in
          let slot = ForecastHouse.firstSlot.advanced(by: Int64(day * 96 + hour * 4))
          let clear = course.global(over: slot.next)?.rawValue ?? 0
          return WeatherOutlook.Hour(
            start: slot.start,
            radiation: Irradiance(
              milliwattsPerSquareMetre: Int64(Double(clear) * clearness)))
        }
        let first = ForecastHouse.firstSlot.advanced(by: Int64(day * 96))
        forecast.weather = WeatherOutlook(readAt: first.start, hours: hours)
        forecast.observe(slots)
      }
      return forecast
    }
    func swing(_ forecast: SurplusForecast) -> Int64 {
      var forecast = forecast
      let start = days[58 * 96].slot
      forecast.weather = Self.outlook(from: start, cloudPermille: 0)
      let clear = forecast.predict(from: start)[48].pv?.middle.watts ?? 0
      forecast.weather = Self.outlook(from: start, cloudPermille: 1000)
      return clear - (forecast.predict(from: start)[48].pv?.middle.watts ?? 0)
    }
    let trusted = swing(teach(true))
    let doubted = swing(teach(false))
    #expect(trusted > 500)
    #expect(doubted < trusted / 2)
  }
}
