import Quantities

/// What is known of a house's energy at one moment.
///
/// Every value is a fresh one or nil: unknown is never zero. Signs: grid + is import, battery + is
/// charging, PV and load are ≥ 0.
public struct SiteState: Hashable, Sendable {
  /// Whether any device is a source of PV; without one the house has no panels, which is known.
  public var hasPanels = false
  /// Whether any device is a source of battery power.
  public var hasBattery = false
  /// The sum over all sources of PV, all of which must be known.
  public var pvPower: Measured<Power>?
  /// What the household draws, running jobs among it; derived as PV + grid − battery where no
  /// device is its source.
  public var loadPower: Measured<Power>?
  public var gridPower: Measured<Power>?
  public var batteryPower: Measured<Power>?
  /// Of several batteries, the lowest: the cautious one.
  public var stateOfCharge: Measured<StateOfCharge>?
  /// The usable capacity that the batteries report of themselves.
  public var batteryCapacity: Measured<Energy>?
  /// The meter's import register, which only grows.
  public var importedTotal: Measured<Energy>?
  /// The meter's export register, which only grows.
  public var exportedTotal: Measured<Energy>?
  /// The coarsest step of the two registers' sources.
  public var totalResolution: Energy?

  /// What the panels gave in all, as their inverters count it.
  public var generatedTotal: Measured<Energy>?
  /// What went into the batteries in all.
  public var chargedTotal: Measured<Energy>?
  /// What came out of the batteries in all.
  public var dischargedTotal: Measured<Energy>?
  /// Whether the panels are held back from what the sun would give.
  public var curtailment = Curtailment.unknown

  public init() {}
}

extension SiteState {
  /// Derives the load from what goes in and out, where it isn't measured and all of it is fresh.
  ///
  /// The parts are read moments apart, so a small negative result is held at zero. A large one
  /// (more than 100 W and a tenth of the largest part) means that a part is wrong, and the load
  /// unknown.
  mutating func deriveLoad() {
    guard loadPower == nil, let grid = gridPower else { return }
    guard !hasPanels || pvPower != nil, !hasBattery || batteryPower != nil else { return }
    let pv = pvPower ?? Measured(.zero, at: grid.at)
    let battery = batteryPower ?? Measured(.zero, at: grid.at)
    let load = pv.value + grid.value - battery.value
    let largest = max(pv.value.magnitude, grid.value.magnitude, battery.value.magnitude)
    guard load >= -max(Power(watts: 100), largest.scaled(by: 1, over: 10)) else { return }
    loadPower = Measured(
      max(.zero, load), at: min(grid.at, min(pv.at, battery.at)), quality: .derived)
  }
}
