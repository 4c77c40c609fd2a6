import Planning
import Quantities
import Sealing

/// One digest over the plans of fixed seeds: machines that plan alike print the same.
///
/// The problems are whole numbers from a seed, so nothing but the planner can make a difference.
struct PlanDigest {
  static let seeds = 60

  /// SplitMix64 (Steele, Lea and Flood 2014).
  private var state: UInt64

  private init(seed: Int) { state = UInt64(seed) }

  /// Prints the digest.
  static func run() {
    var all: [UInt8] = []
    for seed in 0..<seeds {
      var source = PlanDigest(seed: seed)
      let problem = source.problem()
      let plan = Planner.plan(problem)
      // Handed in again, the last plan leads through the other half of the search.
      all += text(of: plan) + text(of: Planner.plan(problem, after: plan))
    }
    Output.line("plans of \(seeds) seeds: \(Digest(of: all).hexadecimal)")
  }

  /// All that a plan says.
  private static func text(of plan: Plan) -> [UInt8] {
    var lines = ["\(plan.objective.rawValue)"]
    for slot in plan.slots {
      let runs = slot.runs.map { "\($0.job)\($0.onSurplus ? "+" : "-")" }.joined(separator: " ")
      let flows = [slot.spare, slot.battery, slot.grid, slot.curtailed].map { power in
        power.map { "\($0.milliwatts)" } ?? "?"
      }
      let stored = slot.stored.map { "\($0.milliwattHours)" } ?? "?"
      let trade = "\(slot.sell.milliwattHours) \(slot.buy.milliwattHours)"
      lines.append("\(flows.joined(separator: " ")) \(stored) \(trade) \(slot.order) \(runs)")
    }
    lines += plan.reasons.map(\.text) + plan.batteryReasons.map(\.text)
    return Array(lines.joined(separator: "\n").utf8)
  }

  // MARK: problems

  private mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    mixed ^= mixed >> 31
    return range.lowerBound + Int64(mixed % UInt64(range.upperBound - range.lowerBound + 1))
  }

  private mutating func chance(_ percent: Int64) -> Bool { number(1...100) <= percent }

  private mutating func problem() -> PlanningProblem {
    let first = TimeSlot(index: number(1_900_000...2_000_000))
    var slots: [PlanningProblem.Slot] = []
    let isCertain = chance(50)
    for index in 0..<[24, 96, 96, 192][Int(number(0...3))] as Range<Int64> {
      // A day's triangle of sun, clouds over it, and a load that comes and goes.
      let hour = (first.index + index) % 96 / 4
      let sun = max(0, 6 - abs(hour - 12)) * number(0...1_000_000)
      let spread = isCertain ? 0 : number(0...800_000)
      let middle = sun - number(100_000...900_000)
      var forecast = SlotForecast(slot: first.advanced(by: index), pv: nil, load: nil)
      forecast.surplus = PowerQuantiles(
        low: Power(milliwatts: middle - spread), middle: Power(milliwatts: middle),
        high: Power(milliwatts: middle + spread))
      let price = number(-2000...40_000)
      slots.append(
        PlanningProblem.Slot(
          forecast: forecast, importPrice: Price(rawValue: price),
          exportPrice: Price(rawValue: price / 3)))
    }
    let battery = chance(75) ? battery() : nil
    let limit = chance(40) ? Power(milliwatts: number(0...3_000_000)) : nil
    var jobs: [PlanningJob] = []
    for value in 1...number(1...20) { jobs.append(job(JobNumber(value), from: first)) }
    return PlanningProblem(
      slots: slots, battery: battery, exportLimit: limit, jobs: jobs,
      engineCapacity: Int(number(1...3)), sunPremium: Price(rawValue: number(0...2000)))
  }

  private mutating func battery() -> BatteryLimits {
    BatteryLimits(
      capacity: Energy(milliwattHours: number(1...15) * 1_000_000),
      stateOfCharge: StateOfCharge(permille: number(0...1000)),
      reserve: StateOfCharge(permille: number(0...300)),
      maximumCharge: Power(milliwatts: number(500_000...5_000_000)),
      maximumDischarge: Power(milliwatts: number(500_000...5_000_000)),
      efficiencyPermille: number(800...1000), wearPrice: Price(rawValue: number(0...3000)),
      isSteered: chance(70), mayExport: chance(50))
  }

  private mutating func job(_ number: JobNumber, from first: TimeSlot) -> PlanningJob {
    let length = self.number(1...16)
    let due = chance(60) ? first.advanced(by: length + self.number(-2...150)).start : nil
    let value = chance(80) ? Credits(millicredits: self.number(100...60_000)) : nil
    let forerunner = chance(15) ? [JobNumber(self.number(1...20))] : []
    return PlanningJob(
      number: number, power: Power(milliwatts: self.number(50_000...2_000_000)),
      remaining: TimeSpan(minutes: 15 * length), deadline: due, priority: self.number(-1...2),
      value: value, interruptible: chance(65), minimumRunSlots: Int(self.number(1...4)),
      minimumPauseSlots: Int(self.number(1...3)), after: forerunner)
  }
}
