/// Electrical energy in milliwatt-hours.
public struct Energy: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(milliwattHours: Int64) { self.rawValue = milliwattHours }
  public init(wattHours: Int64) { self.rawValue = wattHours * 1000 }

  public var milliwattHours: Int64 { rawValue }

  /// Whole watt-hours, rounded half away from zero.
  public var wattHours: Int64 { (rawValue + (rawValue < 0 ? -500 : 500)) / 1000 }

  /// The constant power that moves this energy in `span`, rounded toward zero to a milliwatt.
  public func power(over span: TimeSpan) -> Power {
    Power(
      milliwatts: scaled(by: TimeSpan.hour.milliseconds, over: span.milliseconds).rawValue)
  }
}
