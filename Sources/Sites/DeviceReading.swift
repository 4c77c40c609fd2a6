import Quantities

/// The name that a household's configuration gives a device, such as "inverter".
public typealias DeviceName = String

/// What one device said at one moment, in Heliograph's units and signs.
///
/// A field is nil when the device does not offer it or said "not implemented": unknown is never
/// zero. The maker's signs and scales are converted once, when the registers are decoded.
public struct DeviceReading: Hashable, Sendable {
  public var device: DeviceName
  /// When the answer arrived.
  public var at: Instant
  /// Power from the panels, ≥ 0.
  public var pvPower: Power?
  /// What the household draws, ≥ 0, if the device says so itself.
  public var loadPower: Power?
  /// + is import from the grid, − is export.
  public var gridPower: Power?
  /// + is charging, − is discharging.
  public var batteryPower: Power?
  public var stateOfCharge: StateOfCharge?
  /// The usable capacity that the battery reports of itself.
  public var batteryCapacity: Energy?
  /// Cumulative energy imported from the grid: the meter's register, which only grows.
  public var importedTotal: Energy?
  /// Cumulative energy exported to the grid.
  public var exportedTotal: Energy?
  /// The step of `importedTotal` and `exportedTotal`.
  public var totalResolution: Energy?
  /// Power that leaves the inverter on its AC side; + is out of it, toward house and grid.
  public var inverterPower: Power?
  /// What the inverter is rated to give on its AC side.
  public var ratedPower: Power?
  /// What the inverter may give at most now, if it says so.
  public var powerLimit: Power?
  /// The same in thousandths of its rating; 1000 is no limit.
  public var powerLimitPermille: Int64?
  /// What the house may give to the grid at most now; zero is "no export".
  public var exportLimit: Power?
  /// The most that the battery takes now, ≥ 0: its own or its management's limit.
  public var maximumCharge: Power?
  /// The most that the battery gives now, ≥ 0.
  public var maximumDischarge: Power?
  /// Cumulative energy that the panels gave.
  public var generatedTotal: Energy?
  /// Cumulative energy that went into the battery.
  public var chargedTotal: Energy?
  /// Cumulative energy that came out of the battery.
  public var dischargedTotal: Energy?
  /// What the inverter is doing.
  public var operatingState: OperatingState?

  public init(device: DeviceName, at: Instant) {
    self.device = device
    self.at = at
  }
}

/// Why a device gave no reading.
public enum DeviceFault: Error, Hashable, Sendable {
  /// No connection: refused, unreachable, name unknown.
  case unreachable(String)
  /// Connected, and no answer in time.
  case silent(String)
  /// An answer that is none: wrong unit or transaction, exception code, impossible values.
  case unintelligible(String)

  /// What happened, in words for a person.
  public var text: String {
    switch self {
    case .unreachable(let detail), .silent(let detail), .unintelligible(let detail): detail
    }
  }
}
