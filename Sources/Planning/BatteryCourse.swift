import Quantities

/// How a battery and the grid connection get through the slots of a plan.
///
/// The battery does what home batteries do by themselves: charge from what is left over, cover what
/// is missing, never below the reserve.
struct BatteryCourse {
  struct Step {
    /// + is charging.
    var battery: Power = .zero
    var stored: Energy?
    var grid: Power = .zero
    var curtailed: Power = .zero
    /// What is left for jobs once the battery's way to its reserve is served; ≥ 0.
    var spare: Power = .zero
  }

  private let battery: BatteryLimits?
  private let exportLimit: Power?
  private var stored: Energy

  init(battery: BatteryLimits?, exportLimit: Power?) {
    self.battery = battery
    self.exportLimit = exportLimit
    stored = battery.map { $0.stateOfCharge.energy(of: $0.capacity) } ?? .zero
  }

  /// Goes through one slot with `net` (+ is left over) of PV less all loads; nil is unknown and
  /// leaves the battery as it is.
  mutating func step(net: Power?) -> Step? {
    guard let net else { return nil }
    var step = Step()
    if net > .zero {
      step.spare = net - min(net, toReserve)
      step.battery = charge(atMost: net)
      let rest = net - step.battery
      let exported = min(rest, exportLimit ?? rest)
      step.curtailed = rest - exported
      step.grid = -exported
    } else {
      step.battery = -discharge(atMost: -net)
      step.grid = -net + step.battery
    }
    step.stored = battery.map { _ in stored }
    return step
  }

  /// The charging power that is the battery's before any job's.
  private var toReserve: Power {
    guard let battery else { return .zero }
    return power(filling: battery.reserve.energy(of: battery.capacity) - stored)
  }

  /// The power that stores `missing` within a slot, at most what the battery takes.
  private func power(filling missing: Energy) -> Power {
    guard let battery, missing > .zero else { return .zero }
    let needed = missing.scaled(by: 1000, over: battery.efficiencyPermille)
    return min(battery.maximumCharge, needed.power(over: TimeSlot.length))
  }

  private mutating func charge(atMost limit: Power) -> Power {
    guard let battery else { return .zero }
    let power = min(limit, power(filling: battery.capacity - stored))
    let arriving = power.energy(over: TimeSlot.length)
      .scaled(by: battery.efficiencyPermille, over: 1000)
    stored = min(battery.capacity, stored + arriving)
    return power
  }

  private mutating func discharge(atMost limit: Power) -> Power {
    guard let battery else { return .zero }
    let usable = max(.zero, stored - battery.reserve.energy(of: battery.capacity))
    let power = min(
      limit, min(battery.maximumDischarge, usable.power(over: TimeSlot.length)))
    stored = stored - power.energy(over: TimeSlot.length)
    return power
  }
}
