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
  /// What the battery holds, in microjoules.
  private var stored: Int64
  private var sunlight: Irradiance

  /// A house at `instant` with its battery at `stateOfCharge`; `seed` decides how its people live.
  public init(
    _ equipment: HouseEquipment, seed: UInt64, at instant: Instant, weather: Weather,
    stateOfCharge: StateOfCharge = StateOfCharge(percent: 40)
  ) {
    self.equipment = equipment
    now = instant
    household = HouseholdLoad(seed: seed)
    stored =
      stateOfCharge.energy(of: equipment.batteryCapacity).milliwattHours
      * EnergyTotals.microjoulesPerMilliwattHour
    initiallyStored = stored
    sunlight = weather.irradiance(at: instant, lagMinutes: equipment.panelLagMinutes)
  }

  /// Lets time pass up to `instant`; nothing happens when that is not later than `now`.
  public mutating func step(to instant: Instant, weather: Weather) {
    let minute = TimeSpan.minute.milliseconds
    while now < instant {
      let next = (now.millisecondsSince1970 / minute + 1) * minute
      let end = min(instant, Instant(millisecondsSince1970: next))
      let begin = Instant(millisecondsSince1970: next - minute)
      sunlight = weather.irradiance(at: begin, lagMinutes: equipment.panelLagMinutes)
      let span = end.since(now)
      let flow = flow(for: span)
      let into = max(0, flow.battery.milliwatts) * span.milliseconds
      let kept =
        into / 1000 * equipment.batteryEfficiency
        + into % 1000 * equipment.batteryEfficiency / 1000
      stored += kept - max(0, -flow.battery.milliwatts) * span.milliseconds
      totals.add(flow, for: span, lost: into - kept)
      now = end
    }
    sunlight = weather.irradiance(
      at: Instant(millisecondsSince1970: now.millisecondsSince1970 / minute * minute),
      lagMinutes: equipment.panelLagMinutes)
  }

  /// The powers of this moment.
  public var flow: EnergyFlow { flow(for: TimeSpan(seconds: 1)) }

  /// Nil for a house without a battery.
  public var stateOfCharge: StateOfCharge? {
    guard capacity > 0 else { return nil }
    return StateOfCharge(permille: stored / (capacity / 1000))
      .clamped(to: .empty ... .full)
  }

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
    return abs(totals.imbalance) + abs(held - stored)
  }

  private var capacity: Int64 {
    equipment.batteryCapacity.milliwattHours * EnergyTotals.microjoulesPerMilliwattHour
  }

  func register(_ microjoules: Int64) -> Energy {
    let step = equipment.registerResolution.milliwattHours
    return Energy(
      milliwattHours: EnergyTotals.energy(microjoules: microjoules).milliwattHours / step * step)
  }

  /// The powers that can be held constant for `span` from now on.
  private func flow(for span: TimeSpan) -> EnergyFlow {
    var flow = EnergyFlow()
    flow.pv = sunlight.power(ofPeak: equipment.panels)
      .scaled(by: equipment.orientation, over: 1000)
    flow.household = household.power(at: now, of: equipment)
    flow.flexible = flexibleLoad
    let room = max(0, (capacity - stored) / equipment.batteryEfficiency * 1000)
    let most = min(
      equipment.maximumCharge, Power(milliwatts: room / span.milliseconds))
    let reserve = max(equipment.reserve, settings.reserve ?? .empty)
    let held =
      stored - reserve.energy(of: equipment.batteryCapacity).milliwattHours
      * EnergyTotals.microjoulesPerMilliwattHour
    let least = -min(
      equipment.maximumDischarge, Power(milliwatts: max(0, held) / span.milliseconds))
    flow.battery = min(max(settings.batteryPower ?? (flow.pv - flow.load), least), most)
    limit(&flow, batteryTakes: most)
    return flow
  }

  /// Brings what leaves the inverter under the limits that are set: the battery gives less, then
  /// takes more unless it was told what to do, then the panels are held back.
  private func limit(_ flow: inout EnergyFlow, batteryTakes most: Power) {
    let caps = [settings.powerLimit, settings.exportLimit.map { flow.load + $0 }]
    guard let cap = caps.compactMap({ $0 }).min(), flow.inverter > cap else { return }
    let ceiling = settings.batteryPower == nil ? most : max(flow.battery, .zero)
    flow.battery = max(flow.battery, min(flow.battery + (flow.inverter - cap), ceiling))
    flow.curtailed = max(.zero, flow.inverter - cap)
    flow.pv -= flow.curtailed
  }
}
