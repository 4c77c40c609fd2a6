import Quantities

/// What somebody has set in a simulated house's inverter; nil leaves it to the inverter.
public struct HouseSettings: Hashable, Sendable {
  /// What the battery is to do instead of serving the house: + is charging.
  public var batteryPower: Power?
  /// The state of charge below which the battery does not discharge; the equipment's own reserve
  /// holds beneath it.
  public var reserve: StateOfCharge?
  /// What the house may give to the grid at most, ≥ 0.
  public var exportLimit: Power?
  /// What the inverter may give on its AC side at most, ≥ 0.
  public var powerLimit: Power?

  public init() {}

  /// Where `other` says something, that; the rest as it is.
  public func overlaid(by other: HouseSettings) -> HouseSettings {
    var result = self
    result.batteryPower = other.batteryPower ?? batteryPower
    result.reserve = other.reserve ?? reserve
    result.exportLimit = other.exportLimit ?? exportLimit
    result.powerLimit = other.powerLimit ?? powerLimit
    return result
  }
}
