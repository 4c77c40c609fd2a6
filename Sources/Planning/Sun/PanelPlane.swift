import Quantities

/// A way that panels face, worked out for `SkyMoment`.
package struct PanelPlane: Hashable, Sendable {
  /// Where the panels face.
  package let normal: SkyDirection
  /// How much of an even sky they see, 0 to 1.
  package let skyShare: Double
  /// How much of what they see is ground, 0 to 1.
  package let groundShare: Double

  /// Radians: `tilt` from lying flat, `azimuth` clockwise from north.
  package init(tilt: Double, azimuth: Double) {
    normal = SkyDirection(zenith: tilt, azimuth: azimuth)
    skyShare = (1 + normal.up) / 2
    groundShare = (1 - normal.up) / 2
  }

  package init(_ array: PanelArray) {
    self.init(tilt: array.tilt.radians, azimuth: array.azimuth.radians)
  }
}
