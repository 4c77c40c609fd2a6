import Quantities

/// A meter that gives a pulse for each so many watt-hours.
public struct PulseMeterPlan: Hashable, Sendable {
  /// What its pulses count. The raw values are the words of the configuration.
  public enum Flow: String, Hashable, Sendable, CaseIterable {
    /// Energy from the grid.
    case gridImport
    /// Energy to the grid.
    case gridExport
    /// Energy from the panels.
    case pv
    /// Energy that the household uses.
    case load

    /// What the site gets from such a meter.
    public var provides: [SiteQuantity] {
      switch self {
      case .gridImport, .gridExport: [.grid, .totals]
      case .pv: [.pv]
      case .load: [.load]
      }
    }
  }

  public let name: DeviceName
  public let flow: Flow
  /// Printed on the meter, "imp/kWh"; 1 to 100,000.
  public let pulsesPerKilowattHour: Int64
  /// Whether another meter of the house counts the grid's other direction. Then each says zero of
  /// what its partner counts, so that their sums are whole; alone, that is unknown.
  public let hasPartner: Bool

  public init(
    name: DeviceName, flow: Flow, pulsesPerKilowattHour: Int64, hasPartner: Bool = false
  ) {
    self.name = name
    self.flow = flow
    self.pulsesPerKilowattHour = min(max(pulsesPerKilowattHour, 1), 100_000)
    self.hasPartner = hasPartner
  }

  /// The energy of so many pulses, rounded down to a milliwatt-hour.
  public func energy(of pulses: Int64) -> Energy {
    Energy(milliwattHours: pulses).scaled(by: 1_000_000, over: pulsesPerKilowattHour)
  }
}
