/// Bilateral credit in millicredits; a pair of neighbours agrees what a credit is worth.
public struct Credits: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(millicredits: Int64) { self.rawValue = millicredits }
  public init(credits: Int64) { self.rawValue = credits * 1000 }

  public var millicredits: Int64 { rawValue }
}

/// A price of energy in millicredits per kilowatt-hour.
public struct Price: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(millicreditsPerKilowattHour: Int64) { self.rawValue = millicreditsPerKilowattHour }
  public init(creditsPerKilowattHour: Int64) { self.rawValue = creditsPerKilowattHour * 1000 }

  public var millicreditsPerKilowattHour: Int64 { rawValue }

  /// What `energy` costs at this price, rounded toward zero to a millicredit (1 kWh = 10⁶ mWh).
  public func cost(of energy: Energy) -> Credits {
    Credits(rawValue: scaled(by: energy.milliwattHours, over: 1_000_000).rawValue)
  }
}
