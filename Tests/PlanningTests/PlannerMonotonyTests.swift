import Planning
import Quantities
import Testing
import Thrown

/// More sun and more time never make a plan worse.
///
/// Each is a bound of the best plan: what could be done before can still be done. Where the planner
/// finds the best plan (a steered battery alone, one job alone), it holds to the rounding of money
/// and energy. Where it searches, a better problem may lead the search to a worse plan, so it holds
/// but for a share of what the jobs are worth: at most 1.1 % was seen. No cheap bookkeeping could
/// make it exact, for a plan does not know of the harder problem; the exact optimum alone would.
@Suite struct PlannerMonotonyTests {
  /// What rounding to whole milliwatts in each slot may come to.
  private static let rounding = Credits(millicredits: 5)

  @Test("more sun never makes a battery's course worse")
  func sunForBattery() async {
    for seed in 0..<400 as Range<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var source = SeededSource(seed: seed)
      let problem = source.house(slots: 96, hasBattery: true)
      let sunnier = source.sunnier(problem)
      let before = Planner.plan(problem).objective
      let after = Planner.plan(sunnier).objective
      #expect(after >= before - Self.rounding, "seed \(seed)")
    }
  }

  @Test("more sun never makes one job's plan worse")
  func sunForOneJob() async {
    for seed in 0..<400 as Range<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var source = SeededSource(seed: seed)
      let problem = source.house(slots: 96, hasBattery: false, jobs: 1)
      let before = Planner.plan(problem).objective
      let after = Planner.plan(source.sunnier(problem)).objective
      #expect(after >= before - Self.rounding, "seed \(seed)")
    }
  }

  @Test("a later deadline, or none, never makes one job's plan worse")
  func deadlineOfOneJob() async {
    for seed in 0..<400 as Range<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var source = SeededSource(seed: seed)
      let problem = source.house(slots: 96, hasBattery: false, jobs: 1)
      let before = Planner.plan(problem).objective
      let after = Planner.plan(source.relaxed(problem)).objective
      #expect(after >= before - Self.rounding, "seed \(seed)")
    }
  }

  @Test("more sun costs the search of many jobs at most a fiftieth of their worth")
  func sunForMany() async {
    for seed in 0..<150 as Range<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var source = SeededSource(seed: seed)
      let problem = source.house(slots: 48, hasBattery: source.chance(60), jobs: 6)
      Self.compare(problem, source.sunnier(problem), seed: seed)
    }
  }

  @Test("a later deadline costs the search of many jobs at most a fiftieth of their worth")
  func deadlineOfMany() async {
    for seed in 0..<150 as Range<UInt64> {
      // Others share the pool: none may wait for a long computation.
      await Task.yield()
      var source = SeededSource(seed: seed)
      let problem = source.house(slots: 48, hasBattery: source.chance(60), jobs: 6)
      Self.compare(problem, source.relaxed(problem), seed: seed)
    }
  }

  private static func compare(
    _ problem: PlanningProblem, _ easier: PlanningProblem, seed: UInt64
  ) {
    let worth = problem.jobs.reduce(Credits.zero) { $0 + ($1.value ?? .zero) }
    let before = Planner.plan(problem).objective
    let after = Planner.plan(easier).objective
    let allowed = rounding + worth.scaled(by: 1, over: 50)
    #expect(after >= before - allowed, "seed \(seed)")
  }
}

/// Problems whose terms do not change with the sun: what a battery holds at the end is worth
/// what the last day lacks, so more sun in those hours is another question, no easier one.
extension SeededSource {
  /// A house without surprises: certain forecasts, a battery above its reserve that can be told
  /// what to do, jobs with a value whose deadlines can be met.
  fileprivate mutating func house(
    slots: Int64, hasBattery: Bool, jobs: Int64 = 0
  ) -> PlanningProblem {
    let first = TimeSlot(index: number(1_900_000...2_000_000))
    let count = number(8...slots)
    var made: [PlanningProblem.Slot] = []
    for index in 0..<count {
      let sun = max(0, 30 - abs((first.index + index) % 96 - 48)) * number(0...200_000)
      let price = number(0...40_000)
      made.append(
        PlanningProblem.Slot(
          forecast: SlotForecast(
            slot: first.advanced(by: index), pv: PowerQuantiles(certain: Power(milliwatts: sun)),
            load: PowerQuantiles(certain: Power(milliwatts: number(0...1_500_000)))),
          importPrice: Price(rawValue: price), exportPrice: Price(rawValue: price / 3)))
    }
    var battery: BatteryLimits?
    if hasBattery {
      battery = self.battery()
      battery?.isSteered = true
      battery?.reserve = StateOfCharge(permille: 100)
      battery?.stateOfCharge = StateOfCharge(permille: number(100...1000))
    }
    var queue: [PlanningJob] = []
    for index in 0..<jobs { queue.append(job(JobNumber(index + 1), within: count, from: first)) }
    return PlanningProblem(
      slots: made, battery: battery,
      exportLimit: chance(40) ? Power(milliwatts: number(0...2_000_000)) : nil, jobs: queue,
      engineCapacity: Int(number(1...3)), sunPremium: Price(rawValue: number(0...2000)))
  }

  private mutating func job(
    _ number: JobNumber, within count: Int64, from first: TimeSlot
  ) -> PlanningJob {
    let length = self.number(1...min(count, 12))
    let due = first.advanced(by: self.number(length...count)).start
    return PlanningJob(
      number: number, power: Power(milliwatts: self.number(50_000...2_000_000)),
      remaining: TimeSpan(minutes: 15 * length), deadline: chance(75) ? due : nil,
      value: Credits(millicredits: self.number(100...40_000)), interruptible: chance(65),
      minimumRunSlots: Int(self.number(1...4)), minimumPauseSlots: Int(self.number(1...4)))
  }

  /// The same with more sun in some slots.
  fileprivate mutating func sunnier(_ problem: PlanningProblem) -> PlanningProblem {
    var slots = problem.slots
    let untouched = problem.battery == nil ? 0 : Self.endOfLack(slots)
    for index in slots.indices where index >= untouched && chance(50) {
      let given = slots[index].forecast
      guard let pv = given.pv else { continue }
      let more = PowerQuantiles(certain: pv.middle + Power(milliwatts: number(0...3_000_000)))
      slots[index].forecast = SlotForecast(slot: given.slot, pv: more, load: given.load)
    }
    return PlanningProblem(
      slots: slots, battery: problem.battery, exportLimit: problem.exportLimit, jobs: problem.jobs,
      engineCapacity: problem.engineCapacity, sunPremium: problem.sunPremium)
  }

  /// From where on more sun leaves the largest lack of the day as it is.
  private static func endOfLack(_ slots: [PlanningProblem.Slot]) -> Int {
    var lack = Power.zero
    var most = Power.zero
    var end = 0
    for (index, slot) in slots.enumerated() {
      lack = lack - (slot.forecast.surplus?.middle ?? .zero)
      guard lack > most else { continue }
      most = lack
      end = index + 1
    }
    return end
  }

  /// The same with one job's deadline later, or gone.
  fileprivate mutating func relaxed(_ problem: PlanningProblem) -> PlanningProblem {
    var easier = problem
    let index = Int(number(0...Int64(easier.jobs.count - 1)))
    guard let deadline = easier.jobs[index].deadline else { return easier }
    let later = deadline + TimeSpan(minutes: number(15...600))
    easier.jobs[index].deadline = chance(80) ? later : nil
    return easier
  }
}
