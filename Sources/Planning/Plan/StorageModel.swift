import Quantities

/// What a plan may do with a battery, in the solver's units.
///
/// Only what lies above the reserve is traded. A battery that stands below it is first brought
/// back: by the earliest surplus, and where that does not suffice within a day and the battery can
/// be told to, from the grid in the cheapest slots; until then it gives nothing. Nothing is decided
/// on what is unknown: a battery is told something only if every slot is known, since what is left
/// at the end is worth what the last of them need.
struct StorageModel {
  /// So much must be missing to the reserve, in thousandths, before the grid is asked for it at any
  /// time.
  private static let leastBought: Int64 = 30

  /// From the reserve to full, milliwatt-slots.
  let capacity: Int64
  /// What lies above the reserve at first.
  let initial: Int64
  /// What lies below: at the end of each slot, the reserve or what it has come to.
  let floors: [Int64]
  /// What the way back to the reserve draws in each slot.
  let restoring: [Int64]
  let chargeLimits: [Int64]
  let dischargeLimits: [Int64]
  /// What arrives of what is charged, in thousandths.
  let efficiency: Int64
  /// Money per milliwatt-slot taken out.
  let wear: Int64
  /// Whether it can be told what to do; else it does what home batteries do by themselves.
  let isSteered: Bool
  /// Whether what is stored may go out to the grid.
  let mayExport: Bool
  /// What is left at the end is worth this much a milliwatt-slot, up to `nightNeed`…
  let nightWorth: Int64
  let nightNeed: Int64
  /// …and this much beyond.
  let restWorth: Int64

  init?(
    _ battery: BatteryLimits, nets: [Int64], isKnown: [Bool], importPrices: [Int64],
    exportPrices: [Int64], shift: Int64
  ) {
    let count = nets.count
    guard count > 0 else { return nil }
    let limit = HouseModel.powerLimit
    let charge = min(battery.maximumCharge.milliwatts, limit)
    let discharge = min(battery.maximumDischarge.milliwatts, limit)
    let whole = min(battery.capacity.milliwattHours * 4, HouseModel.unlimited / 4)
    let reserve = Energy(rawValue: whole).scaled(by: battery.reserve.permille, over: 1000).rawValue
    let now = Energy(rawValue: whole)
      .scaled(by: battery.stateOfCharge.permille, over: 1000).rawValue
    efficiency = battery.efficiencyPermille
    let firstDay = 0..<min(96, count)
    isSteered = battery.isSteered && isKnown.allSatisfy { $0 }
    mayExport = battery.mayExport
    wear = (min(battery.wearPrice.rawValue, magnitudeLimit / 1000) * 4) >> shift
    capacity = max(0, whole - reserve)
    initial = max(0, now - reserve)
    var restore = Restoring(
      missing: max(0, reserve - now), chargeLimit: charge, efficiency: battery.efficiencyPermille,
      powers: Array(repeating: 0, count: count))
    restore.takeSurplus(nets, isKnown: isKnown, in: firstDay)
    // At the same price all day, some percent below the reserve may wait for the next sun: what is
    // drawn near it would have them bought back again and again.
    let first = importPrices[firstDay.lowerBound]
    let isFlat = firstDay.allSatisfy { importPrices[$0] == first }
    if isSteered, restore.missing > (isFlat ? whole / 1000 * Self.leastBought : 0) {
      restore.takeCheapest(importPrices, isKnown: isKnown, in: firstDay)
    }
    restore.takeSurplus(nets, isKnown: isKnown, in: firstDay.upperBound..<count)
    restoring = restore.powers
    floors = restore.floors(from: min(now, reserve), reserve: reserve)
    let ready = restore.missing > 0 ? count : (restore.powers.lastIndex { $0 > 0 } ?? -1)
    let powers = restore.powers
    chargeLimits = (0..<count).map { slot in
      slot < ready || !isKnown[slot] ? 0 : charge - powers[slot]
    }
    dischargeLimits = (0..<count).map { slot in
      slot <= ready || !isKnown[slot] ? 0 : discharge
    }
    // What comes after the end is taken to be like the last day of the plan.
    let day = max(0, count - 96)..<count
    var need: Int64 = 0
    var sum: Int64 = 0
    for slot in day {
      sum -= nets[slot]
      need = max(need, sum)
    }
    let size = Int64(day.count)
    let importMean = day.reduce(Int64(0)) { $0 + importPrices[$1] } / size
    let exportMean = day.reduce(Int64(0)) { $0 + exportPrices[$1] } / size
    nightNeed = min(max(0, need), max(0, whole - reserve))
    nightWorth = max(0, importMean - wear) * 9 / 10
    restWorth = min(nightWorth, max(0, exportMean - wear) * 9 / 10)
  }

  /// What arrives of `power`, a slot long.
  func stored(of power: Int64) -> Int64 { power * efficiency / 1000 }

  /// The least power that stores `energy` within a slot.
  func power(storing energy: Int64) -> Int64 { (energy * 1000 + efficiency - 1) / efficiency }
}

/// The way of a battery back to its reserve.
private struct Restoring {
  /// What still has to be stored.
  var missing: Int64
  let chargeLimit: Int64
  let efficiency: Int64
  var powers: [Int64]

  mutating func takeSurplus(_ nets: [Int64], isKnown: [Bool], in slots: Range<Int>) {
    for slot in slots where isKnown[slot] && nets[slot] > 0 { take(nets[slot], slot) }
  }

  /// Takes what is still missing in the cheapest slots, the earliest of equals.
  mutating func takeCheapest(_ prices: [Int64], isKnown: [Bool], in slots: Range<Int>) {
    let cheapest = slots.filter { isKnown[$0] }.sorted { (prices[$0], $0) < (prices[$1], $1) }
    for slot in cheapest where missing > 0 { take(chargeLimit, slot) }
  }

  private mutating func take(_ offered: Int64, _ slot: Int) {
    guard missing > 0 else { return }
    let needed = (missing * 1000 + efficiency - 1) / efficiency
    let power = min(offered, chargeLimit - powers[slot], needed)
    guard power > 0 else { return }
    missing = max(0, missing - power * efficiency / 1000)
    powers[slot] += power
  }

  /// What is stored at the end of each slot, at most the reserve.
  func floors(from now: Int64, reserve: Int64) -> [Int64] {
    var stored = now
    return powers.map { power in
      stored = min(reserve, stored + power * efficiency / 1000)
      return stored
    }
  }
}
