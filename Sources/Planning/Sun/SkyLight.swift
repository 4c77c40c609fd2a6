import Quantities

/// The light of a sky without or with clouds.
public struct SkyLight: Hashable, Sendable {
  /// All light on level ground, ≥ 0.
  public let global: Irradiance
  /// From the sun itself, on a plane that faces it, ≥ 0.
  public let directNormal: Irradiance
  /// From the rest of the sky, on level ground, ≥ 0.
  public let diffuse: Irradiance
}

extension Irradiance {
  /// Rounded to a milliwatt per square metre.
  init(wattsRounded watts: Double) {
    self.init(milliwattsPerSquareMetre: Int64((watts * 1000).rounded()))
  }

  /// In W/m².
  var watts: Double { Double(milliwattsPerSquareMetre) / 1000 }
}
