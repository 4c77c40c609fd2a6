import Quantities
import Testing

import Planning

/// The worked example of Reda and Andreas, and what must hold anywhere.
@Suite("Solar position")
struct SolarPositionTests {
  /// Appendix A.5 of the paper: 17 October 2003, 12:30:30 at UTC−7, a hill in Colorado.
  static let instant = Instant(millisecondsSince1970: 1_066_419_030_000)
  static let hill = Place(
    latitude: Angle(microdegrees: 39_742_476), longitude: Angle(microdegrees: -105_178_600),
    elevationMetres: 1830)

  static func degrees(_ radians: Double) -> Double { radians / .degree }

  @Test("gives the paper's steps in between")
  func steps() {
    let days = UniversalDays(Self.instant)
    let centuries = days.ephemerisCenturies(deltaT: 67)
    let longitude = EarthTerms.value(of: EarthTerms.longitude, at: centuries / 10)
    let latitude = EarthTerms.value(of: EarthTerms.latitude, at: centuries / 10)
    let radius = EarthTerms.value(of: EarthTerms.radius, at: centuries / 10)
    let nutation = Nutation(centuries: centuries)
    let sun = GeocentricSun(centuries: centuries)
    let equinoxes = nutation.longitude * cosine(of: 23.440465 * .degree)
    let west = days.siderealTime + Self.hill.longitude.radians
    let hourAngle = wholeTurnsRemoved(from: west - sun.rightAscension)
    let steps: [(value: Double, published: Double, within: Double)] = [
      (Self.degrees(wholeTurnsRemoved(from: longitude)), 24.0182616917, 1e-8),
      (Self.degrees(latitude), -0.0001011219, 1e-9),
      (radius, 0.9965422974, 1e-10),
      (Self.degrees(nutation.longitude), -0.00399840, 1e-8),
      (Self.degrees(nutation.obliquity), 0.00166657, 1e-8),
      (Self.degrees(sun.rightAscension + equinoxes), 202.22741, 5e-6),
      (Self.degrees(sun.declination), -9.31434, 5e-6),
      (Self.degrees(hourAngle), 11.105900, 5e-6),
    ]
    for step in steps {
      let error = abs(step.value - step.published)
      #expect(error <= step.within, "\(step.value) is not \(step.published)")
    }
  }

  @Test("gives the paper's zenith and azimuth")
  func workedExample() {
    let days = UniversalDays(Self.instant)
    let sun = GeocentricSun(centuries: days.ephemerisCenturies(deltaT: 67))
    let direction = Horizon(Self.hill).direction(of: sun, at: days)
    let position = SolarPosition(
      direction, through: Atmosphere(pressure: 820, temperature: 11))
    #expect(abs(position.apparentZenith.microdegrees - 50_111_620) <= 5)
    #expect(abs(position.azimuth.microdegrees - 194_340_240) <= 5)
  }

  /// Midnight in UTC that a day begins with.
  static func instant(day: Int64, minute: Int64 = 0) -> Instant {
    Instant(millisecondsSince1970: day * TimeSpan.day.milliseconds + minute * 60_000)
  }

  static func place(_ latitude: Int64, _ longitude: Int64) -> Place {
    Place(latitude: Angle(degrees: latitude), longitude: Angle(degrees: longitude))
  }

  /// Equinoxes and solstices as published:
  /// 20 March, 20 June, 22 September and 21 December 2024: the sun crosses the equator or turns.
  static let seasons: [(day: Int64, minute: Int64, declination: Double)] = [
    (19_802, 3 * 60 + 6, 0), (19_894, 20 * 60 + 51, 23.4384), (19_988, 12 * 60 + 44, 0),
    (20_078, 9 * 60 + 20, -23.4384),
  ]

