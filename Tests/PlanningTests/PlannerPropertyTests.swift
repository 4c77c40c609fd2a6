import Planning
import Quantities
import Testing

@Suite struct PlannerPropertyTests {
  /// A problem made from a seed: odd batteries, missing forecasts, clashing jobs and all.
  static func problem(seed: UInt64) -> PlanningProblem {
    var source = SeededSource(seed: seed)
    let first = TimeSlot(index: source.number(1_900_000...2_000_000))
    let count = source.number(0...48)
    let slots = (0..<count).map { index in
      let pv = source.chance(90) ? quantiles(&source, upTo: 5000) : nil
      let load = source.chance(95) ? quantiles(&source, upTo: 2000) : nil
      return PlanningProblem.Slot(
        forecast: SlotForecast(slot: first.advanced(by: index), pv: pv, load: load),
        importPrice: Price(millicreditsPerKilowattHour: source.number(-5000...40_000)),
        exportPrice: Price(millicreditsPerKilowattHour: source.number(0...20_000)))
    }
    let jobs = (0..<source.number(0...7)).map { job(&source, JobNumber($0 + 1), from: first) }
    return PlanningProblem(
      slots: slots, battery: source.chance(70) ? battery(&source) : nil,
      exportLimit: source.chance(30) ? Power(watts: source.number(0...3000)) : nil, jobs: jobs,
      engineCapacity: Int(source.number(0...3)))
  }

  static func quantiles(_ source: inout SeededSource, upTo watts: Int64) -> PowerQuantiles {
    let middle = source.number(0...watts * 1000)
    return PowerQuantiles(
      low: Power(milliwatts: middle / 2), middle: Power(milliwatts: middle),
      high: Power(milliwatts: middle * 2))
  }

  static func battery(_ source: inout SeededSource) -> BatteryLimits {
    BatteryLimits(
      capacity: Energy(milliwattHours: source.number(0...12_000_000)),
      stateOfCharge: StateOfCharge(permille: source.number(-100...1100)),
      reserve: StateOfCharge(permille: source.number(0...1000)),
      maximumCharge: Power(milliwatts: source.number(0...5_000_000)),
      maximumDischarge: Power(milliwatts: source.number(0...5_000_000)),
      efficiencyPermille: source.number(700...1000))
  }

  static func job(
    _ source: inout SeededSource, _ number: JobNumber, from first: TimeSlot
  ) -> PlanningJob {
    PlanningJob(
      number: number, power: Power(milliwatts: source.number(0...2_000_000)),
      remaining: TimeSpan(seconds: source.number(0...20_000)),
      deadline: source.chance(50)
        ? first.start + TimeSpan(minutes: source.number(-60...900)) : nil,
      priority: source.number(-1...1), value: Credits(millicredits: source.number(0...5000)),
      interruptible: source.chance(65), running: source.chance(15),
      minimumRunSlots: Int(source.number(1...4)), minimumPauseSlots: Int(source.number(1...4)),
      after: source.chance(25) ? [JobNumber(source.number(1...8))] : [])
  }

  @Test("no plan breaks a constraint, and every problem has one")
  func constraints() {
    for seed in 0..<3000 as Range<UInt64> {
      let problem = Self.problem(seed: seed)
      PlanChecker(problem: problem, plan: Planner.plan(problem), seed: seed).check()
    }
  }

  @Test("the same problem has the same plan, in whatever order its jobs come")
  func deterministic() {
    for seed in 0..<500 as Range<UInt64> {
      var problem = Self.problem(seed: seed)
      let plan = Planner.plan(problem)
      problem.jobs.reverse()
      #expect(Planner.plan(problem) == plan)
    }
  }
}
