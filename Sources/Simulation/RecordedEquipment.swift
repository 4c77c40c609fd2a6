import Quantities

/// What a household of a backtest has beside what its record shows.
public struct RecordedEquipment: Hashable, Sendable {
  /// Usable capacity; zero is a house without a battery.
  public var batteryCapacity: Energy
  public var maximumCharge: Power
  public var maximumDischarge: Power
  /// What arrives of the energy charged, in thousandths, 1 to 1000: all losses of a cycle.
  public var efficiencyPermille: Int64
  /// Below this the battery does not discharge.
  public var reserve: StateOfCharge
  /// What it holds at first.
  public var stateOfCharge: StateOfCharge
  /// What may go to the grid at most; nil is no limit.
  public var exportLimit: Power?

  /// Values outside their range are brought back to it.
  public init(
    batteryCapacity: Energy = .zero, maximumCharge: Power = .zero, maximumDischarge: Power = .zero,
    efficiencyPermille: Int64 = 950, reserve: StateOfCharge = StateOfCharge(percent: 10),
    stateOfCharge: StateOfCharge = StateOfCharge(percent: 50), exportLimit: Power? = nil
  ) {
    self.batteryCapacity = max(.zero, batteryCapacity)
    self.maximumCharge = max(.zero, maximumCharge)
    self.maximumDischarge = max(.zero, maximumDischarge)
    self.efficiencyPermille = min(max(1, efficiencyPermille), 1000)
    self.reserve = reserve.clamped(to: .empty ... .full)
    self.stateOfCharge = stateOfCharge.clamped(to: .empty ... .full)
    self.exportLimit = exportLimit.map { max(.zero, $0) }
  }
}
