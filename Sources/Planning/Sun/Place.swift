import Quantities

/// Where a house stands.
public struct Place: Hashable, Sendable {
  /// North of the equator is +, −90° to 90°.
  public let latitude: Angle
  /// East of Greenwich is +, −180° to 180°.
  public let longitude: Angle
  /// Above the sea.
  public let elevationMetres: Int64

  /// Values outside their range are brought back to it.
  public init(latitude: Angle, longitude: Angle, elevationMetres: Int64 = 0) {
    self.latitude = latitude.clamped(to: Angle(degrees: -90)...Angle(degrees: 90))
    self.longitude = longitude.clamped(to: Angle(degrees: -180)...Angle(degrees: 180))
    self.elevationMetres = min(max(elevationMetres, -500), 9000)
  }
}

/// Panels that face one way.
public struct PanelArray: Hashable, Sendable {
  /// From lying flat, 0° to 90°.
  public let tilt: Angle
  /// Where they face: clockwise from north, so 180° is south; 0° to 360°.
  public let azimuth: Angle
  /// What they give in standard test conditions; > 0.
  public let peak: Power

  /// Values outside their range are brought back to it.
  public init(tilt: Angle, azimuth: Angle, peak: Power) {
    self.tilt = tilt.clamped(to: .zero...Angle(degrees: 90))
    self.azimuth = azimuth.clamped(to: .zero...Angle(degrees: 360))
    self.peak = max(Power(milliwatts: 1), peak)
  }
}
