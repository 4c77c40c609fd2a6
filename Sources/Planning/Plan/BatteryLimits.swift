import Quantities

/// What a plan may ask of a battery, and how it is now.
public struct BatteryLimits: Hashable, Sendable {
  /// Usable energy from empty to full.
  public var capacity: Energy
  public var stateOfCharge: StateOfCharge
  /// The battery is never planned to discharge below this; below it, it is charged first.
  public var reserve: StateOfCharge
  public var maximumCharge: Power
  public var maximumDischarge: Power
  /// What arrives of the energy charged, in thousandths, 1 to 1000: all losses of a cycle.
  public var efficiencyPermille: Int64
  /// What it costs in wear to take a kWh out of it, ≥ 0.
  public var wearPrice: Price
  /// Whether it can be told to charge, give or hold; else it takes what is left over, gives what is
  /// missing, and a plan reckons with that.
  public var isSteered: Bool
  /// Whether what is stored may go out to the grid; else it is for the house alone.
  public var mayExport: Bool

  /// Values outside their range are brought back to it: a plan is never refused.
  public init(
    capacity: Energy, stateOfCharge: StateOfCharge, reserve: StateOfCharge,
    maximumCharge: Power, maximumDischarge: Power, efficiencyPermille: Int64 = 950,
    wearPrice: Price = .zero, isSteered: Bool = false, mayExport: Bool = false
  ) {
    self.capacity = max(.zero, capacity)
    self.stateOfCharge = stateOfCharge.clamped(to: .empty ... .full)
    self.reserve = reserve.clamped(to: .empty ... .full)
    self.maximumCharge = max(.zero, maximumCharge)
    self.maximumDischarge = max(.zero, maximumDischarge)
    self.efficiencyPermille = min(max(efficiencyPermille, 1), 1000)
    self.wearPrice = max(.zero, wearPrice)
    self.isSteered = isSteered
    self.mayExport = mayExport
  }
}
