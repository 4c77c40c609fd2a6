/// The sun and the sky's light at one moment, ready for planes that face anywhere.
///
/// Sun and irradiances are worked out once; a plane then costs a dozen multiplications.
package struct SkyMoment: Hashable, Sendable {
  /// Where the sun seems to stand.
  package let sun: SkyDirection
  /// Sunlight outside the atmosphere, on a plane that faces it; all irradiances are in W/m².
  package let extraterrestrial: Double
  /// On level ground.
  package let global: Double
  /// From the sun itself, on a plane that faces it.
  package let directNormal: Double
  /// From the rest of the sky, on level ground.
  package let diffuse: Double
  /// What a plane gets for each part of it that is turned to the sun.
  private let fromSun: Double
  /// What it gets from an even sky all around.
  private let fromSky: Double
  /// How much of the light that falls on the ground it throws back.
  private let albedo: Double

  /// Hay and Davies (1980): of the diffuse light, the share that the air lets through of the sun's
  /// comes from close to the sun, the rest evenly from all of the sky.
  package init(
    sun: SkyDirection, extraterrestrial: Double, global: Double, directNormal: Double,
    diffuse: Double, albedo: Double
  ) {
    self.sun = sun
    self.extraterrestrial = extraterrestrial
    self.global = global
    self.directNormal = directNormal
    self.diffuse = diffuse
    self.albedo = albedo
    let circumsolar = extraterrestrial > 0 ? directNormal / extraterrestrial : 0
    // Level ground sees next to nothing of a sun on the horizon: its glow is not blown up further.
    fromSun = directNormal + diffuse * circumsolar / max(sun.up, 0.01745)
    fromSky = diffuse * (1 - circumsolar)
  }

  /// Without sun.
  package init(dark sun: SkyDirection, extraterrestrial: Double) {
    self.init(
      sun: sun, extraterrestrial: extraterrestrial, global: 0, directNormal: 0, diffuse: 0,
      albedo: 0)
  }

  /// What falls on a plane: the sun's and the sky's light, and what the ground throws back.
  package func irradiance(on plane: PanelPlane) -> Double {
    let facing = max(0, sun.alignment(with: plane.normal))
    return fromSun * facing + fromSky * plane.skyShare
      + global * albedo * plane.groundShare
  }

  /// The same moment under clouds that leave `global` of the light on level ground.
  ///
  /// Erbs, Klein and Duffie (1982): the less comes through, the more of it is diffuse. Global
  /// beyond what comes from outside the atmosphere is taken as that.
  package func clouded(global: Double) -> SkyMoment {
    let outside = extraterrestrial * max(sun.up, 0.065)
    guard sun.up > 0, global > 0, outside > 0 else {
      return SkyMoment(dark: sun, extraterrestrial: extraterrestrial)
    }
    let global = min(global, outside)
    let diffuse = global * Self.diffuseShare(clearness: global / outside)
    let beam = sun.elevation > 3 * .degree ? (global - diffuse) / sun.up : 0
    return SkyMoment(
      sun: sun, extraterrestrial: extraterrestrial, global: global, directNormal: beam,
      diffuse: global - beam * sun.up, albedo: albedo)
  }

  private static func diffuseShare(clearness: Double) -> Double {
    switch clearness {
    case ...0.22: 1 - 0.09 * clearness
    case ...0.8: polynomial([0.9511, -0.1604, 4.388, -16.638, 12.336], at: clearness)
    default: 0.165
    }
  }
}
