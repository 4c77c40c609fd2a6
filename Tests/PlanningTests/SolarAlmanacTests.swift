import Quantities
import Testing

import Planning
import Thrown

@Suite("Solar almanac")
struct SolarAlmanacTests {
  static let day = TimeSpan.day.milliseconds

  @Test(
    "agrees with the full algorithm to 0.000001°",
    arguments: [1950, 1974, 1999, 2024, 2025, 2049, 2099, 2149])
  func agrees(year: Int64) {
    let start = Instant(millisecondsSince1970: (year - 1970) * 31_556_952_000)
    let almanac = SolarAlmanac(from: start, to: start + TimeSpan(minutes: 1440 * 366))
    let place = Place(
      latitude: Angle(degrees: 47), longitude: Angle(degrees: 8), elevationMetres: 400)
    let horizon = Horizon(place)
    var source = SeededSource(seed: UInt64(year))
    var worst = 0.0
    for _ in 0..<1000 {
      let instant = start + TimeSpan(milliseconds: source.number(0...(366 * Self.day)))
      let days = UniversalDays(instant)
      let full = horizon.direction(of: GeocentricSun(at: days), at: days)
      let read = horizon.direction(of: almanac.sun(at: days), at: days)
      let apart = [full.east - read.east, full.north - read.north, full.up - read.up]
      worst = max(worst, apart.map { $0 * $0 }.reduce(0, +).squareRoot())
    }
    #expect(worst / .degree < 0.000_001)
    // Were both the same code, there would be no difference at all.
    #expect(worst > 0)
  }

  @Test("is in full what it can't be by table: before its days, after them, beyond its limit")
  func beyond() {
    let start = Instant(millisecondsSince1970: 20_000 * Self.day)
    let almanac = SolarAlmanac(from: start, to: start + TimeSpan(milliseconds: 5000 * Self.day))
    for day: Int64 in [-400, -2, 760, 4000, 9000] {
      let days = UniversalDays(start + TimeSpan(milliseconds: day * Self.day + 1234))
      #expect(almanac.sun(at: days) == GeocentricSun(at: days))
    }
  }

  @Test("knows terrestrial time as published, and without a jump from one formula to the next")
  func deltaT() {
    let published: [(year: Double, seconds: Double)] = [
      (1950, 29.1), (1955, 31.1), (1960, 33.2), (1965, 35.7), (1970, 40.2), (1975, 45.5),
      (1980, 50.5), (1985, 54.3), (1990, 56.9), (1995, 60.8), (2000, 63.8), (2005, 64.7),
      (2050, 93), (2100, 203), (2150, 328),
    ]
    for value in published {
      #expect(abs(UniversalDays.deltaT(year: value.year) - value.seconds) < 0.5)
    }
    for year in [1941.0, 1961, 1986, 2005, 2050, 2150] {
      let before = UniversalDays.deltaT(year: year - 0.001)
      #expect(abs(UniversalDays.deltaT(year: year) - before) < 0.3)
    }
  }
}
