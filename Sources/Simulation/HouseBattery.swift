import Quantities

/// A simulated house's battery, and how it and the panels serve the house: integers throughout.
///
/// It charges from what the panels make beyond the load and covers what they leave, as a hybrid
/// inverter in self-use does, unless settings say otherwise; where they limit what may leave, the
/// panels are held back last.
struct HouseBattery: Hashable, Sendable {
  /// Usable energy in microjoules; zero is no battery.
  let capacity: Int64
  let maximumCharge: Power
  let maximumDischarge: Power
  /// How much of what goes in can be taken out again, in thousandths, > 0.
  let efficiency: Int64
  /// Below this it does not discharge, whatever is set.
  let reserve: StateOfCharge
  /// What it holds, in microjoules.
  private(set) var stored: Int64

  /// A battery that holds `stateOfCharge`.
  init(
    capacity: Energy, maximumCharge: Power, maximumDischarge: Power, efficiency: Int64,
    reserve: StateOfCharge, stateOfCharge: StateOfCharge
  ) {
    self.capacity = Self.microjoules(capacity)
    self.maximumCharge = maximumCharge
    self.maximumDischarge = maximumDischarge
    self.efficiency = efficiency
    self.reserve = reserve
    stored = Self.microjoules(stateOfCharge.energy(of: capacity))
  }

  /// Nil for a house without a battery.
  var stateOfCharge: StateOfCharge? {
    guard capacity > 0 else { return nil }
    return StateOfCharge(permille: stored / (capacity / 1000)).clamped(to: .empty ... .full)
  }

  /// The powers that can be held constant for `span`, with these panels and loads.
  func flow(
    pv: Power, household: Power, flexible: Power, settings: HouseSettings, for span: TimeSpan
  ) -> EnergyFlow {
    var flow = EnergyFlow()
    flow.pv = pv
    flow.household = household
    flow.flexible = flexible
    let room = max(0, (capacity - stored) / efficiency * 1000)
    let most = min(maximumCharge, Power(milliwatts: room / span.milliseconds))
    let floor = max(reserve, settings.reserve ?? .empty)
    // Thousandths of the capacity, without a product that could overflow.
    let held = stored - (capacity / 1000 * floor.permille + capacity % 1000 * floor.permille / 1000)
    let least = -min(maximumDischarge, Power(milliwatts: max(0, held) / span.milliseconds))
    flow.battery = min(max(settings.batteryPower ?? (flow.pv - flow.load), least), most)
    Self.limit(&flow, by: settings, batteryTakes: most)
    return flow
  }

  /// Takes in what flowed for `span`; returns what of it turned into heat, in microjoules.
  mutating func take(_ flow: EnergyFlow, for span: TimeSpan) -> Int64 {
    let into = max(0, flow.battery.milliwatts) * span.milliseconds
    let kept = into / 1000 * efficiency + into % 1000 * efficiency / 1000
    stored += kept - max(0, -flow.battery.milliwatts) * span.milliseconds
    return into - kept
  }

  /// Brings what leaves the inverter under the limits that are set: the battery gives less, then
  /// takes more unless it was told what to do, then the panels are held back.
  private static func limit(
    _ flow: inout EnergyFlow, by settings: HouseSettings, batteryTakes most: Power
  ) {
    var cap = settings.powerLimit
    if let export = settings.exportLimit {
      cap = min(cap ?? flow.load + export, flow.load + export)
    }
    guard let cap, flow.inverter > cap else { return }
    let ceiling = settings.batteryPower == nil ? most : max(flow.battery, .zero)
    flow.battery = max(flow.battery, min(flow.battery + (flow.inverter - cap), ceiling))
    flow.curtailed = max(.zero, flow.inverter - cap)
    flow.pv -= flow.curtailed
  }

  private static func microjoules(_ energy: Energy) -> Int64 {
    energy.milliwattHours * EnergyTotals.microjoulesPerMilliwattHour
  }
}
