import Quantities

/// Perfect foresight that minimises money instead of maximising sun: a dynamic programme over each
/// day's quarter-hours, what the battery holds, and what remains of the job.
///
/// It knows the day's sun and load and the next day's, in which it takes no job to run. What the
/// battery holds is laid out on a grid and interpolated, so it is near the least cost, not at it.
struct CheapestForesight: BacktestStrategy {
  /// Points that the battery's content is laid out on.
  private static let levels = 33

  private let model: SlotModel
  private let record: HouseholdRecord
  private let pattern: JobPattern
  private var job = 0
  /// The costs to come of the job's day: by slot, quarter-hours that remain, level.
  private var costs: [Double] = []
  private var costsOf: Int?
  private let longest: Int

  init(_ plan: BacktestPlan) {
    model = SlotModel(plan)
    record = plan.record
    pattern = plan.pattern
    let slot = TimeSlot.length.milliseconds
    longest = Int((plan.pattern.duration.milliseconds + slot - 1) / slot)
  }

  mutating func look(_ house: inout RecordedHouse, _ jobs: [BacktestJob]) -> (
    running: Int?, next: Instant
  ) {
    let now = house.now
    while job < jobs.count, jobs[job].remaining <= .zero { job += 1 }
    guard job < jobs.count else { return (nil, .distantFuture) }
    guard jobs[job].submitted <= now else { return (nil, jobs[job].submitted) }
    if costsOf != job {
      costsOf = job
      foresee(from: TimeSlot(containing: jobs[job].submitted))
    }
    let slot = TimeSlot(containing: now)
    let length = TimeSlot.length.milliseconds
    let remaining = Int((jobs[job].remaining.milliseconds + length - 1) / length)
    let offset = Int(slot.index - TimeSlot(containing: jobs[job].submitted).index)
    guard offset < Self.slots else { return (job, slot.end) }
    let stored = house.stateOfCharge.map { Double($0.permille) / 1000 * model.capacity } ?? 0
    let net = net(of: slot)
    let run = cost(of: offset, remaining: remaining, stored: stored, net: net, runs: true)
    let wait = cost(of: offset, remaining: remaining, stored: stored, net: net, runs: false)
    return (run <= wait ? job : nil, slot.end)
  }

  private static let slots = Int(TimeSlot.slotsPerDay)

  /// PV less load in watts; what isn't known counts as nothing.
  private func net(of slot: TimeSlot) -> Double {
    guard let means = record.means(from: slot.start, over: TimeSlot.length) else { return 0 }
    return Double((means.pv - means.load).milliwatts) / 1000
  }

  /// The cost of a slot and of what comes after it.
  private func cost(
    of slot: Int, remaining: Int, stored: Double, net: Double, runs: Bool
  ) -> Double {
    let left = remaining - (runs ? 1 : 0)
    guard left >= 0, left <= Self.slots - slot - 1 else { return .infinity }
    let step = model.step(stored: stored, net: net - (runs ? model.jobWatts : 0))
    return step.cost + toCome(slot + 1, left, stored: step.stored)
  }

  /// The costs from the beginning of `slot` on, between two levels in proportion.
  private func toCome(_ slot: Int, _ remaining: Int, stored: Double) -> Double {
    let base = (slot * (longest + 1) + remaining) * Self.levels
    let position = model.capacity > 0 ? stored / model.capacity * Double(Self.levels - 1) : 0
    let low = min(max(0, Int(position)), Self.levels - 2)
    let share = min(max(0, position - Double(low)), 1)
    let lower = costs[base + low]
    return share == 0 ? lower : lower + share * (costs[base + low + 1] - lower)
  }

  /// Fills in `costs`, from the end of the day after back to the beginning of the job's day.
  private mutating func foresee(from first: TimeSlot) {
    let levels = (0..<Self.levels).map { Double($0) / Double(Self.levels - 1) * model.capacity }
    var after = levels.map { model.storedPrice * -$0 }
    for offset in (Self.slots..<2 * Self.slots).reversed() {
      let net = net(of: first.advanced(by: Int64(offset)))
      after = levels.map { stored in
        let step = model.step(stored: stored, net: net)
        return step.cost + model.between(after, stored: step.stored)
      }
    }
    let width = (longest + 1) * Self.levels
    costs = Array(repeating: .infinity, count: (Self.slots + 1) * width)
    for level in 0..<Self.levels { costs[Self.slots * width + level] = after[level] }
    for slot in (0..<Self.slots).reversed() {
      let net = net(of: first.advanced(by: Int64(slot)))
      for remaining in 0...min(longest, Self.slots - slot) {
        for level in 0..<Self.levels {
          let stored = levels[level]
          let wait = cost(of: slot, remaining: remaining, stored: stored, net: net, runs: false)
          let run = cost(of: slot, remaining: remaining, stored: stored, net: net, runs: true)
          costs[slot * width + remaining * Self.levels + level] = min(wait, run)
        }
      }
    }
  }
}

/// What a quarter-hour costs, and what it leaves in the battery; watt-hours and millicredits.
private struct SlotModel: Sendable {
  let capacity: Double
  let jobWatts: Double
  /// For a watt-hour.
  let storedPrice: Double
  private let reserve: Double
  private let charge: Double
  private let discharge: Double
  private let efficiency: Double
  private let exportLimit: Double
  private let importPrice: Double
  private let exportPrice: Double
  private let wearPrice: Double

  init(_ plan: BacktestPlan) {
    let equipment = plan.equipment
    func watts(_ power: Power) -> Double { Double(power.milliwatts) / 1000 }
    func each(_ price: Price) -> Double { Double(price.millicreditsPerKilowattHour) / 1000 }
    capacity = Double(equipment.batteryCapacity.milliwattHours) / 1000
    reserve = capacity * Double(equipment.reserve.permille) / 1000
    charge = watts(equipment.maximumCharge)
    discharge = watts(equipment.maximumDischarge)
    efficiency = Double(equipment.efficiencyPermille) / 1000
    exportLimit = equipment.exportLimit.map(watts) ?? .infinity
    jobWatts = watts(plan.pattern.power)
    importPrice = each(plan.prices.importPrice)
    exportPrice = each(plan.prices.exportPrice)
    wearPrice = each(plan.prices.wearPrice)
    storedPrice = importPrice * efficiency
  }

  /// Goes through a quarter-hour with `net` watts left over (+) or missing (−).
  func step(stored: Double, net: Double) -> (cost: Double, stored: Double) {
    let hours = 0.25
    guard net < 0 else {
      let taken = max(0, min(net, charge, (capacity - stored) / efficiency / hours))
      let exported = min(net - taken, exportLimit)
      return (-exported * hours * exportPrice, stored + taken * hours * efficiency)
    }
    let given = max(0, min(-net, discharge, (stored - reserve) / hours))
    let cost = (-net - given) * hours * importPrice + given * hours * wearPrice
    return (cost, stored - given * hours)
  }

  /// A value between the levels that `values` are laid out on.
  func between(_ values: [Double], stored: Double) -> Double {
    let position = capacity > 0 ? stored / capacity * Double(values.count - 1) : 0
    let low = min(max(0, Int(position)), values.count - 2)
    let share = min(max(0, position - Double(low)), 1)
    return values[low] + share * (values[low + 1] - values[low])
  }
}
