import Quantities
import Testing

@testable import Planning

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
}
