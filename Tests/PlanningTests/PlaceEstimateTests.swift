import Quantities
import Testing

import Planning

@Suite struct PlaceEstimateTests {
  /// Latitude and longitude in degrees, and the clock's minutes ahead of UTC.
  static let places: [[Int64]] = [
    [52, 5, 60], [-33, 151, 600], [23, 90, 360], [40, -105, -420], [0, 37, 180],
  ]

  @Test("finds from the record where a house stands", arguments: places)
  func finds(where place: [Int64]) {
    let latitude = place[0]
    let longitude = place[1]
    let offset = place[2]
    var house = ForecastHouse()
    house.place = Place(
      latitude: Angle(degrees: latitude), longitude: Angle(degrees: longitude))
    house.panels = [PanelArray(tilt: .zero, azimuth: .zero, peak: Power(watts: 3000))]
    house.localTime = LocalTime(changes: [
      LocalTime.Change(from: .distantPast, offset: TimeSpan(minutes: offset))
    ])
    var forecast = house.forecast(knowsPlace: false)
    let days = house.days(110)
    forecast.observe(days[..<(109 * 96)])
    let estimate = forecast.estimate
    #expect(abs((estimate?.latitude ?? 90) - Double(latitude)) <= 8)
    #expect(abs((estimate?.longitude ?? 0) - Double(longitude)) <= 4)
    var knows = house.forecast()
    knows.observe(days[..<(109 * 96)])
    func energy(_ forecast: SurplusForecast) -> Double {
      forecast.predict(from: days[109 * 96].slot, count: 96).reduce(0) {
        $0 + Double($1.pv?.middle.watts ?? 0)
      }
    }
    #expect(abs(energy(forecast) / energy(knows) - 1) < 0.15)
  }
}
