import Quantities

/// Where the sun stands, seen from a place.
///
/// By the solar position algorithm of NREL (Reda and Andreas 2004), whose own uncertainty is
/// 0.0003°. UTC taken for universal time adds 0.004° at most, and a minute's error in the
/// difference between terrestrial and universal time, as after some centuries, 0.0007°.
public struct SolarPosition: Hashable, Sendable {
  /// From straight up to the middle of the sun's disc, 0° to 180°; no air in between.
  public let zenith: Angle
  /// Clockwise from north, 0° to below 360°; anything when the sun stands straight above.
  public let azimuth: Angle
  /// How much the air lifts the sun's picture, ≥ 0: standard pressure at the place's elevation,
  /// 12 °C; zero once all of the sun is below the horizon.
  public let refraction: Angle

  public init(at instant: Instant, place: Place) {
    let days = UniversalDays(instant)
    let direction = Horizon(place).direction(of: GeocentricSun(at: days), at: days)
    self.init(direction, through: Atmosphere(elevationMetres: place.elevationMetres))
  }

  package init(_ direction: SkyDirection, through air: Atmosphere) {
    zenith = Angle(radians: direction.zenith)
    let azimuth = Angle(radians: direction.azimuth)
    self.azimuth = azimuth < Angle(degrees: 360) ? azimuth : .zero
    refraction = Angle(radians: air.refraction(atElevation: direction.elevation))
  }

  /// Above the horizon is +, −90° to 90°; no air in between.
  public var elevation: Angle { Angle(degrees: 90) - zenith }

  /// From straight up to where the sun seems to stand.
  public var apparentZenith: Angle { max(.zero, zenith - refraction) }
}
