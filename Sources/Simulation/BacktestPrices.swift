import Quantities

/// What energy costs and earns in a backtest.
public struct BacktestPrices: Hashable, Sendable {
  /// What a kWh from the grid costs.
  public var importPrice = Price(creditsPerKilowattHour: 30)
  /// What the grid pays for a kWh.
  public var exportPrice = Price(creditsPerKilowattHour: 8)
  /// What it costs in wear to take a kWh out of the battery.
  public var wearPrice = Price.zero
  /// What a kWh is worth that the battery holds at the end beyond what it held at first; less than
  /// at first costs as much.
  public var storedPrice = Price(creditsPerKilowattHour: 30)

  public init() {}
}
