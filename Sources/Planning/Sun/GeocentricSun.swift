/// Where the sun is, seen from the middle of the earth: what changes slowly.
///
/// The full algorithm of Reda and Andreas, "Solar position algorithm for solar radiation
/// applications" (2004; NREL/TP-560-34302, revised 2008), equations 9 to 30, but for the turning
/// of the earth.
package struct GeocentricSun: Hashable, Sendable {
  /// Right ascension less the equation of the equinoxes, in radians: so much does the hour angle
  /// lag behind mean sidereal time.
  package var rightAscension: Double
  /// North is +, radians.
  package var declination: Double
  /// In astronomical units.
  package var distance: Double

  package init(rightAscension: Double, declination: Double, distance: Double) {
    self.rightAscension = rightAscension
    self.declination = declination
    self.distance = distance
  }

  package init(at days: UniversalDays) { self.init(centuries: days.ephemerisCenturies) }

  /// At this many Julian centuries of terrestrial time since 2000.
  package init(centuries: Double) {
    let millennia = centuries / 10
    let nutation = Nutation(centuries: centuries)
    let distance = EarthTerms.value(of: EarthTerms.radius, at: millennia)
    // The sun is seen opposite to where the earth is seen from the sun.
    let latitude = -EarthTerms.value(of: EarthTerms.latitude, at: millennia)
    let trueLongitude = EarthTerms.value(of: EarthTerms.longitude, at: millennia) + Double.pi
    let aberration = -20.4898 / 3600 * .degree / distance
    let longitude = trueLongitude + nutation.longitude + aberration
    let seconds = polynomial(Self.obliquitySeconds, at: millennia / 10)
    let obliquity = seconds / 3600 * .degree + nutation.obliquity

    let sineOfLongitude = sine(of: longitude)
    let sineOfObliquity = sine(of: obliquity)
    let cosineOfObliquity = cosine(of: obliquity)
    let across = sineOfLongitude * cosineOfObliquity - tangent(of: latitude) * sineOfObliquity
    let ascension = arcTangent(of: across, over: cosine(of: longitude))
    let equinoxes = nutation.longitude * cosineOfObliquity
    let polar = cosine(of: latitude) * sineOfObliquity * sineOfLongitude
    self.init(
      rightAscension: wholeTurnsRemoved(from: ascension - equinoxes),
      declination: arcSine(of: sine(of: latitude) * cosineOfObliquity + polar),
      distance: distance)
  }

  /// Mean obliquity of the ecliptic in seconds of arc, by powers of ten millennia (equation 24).
  private static let obliquitySeconds: [Double] = [
    84381.448, -4680.93, -1.55, 1999.25, -51.38, -249.67, -39.05, 7.12, 27.87, 5.79, 2.45,
  ]
}
