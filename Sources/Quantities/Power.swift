/// Electrical power in milliwatts.
///
/// Signs everywhere in Heliograph: grid + is import, battery + is charging, PV and load are ≥ 0.
public struct Power: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(milliwatts: Int64) { self.rawValue = milliwatts }
  public init(watts: Int64) { self.rawValue = watts * 1000 }

  public var milliwatts: Int64 { rawValue }

  /// Whole watts, rounded half away from zero.
  public var watts: Int64 { (rawValue + (rawValue < 0 ? -500 : 500)) / 1000 }

  /// The energy that this power moves in `span`, rounded toward zero to a milliwatt-hour.
  public func energy(over span: TimeSpan) -> Energy {
    Energy(rawValue: scaled(by: span.milliseconds, over: TimeSpan.hour.milliseconds).rawValue)
  }
}
