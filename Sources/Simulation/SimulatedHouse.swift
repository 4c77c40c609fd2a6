import Quantities
import Sites

/// The physics of one house in integers: panels, people, battery, a machine that runs jobs, and a
/// meter whose registers only grow.
///
/// The battery charges from what the panels make beyond the load and covers what they leave, as a
/// hybrid inverter in self-use does, unless `settings` say otherwise; where they limit what may
/// leave, the panels are held back last. Powers are constant within a minute, so the result does
/// not depend on how often the house is stepped, only on when load and settings change.
public struct SimulatedHouse: Sendable {
  public let equipment: HouseEquipment
  public private(set) var now: Instant
  public private(set) var totals = EnergyTotals()
  /// What the machine with the GPU draws, set from outside; counts from `now` on.
  public var flexibleLoad: Power = .zero
  /// What the inverter was told; counts from `now` on.
  public var settings = HouseSettings()

  private let household: HouseholdLoad
  private let initiallyStored: Int64
  private var battery: HouseBattery
  /// The sun on the panels and what the household draws in the minute of `now`.
  private var sunlight: Irradiance
  private var load: Power
  private var lookedAt: (minute: Int64, weather: Weather)?

  /// A house at `instant` with its battery at `stateOfCharge`; `seed` decides how its people live.
  public init(
    _ equipment: HouseEquipment, seed: UInt64, at instant: Instant, weather: Weather,
    stateOfCharge: StateOfCharge = StateOfCharge(percent: 40)
  ) {
    self.equipment = equipment
    now = instant
    household = HouseholdLoad(seed: seed)
    battery = HouseBattery(
      capacity: equipment.batteryCapacity, maximumCharge: equipment.maximumCharge,
      maximumDischarge: equipment.maximumDischarge, efficiency: equipment.batteryEfficiency,
      reserve: equipment.reserve, stateOfCharge: stateOfCharge)
    initiallyStored = battery.stored
    sunlight = weather.irradiance(at: instant, lagMinutes: equipment.panelLagMinutes)
    load = household.power(at: instant, of: equipment)
  }

  /// Lets time pass up to `instant`; nothing happens when that is not later than `now`.
  public mutating func step(to instant: Instant, weather: Weather) {
    let minute = TimeSpan.minute.milliseconds
    while now < instant {
      let next = (now.millisecondsSince1970 / minute + 1) * minute
      let end = min(instant, Instant(millisecondsSince1970: next))
      look(at: weather)
      let span = end.since(now)
      let flow = flow(for: span)
      totals.add(flow, for: span, lost: battery.take(flow, for: span))
      now = end
    }
    look(at: weather)
  }

  /// Works out what holds for the minute of `now`, once for each minute and sky.
  private mutating func look(at weather: Weather) {
    let minute = now.millisecondsSince1970 / TimeSpan.minute.milliseconds
    guard minute != lookedAt?.minute || weather != lookedAt?.weather else { return }
    lookedAt = (minute, weather)
    sunlight = weather.irradiance(
      at: Instant(millisecondsSince1970: minute * TimeSpan.minute.milliseconds),
      lagMinutes: equipment.panelLagMinutes)
    load = household.power(at: now, of: equipment)
  }

  /// The powers of this moment.
  public var flow: EnergyFlow { flow(for: TimeSpan(seconds: 1)) }

  /// Nil for a house without a battery.
  public var stateOfCharge: StateOfCharge? { battery.stateOfCharge }

  /// The meter's register of energy drawn from the grid, in whole steps of its resolution.
  public var importedTotal: Energy { register(totals.imported) }

  /// The meter's register of energy given to the grid, in whole steps of its resolution.
  public var exportedTotal: Energy { register(totals.exported) }

  /// What the books are off by, in microjoules; anything but zero is a broken simulation.
  ///
  /// Checks both the house (what came in went somewhere) and the battery (what it holds is what
  /// was put in less losses and what was taken out).
  public var imbalance: Int64 {
    let held = initiallyStored + totals.charged - totals.lost - totals.discharged
    return abs(totals.imbalance) + abs(held - battery.stored)
  }

  func register(_ microjoules: Int64) -> Energy {
    let step = equipment.registerResolution.milliwattHours
    return Energy(
      milliwattHours: EnergyTotals.energy(microjoules: microjoules).milliwattHours / step * step)
  }

  /// The powers that can be held constant for `span` from now on.
  private func flow(for span: TimeSpan) -> EnergyFlow {
    let pv = sunlight.power(ofPeak: equipment.panels)
      .scaled(by: equipment.orientation, over: 1000)
    return battery.flow(
      pv: pv, household: load, flexible: flexibleLoad,
      settings: settings, for: span)
  }
}
