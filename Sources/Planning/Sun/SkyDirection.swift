import Quantities

/// A direction as seen from a place: a vector of length 1.
package struct SkyDirection: Hashable, Sendable {
  package let east: Double
  package let north: Double
  package let up: Double

  /// The direction of a vector of any length but 0.
  package init(east: Double, north: Double, up: Double) {
    let length = (east * east + north * north + up * up).squareRoot()
    self.east = east / length
    self.north = north / length
    self.up = up / length
  }

  /// `zenith` is from straight up, `azimuth` clockwise from north; radians.
  package init(zenith: Double, azimuth: Double) {
    let level = sine(of: zenith)
    self.init(
      east: level * sine(of: azimuth), north: level * cosine(of: azimuth), up: cosine(of: zenith))
  }

  /// From straight up, 0 to π.
  package var zenith: Double {
    arcTangent(of: (east * east + north * north).squareRoot(), over: up)
  }

  /// Above the horizon is +, −π/2 to π/2.
  package var elevation: Double { Double.pi / 2 - zenith }

  /// Clockwise from north, 0 to 2π.
  package var azimuth: Double { wholeTurnsRemoved(from: arcTangent(of: east, over: north)) }

  /// The cosine of the angle between two directions.
  package func alignment(with other: SkyDirection) -> Double {
    east * other.east + north * other.north + up * other.up
  }

  /// The same direction this much (radians) nearer to straight up, as far as that.
  package func lifted(by refraction: Double) -> SkyDirection {
    let level = (east * east + north * north).squareRoot()
    guard level > 0 else { return self }
    let lifted = max(0, zenith - refraction)
    let scale = sine(of: lifted) / level
    return SkyDirection(
      east: east * scale, north: north * scale, up: cosine(of: lifted))
  }
}

extension Angle {
  /// The angle as a floating-point number of radians.
  package var radians: Double { Double(microdegrees) / 1e6 * .degree }

  /// Rounded to a microdegree.
  package init(radians: Double) {
    self.init(microdegrees: Int64((radians / .degree * 1e6).rounded()))
  }
}