  @Test("stands above the poles as high as the almanac says, all day long")
  func poles() {
    for season in Self.seasons {
      let instant = Self.instant(day: season.day, minute: season.minute)
      let north = SolarPosition(at: instant, place: Self.place(90, 0))
      let south = SolarPosition(at: instant, place: Self.place(-90, 0))
      // Parallax takes up to 0.0024° off at either pole.
      #expect(abs(Self.elevation(north) - season.declination) < 0.003)
      #expect(abs(Self.elevation(south) + season.declination) < 0.003)
      let later = SolarPosition(at: instant + .hour, place: Self.place(90, 0))
      #expect(abs(Self.elevation(later) - Self.elevation(north)) < 0.02)
      let turned = later.azimuth - north.azimuth
      let turn = turned < .zero ? turned + Angle(degrees: 360) : turned
      #expect(abs(turn.microdegrees - 15_000_000) < 10_000)
    }
  }

  static func elevation(_ position: SolarPosition) -> Double {
    Double(position.elevation.microdegrees) / 1e6
  }

  @Test("is the same on both sides of the date line and all around a pole")
  func dateLine() {
    for hour in 0..<24 {
      let instant = Self.instant(day: 19_900, minute: Int64(hour) * 60)
      let east = SolarPosition(at: instant, place: Self.place(-17, 180))
      let west = SolarPosition(at: instant, place: Self.place(-17, -180))
      #expect(east == west)
      let here = SolarPosition(at: instant, place: Self.place(90, 0))
      let there = SolarPosition(at: instant, place: Self.place(90, 123))
      #expect(abs(here.zenith.microdegrees - there.zenith.microdegrees) <= 1)
    }
  }

  @Test("crosses the sky evenly: no jump where a year or the count of right ascension ends")
  func evenly() {
    for (latitude, longitude) in [(0, 0), (23, 90), (-34, 151), (65, -18), (-90, 0)] {
      let place = Self.place(Int64(latitude), Int64(longitude))
      // Over the end of 2024 and over the March equinox, where right ascension starts anew.
      for day: Int64 in [20_088, 20_167] {
        var before = SolarPosition(at: Self.instant(day: day), place: place)
        for minute in stride(from: Int64(5), through: 2880, by: 5) {
          let now = SolarPosition(at: Self.instant(day: day, minute: minute), place: place)
          let step = abs(now.zenith.microdegrees - before.zenith.microdegrees)
          #expect(step <= 1_255_000)
          before = now
        }
      }
    }
  }

  @Test("does not set at midsummer nor rise at midwinter beyond the polar circle")
  func polarDay() {
    for minute in stride(from: Int64(0), to: 1440, by: 15) {
      let june = Self.instant(day: 19_894, minute: minute)
      let tromso = Self.place(70, 19)
      #expect(SolarPosition(at: june, place: tromso).elevation > Angle(degrees: 3))
      let december = Self.instant(day: 20_078, minute: minute)
      #expect(SolarPosition(at: december, place: tromso).elevation < Angle(degrees: -3))
    }
  }

  @Test("passes north or south of straight up, and rises in the east")
  func quarters() {
    // Noon and morning at 0° east, a few days after the equation of time was zero.
    let noon = Self.instant(day: 19_894, minute: 722)
    let morning = Self.instant(day: 19_894, minute: 480)
    #expect(Self.azimuth(at: noon, Self.place(50, 0)) == 180)
    #expect(Self.azimuth(at: noon, Self.place(-30, 0)) % 360 == 0)
    #expect((60...120).contains(Self.azimuth(at: morning, Self.place(50, 0))))
    #expect((20...90).contains(Self.azimuth(at: morning, Self.place(-30, 0))))
  }

  /// Rounded to degrees.
  static func azimuth(at instant: Instant, _ place: Place) -> Int64 {
    (SolarPosition(at: instant, place: place).azimuth.microdegrees + 500_000) / 1_000_000
  }

  @Test("takes any instant that the process lets in")
  func anyInstant() {
    for instant in [Instant.distantPast, Instant(rawValue: 0), Instant.distantFuture] {
      let position = SolarPosition(at: instant, place: Self.hill)
      #expect((Angle.zero...Angle(degrees: 180)).contains(position.zenith))
      #expect((Angle.zero..<Angle(degrees: 360)).contains(position.azimuth))
    }
  }
}
