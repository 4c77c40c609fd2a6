import Quantities

/// A way that panels face, worked out for `SkyMoment`.
struct PanelPlane: Hashable, Sendable {
  /// How much of the light that falls on the ground it throws back: grass, soil, roofs.
  static let usualAlbedo = 0.2

  /// Where the panels face.
  let normal: SkyDirection
  /// How much of an even sky they see, 0 to 1.
  let skyShare: Double
  /// How much of the light that falls on level ground reaches them from it.
  let groundShare: Double

  /// Radians: `tilt` from lying flat, `azimuth` clockwise from north.
  init(tilt: Double, azimuth: Double, albedo: Double = usualAlbedo) {
    normal = SkyDirection(zenith: tilt, azimuth: azimuth)
    skyShare = (1 + normal.up) / 2
    groundShare = (1 - normal.up) / 2 * albedo
  }

  init(_ array: PanelArray) {
    self.init(tilt: array.tilt.radians, azimuth: array.azimuth.radians)
  }
}
