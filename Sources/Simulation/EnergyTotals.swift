import Quantities

/// What has flowed in a simulated house since it began, in microjoules so that nothing is rounded.
///
/// One milliwatt for one millisecond is one microjoule; 3 600 000 of them are a milliwatt-hour.
/// Powers are constant through each step, so the sums are exact and the books must balance to the
/// last microjoule. Room for 29 years at 10 kW.
public struct EnergyTotals: Hashable, Sendable {
  public internal(set) var pv: Int64 = 0
  public internal(set) var household: Int64 = 0
  public internal(set) var flexible: Int64 = 0
  public internal(set) var imported: Int64 = 0
  public internal(set) var exported: Int64 = 0
  public internal(set) var charged: Int64 = 0
  public internal(set) var discharged: Int64 = 0
  /// What charging turned into heat.
  public internal(set) var lost: Int64 = 0

  public init() {}

  public static let microjoulesPerMilliwattHour: Int64 = 3_600_000

  /// A sum as energy, rounded down to a milliwatt-hour.
  public static func energy(microjoules: Int64) -> Energy {
    Energy(milliwattHours: microjoules / microjoulesPerMilliwattHour)
  }

  /// What came in less what went out; anything but zero is a broken simulation.
  public var imbalance: Int64 {
    pv + imported + discharged - household - flexible - exported - charged
  }

  mutating func add(_ flow: EnergyFlow, for span: TimeSpan, lost loss: Int64) {
    let time = span.milliseconds
    pv += flow.pv.milliwatts * time
    household += flow.household.milliwatts * time
    flexible += flow.flexible.milliwatts * time
    imported += max(0, flow.grid.milliwatts) * time
    exported += max(0, -flow.grid.milliwatts) * time
    charged += max(0, flow.battery.milliwatts) * time
    discharged += max(0, -flow.battery.milliwatts) * time
    lost += loss
  }

  /// Adds what flowed in another house: the sums of a street.
  mutating func add(_ other: EnergyTotals) {
    pv += other.pv
    household += other.household
    flexible += other.flexible
    imported += other.imported
    exported += other.exported
    charged += other.charged
    discharged += other.discharged
    lost += other.lost
  }
}
