import Quantities

/// The powers of one house at one moment, with Heliograph's signs.
public struct EnergyFlow: Hashable, Sendable {
  /// From the panels, ≥ 0.
  public var pv: Power = .zero
  /// What the panels could give beyond that and are kept from giving, ≥ 0.
  public var curtailed: Power = .zero
  /// The household without jobs, ≥ 0.
  public var household: Power = .zero
  /// The machine that runs jobs, ≥ 0.
  public var flexible: Power = .zero
  /// + is charging.
  public var battery: Power = .zero

  public init() {}

  /// Everything that draws in the house.
  public var load: Power { household + flexible }
  /// What leaves the hybrid inverter that panels and battery are behind; + is toward the house.
  public var inverter: Power { pv - battery }
  /// + is import: what is left over of load, battery and panels.
  public var grid: Power { load + battery - pv }
}
