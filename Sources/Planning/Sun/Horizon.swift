/// A place on the turning earth, ready to say in which direction it sees the sun.
package struct Horizon: Hashable, Sendable {
  private let longitude: Double
  private let sineOfLatitude: Double
  private let cosineOfLatitude: Double
  /// Distance from the earth's axis and from the equator's plane, in equatorial radii.
  private let fromAxis: Double
  private let fromEquator: Double

  package init(_ place: Place) {
    longitude = place.longitude.radians
    let latitude = place.latitude.radians
    sineOfLatitude = sine(of: latitude)
    cosineOfLatitude = cosine(of: latitude)
    // Reda and Andreas, equations 34 to 36: the earth is flattened.
    let flattening = 0.99664719
    let height = Double(place.elevationMetres) / 6_378_140
    let reduced = arcTangent(of: flattening * sineOfLatitude, over: cosineOfLatitude)
    fromAxis = cosine(of: reduced) + height * cosineOfLatitude
    fromEquator = flattening * sine(of: reduced) + height * sineOfLatitude
  }

  /// The direction to the sun from here, no air in between.
  ///
  /// Parallax is taken off as a vector, which is what equations 31 to 46 do with angles.
  package func direction(of sun: GeocentricSun, at days: UniversalDays) -> SkyDirection {
    let hourAngle = days.siderealTime + longitude - sun.rightAscension
    let cosineOfDeclination = cosine(of: sun.declination)
    let parallax = sine(of: 8.794 / 3600 * .degree / sun.distance)
    let outward = cosineOfDeclination * cosine(of: hourAngle) - fromAxis * parallax
    let polar = sine(of: sun.declination) - fromEquator * parallax
    return SkyDirection(
      east: -cosineOfDeclination * sine(of: hourAngle),
      north: polar * cosineOfLatitude - outward * sineOfLatitude,
      up: outward * cosineOfLatitude + polar * sineOfLatitude)
  }
}
