import Quantities

/// The light of a cloudless sky over a place, and what panels make of it.
///
/// Irradiance by Ineichen and Perez, "A new airmass independent formulation for the Linke
/// turbidity coefficient" (Solar Energy 73, 2002): one number for the state of the air, no other
/// data, the elevation counted. Onto a tilted plane by Hay and Davies (1980). Nothing stands in
/// the way of the sun but the level horizon.
public struct ClearSky: Hashable, Sendable {
  /// Sunlight on a plane that faces the sun, outside the atmosphere at the earth's mean distance,
  /// as the model's authors took it.
  static let solarConstant = 1366.1

  public let place: Place
  /// The state of the air; nil is what is usual at the place in the season.
  public let turbidity: LinkeTurbidity?

  /// How much of the light that falls on the ground it throws back, in thousandths: 200 for grass,
  /// soil and roofs, 600 to 900 for snow.
  public let albedoPermille: Int64

  let horizon: Horizon
  let air: Atmosphere

  /// An albedo outside 0 to 1000 is brought back to it.
  public init(
    at place: Place, turbidity: LinkeTurbidity? = nil, albedoPermille: Int64 = 200
  ) {
    self.albedoPermille = min(max(0, albedoPermille), 1000)
    self.place = place
    self.turbidity = turbidity
    horizon = Horizon(place)
    air = Atmosphere(elevationMetres: place.elevationMetres)
  }

  /// The light at an instant.
  public func light(at instant: Instant) -> SkyLight {
    let moment = moment(at: instant)
    return SkyLight(
      global: Irradiance(wattsRounded: moment.global),
      directNormal: Irradiance(wattsRounded: moment.directNormal),
      diffuse: Irradiance(wattsRounded: moment.diffuse))
  }

  /// What falls on a square metre of the panels at an instant, ≥ 0.
  public func irradiance(on array: PanelArray, at instant: Instant) -> Irradiance {
    Irradiance(wattsRounded: moment(at: instant).irradiance(on: PanelPlane(array)))
  }

  /// What the panels are expected to give, as the slot's mean.
  ///
  /// For many slots in a row, `ClearSkyCourse` costs a tenth of it. What panels make of light is as
  /// in `PanelArray.power(under:airMillidegrees:)`, in air of 20 °C.
  public func power(of array: PanelArray, over slot: TimeSlot) -> Power {
    ClearSkyCourse(self, from: slot, count: 1).power(of: array, over: slot) ?? .zero
  }

  package func moment(at instant: Instant) -> SkyMoment {
    let days = UniversalDays(instant)
    let turbidity = turbidity ?? .usual(at: place, on: instant)
    return moment(at: days, sun: GeocentricSun(at: days), turbidity: turbidity)
  }

  /// The light of a moment, for a sun that may come from an almanac.
  package func moment(
    at days: UniversalDays, sun: GeocentricSun, turbidity: LinkeTurbidity
  ) -> SkyMoment {
    let outside = Self.solarConstant / (sun.distance * sun.distance)
    let direction = horizon.direction(of: sun, at: days)
    let dark = SkyMoment(dark: direction, extraterrestrial: outside)
    // From a degree and a half below the horizon no refraction lifts the sun above it.
    guard direction.up > -0.026 else { return dark }
    let elevation = direction.elevation
    let refraction = air.refraction(atElevation: elevation)
    guard elevation + refraction > 0 else { return dark }
    return moment(
      under: direction.lifted(by: refraction), outside: outside,
      airMass: air.airMass(atApparentElevation: elevation + refraction), turbidity: turbidity.value)
  }

  /// Ineichen and Perez, equations as collected by Reno, Hansen and Stein (SAND2012-2389).
  private func moment(
    under sun: SkyDirection, outside: Double, airMass: Double, turbidity: Double
  ) -> SkyMoment {
    let height = Double(place.elevationMetres)
    let thinner = exponential(of: -height / 8000)
    let cleaner = exponential(of: -height / 1250)
    let strength = 5.09e-5 * height + 0.868
    let weakening = 3.92e-5 * height + 0.0387
    let depth = weakening * airMass * (thinner + cleaner * (turbidity - 1))
    let global = strength * outside * sun.up * exponential(of: -depth)

    let direct = (0.664 + 0.163 / thinner) * exponential(of: -0.09 * airMass * (turbidity - 1))
    // However clear the air, a part of what comes through is diffuse.
    let scattered = (0.1 - 0.2 * exponential(of: -turbidity)) / (0.1 + 0.882 / thinner)
    let most = global * max(0, 1 - scattered) / sun.up
    let directNormal = min(outside * direct, most)
    return SkyMoment(
      sun: sun, extraterrestrial: outside, global: global, directNormal: directNormal,
      diffuse: global - directNormal * sun.up, albedo: Double(albedoPermille) / 1000)
  }
}
