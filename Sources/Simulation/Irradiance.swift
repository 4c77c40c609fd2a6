import Quantities

/// Sunlight on a panel in milliwatts for each square metre; a panel is rated at 1000 W/m².
public struct Irradiance: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(wattsPerSquareMetre: Int64) { self.rawValue = wattsPerSquareMetre * 1000 }

  /// What panels rated at `peak` make in this light, ≥ 0, rounded down to a milliwatt.
  public func power(ofPeak peak: Power) -> Power {
    Power(milliwatts: peak.scaled(by: max(0, rawValue), over: 1_000_000).milliwatts)
  }
}
