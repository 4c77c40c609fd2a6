import Quantities

/// A planning problem in the solver's own units.
///
/// Energy is counted in milliwatt-slots (a quarter of a milliwatt-hour), so that a slot's mean
/// power is its energy; money in sixteen millionths of a millicredit, shifted right where prices
/// and powers are so large that sums would leave 64 bits. Prices are made convex: an export price
/// above the import price counts as the import price, and what may not be exported is worth
/// nothing, or costs a negative export price.
struct HouseModel {
  /// One course of the surplus, with how much it counts.
  struct Scenario {
    let weight: Int64
    /// PV less load of each slot; 0 where that is unknown.
    let nets: [Int64]
  }

  let count: Int
  let scenarios: [Scenario]
  let totalWeight: Int64
  let isKnown: [Bool]
  /// Money per milliwatt-slot.
  let importPrices: [Int64]
  let exportPrices: [Int64]
  /// What a milliwatt-slot is worth that must be thrown away, ≤ 0.
  let spillPrices: [Int64]
  /// Money per milliwatt-slot that jobs draw and the sun doesn't carry.
  let sunPremium: Int64
  /// Milliwatt-slots in a slot.
  let exportLimit: Int64
  /// Whether some hour may have more sun than the grid takes.
  let mayHoldBack: Bool
  let storage: StorageModel?
  /// How far money is shifted right.
  let moneyShift: Int64

  /// Beyond every sum of a plan.
  static let unlimited: Int64 = 1 << 50
  /// The largest power of a slot that is told apart: 10 MW.
  static let powerLimit: Int64 = 10_000_000_000

  init(_ problem: PlanningProblem) {
    count = problem.slots.count
    isKnown = problem.slots.map { $0.forecast.surplus != nil }
    scenarios = Self.scenarios(of: problem.slots)
    totalWeight = scenarios.reduce(0) { $0 + $1.weight }
    let limit = problem.exportLimit?.milliwatts ?? Self.unlimited
    exportLimit = min(limit, Self.unlimited)
    mayHoldBack = (scenarios.last?.nets.max() ?? 0) > exportLimit
    moneyShift = Self.shift(of: problem, scenarios: scenarios)
    let shift = moneyShift
    sunPremium = (min(problem.sunPremium.rawValue, magnitudeLimit / 1000) * 4) >> shift
    let imports = problem.slots.map { ($0.importPrice.rawValue * 4) >> shift }
    let exports = zip(problem.slots, imports).map {
      min(($0.exportPrice.rawValue * 4) >> shift, $1)
    }
    importPrices = imports
    exportPrices = exports
    spillPrices = exports.map { min(0, $0) }
    storage = problem.battery.flatMap { battery in
      StorageModel(
        battery, nets: Self.middle(of: problem.slots),
        isKnown: problem.slots.map {
          $0.forecast.surplus != nil
        }, importPrices: imports, exportPrices: exports, shift: shift)
    }
  }

  /// Money of `credits`.
  func money(_ credits: Credits) -> Int64 {
    let bounded = min(max(credits.rawValue, -1_000_000_000), 1_000_000_000)
    return (bounded * 16_000_000) >> moneyShift
  }

  func credits(_ money: Int64) -> Credits {
    Credits(millicredits: (money / 16_000_000) << moneyShift)
  }

  /// What `grid` (+ is import) costs in a slot.
  func gridCost(_ grid: Int64, _ slot: Int) -> Int64 {
    if grid >= 0 { return grid * importPrices[slot] }
    let exported = min(-grid, exportLimit)
    return -exported * exportPrices[slot] - (-grid - exported) * spillPrices[slot]
  }

  private static func middle(of slots: [PlanningProblem.Slot]) -> [Int64] {
    slots.map { bounded($0.forecast.surplus?.middle ?? .zero) }
  }

  private static func bounded(_ power: Power) -> Int64 {
    min(max(power.milliwatts, -powerLimit), powerLimit)
  }

  /// Low, middle and high, weighted 3:4:3 (Swanson's rule for a mean from 10, 50 and 90 %); one
  /// where they are the same.
  private static func scenarios(of slots: [PlanningProblem.Slot]) -> [Scenario] {
    let middle = middle(of: slots)
    let low = slots.map { bounded($0.forecast.surplus?.low ?? .zero) }
    let high = slots.map { bounded($0.forecast.surplus?.high ?? .zero) }
    guard low != middle || high != middle else { return [Scenario(weight: 1, nets: middle)] }
    return [
      Scenario(weight: 3, nets: low), Scenario(weight: 4, nets: middle),
      Scenario(weight: 3, nets: high),
    ]
  }

  /// The least shift that keeps every sum of money within 2⁶⁰.
  private static func shift(of problem: PlanningProblem, scenarios: [Scenario]) -> Int64 {
    var price = problem.slots.reduce(max(1, problem.sunPremium.rawValue)) {
      max($0, $1.importPrice.magnitude.rawValue, $1.exportPrice.magnitude.rawValue)
    }
    // Wear comes on top of a price, and losses divide what is stored.
    if let battery = problem.battery {
      price = min(price, magnitudeLimit / 1000) * 1000 / battery.efficiencyPermille
      price += min(battery.wearPrice.rawValue, magnitudeLimit / 1000)
    }
    var power: Int64 = 1
    for scenario in scenarios { power = scenario.nets.reduce(power) { max($0, abs($1)) } }
    if let battery = problem.battery {
      let rate = max(battery.maximumCharge, battery.maximumDischarge)
      power = max(power, min(rate.milliwatts, powerLimit))
    }
    let jobs = problem.jobs.reduce(Int64(0)) { $0 + min($1.power.milliwatts, powerLimit) }
    let most = Double(price) * 4 * Double(power + jobs) * Double(problem.slots.count + 1) * 10
    var shift: Int64 = 0
    var rest = most
    while rest > 1_152_921_504_606_846_976 {
      rest /= 2
      shift += 1
    }
    return shift
  }
}
