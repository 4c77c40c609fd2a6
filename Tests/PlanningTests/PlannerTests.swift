import Planning
import Quantities
import Testing

@Suite struct PlannerTests {
  static let first = TimeSlot(containing: Instant(millisecondsSince1970: 1_782_000_000_000))

  /// A problem of slots with this much surplus in watts, nil unknown.
  static func problem(
    _ surplus: [Int64?], jobs: [PlanningJob], battery: BatteryLimits? = nil,
    exportLimit: Power? = nil, capacity: Int = 1, importPrices: [Int64] = []
  ) -> PlanningProblem {
    let slots = surplus.enumerated().map { index, watts in
      let power = watts.map { PowerQuantiles(certain: Power(watts: max(0, $0))) }
      let load = watts.map { PowerQuantiles(certain: Power(watts: max(0, -$0))) }
      let price = index < importPrices.count ? importPrices[index] : 30
      return PlanningProblem.Slot(
        forecast: SlotForecast(slot: first.advanced(by: Int64(index)), pv: power, load: load),
        importPrice: Price(creditsPerKilowattHour: price),
        exportPrice: Price(creditsPerKilowattHour: 8))
    }
    return PlanningProblem(
      slots: slots, battery: battery, exportLimit: exportLimit, jobs: jobs,
      engineCapacity: capacity)
  }

  static func job(
    _ number: Int64, watts: Int64 = 300, slots: Int64, dueAfter: Int64? = nil,
    priority: Int64 = 0, interruptible: Bool = true, running: Bool = false,
    minimumRun: Int = 1, minimumPause: Int = 1, after: [Int64] = []
  ) -> PlanningJob {
    PlanningJob(
      number: JobNumber(number), power: Power(watts: watts),
      remaining: TimeSpan(minutes: 15 * slots),
      deadline: dueAfter.map { first.advanced(by: $0).start }, priority: priority,
      interruptible: interruptible, running: running,
      minimumRunSlots: minimumRun, minimumPauseSlots: minimumPause,
      after: after.map { JobNumber($0) })
  }

  /// Which jobs run in which slot, a character a slot: "1.2" is job 1, none, job 2.
  static func picture(_ plan: Plan) -> String {
    plan.slots.map { slot in
      slot.runs.isEmpty ? "." : slot.runs.map { "\($0.job)" }.joined(separator: "+")
    }.joined()
  }

  static let sunny: [Int64?] = [0, 100, 400, 900, 800, 350, 100, 0]

  @Test(
    "places jobs where the sun carries them",
    arguments: [
      // Undated, the first sun that carries it.
      ([job(1, slots: 2)], "..11...."),
      ([job(1, slots: 4)], "..1111.."),
      ([job(1, slots: 9)], "..1111.."),
      ([job(1, slots: 2, interruptible: false)], "..11...."),
      ([job(1, slots: 5, interruptible: false)], "........"),
      ([job(1, watts: 2000, slots: 1)], "........"),
      // The more urgent first, whatever its number.
      ([job(1, slots: 2), job(2, slots: 2, priority: 5)], "..2211.."),
      // What is due has the sunniest, undated what is left.
      ([job(1, slots: 2), job(2, slots: 2, dueAfter: 6)], "..1221.."),
      // A deadline first takes the sun, then the cheapest time, of equals the latest.
      ([job(1, slots: 2, dueAfter: 4)], "..11...."),
      ([job(1, slots: 3, dueAfter: 4)], ".111...."),
      ([job(1, slots: 4, dueAfter: 2)], "..1111.."),
      ([job(1, slots: 3, dueAfter: 4, interruptible: false)], ".111...."),
      ([job(1, slots: 3, dueAfter: 2, interruptible: false)], "..111..."),
      // Two that can't both be in time: the other has the sun that the first leaves.
      ([job(1, slots: 3, dueAfter: 5), job(2, slots: 3, dueAfter: 5, priority: 1)], "..2221.."),
      // Runs and pauses keep their minimum.
      ([job(1, slots: 4, minimumRun: 4)], "..1111.."),
      ([job(1, slots: 5, minimumRun: 5)], "........"),
      // One job after another; a circle never starts.
      ([job(1, slots: 2, priority: 3, after: [2]), job(2, slots: 1)], "..211..."),
      ([job(1, slots: 1, after: [2]), job(2, slots: 1, after: [1])], "........"),
      ([job(1, slots: 1, after: [77])], "..1....."),
      ([job(1, slots: 1, after: [2]), job(2, watts: 5000, slots: 1)], "........"),
      // What runs and is fixed goes on, sun or not.
      (
        [job(1, slots: 3, interruptible: false, running: true), job(2, slots: 1, priority: 9)],
        "1112...."
      ),
    ] as [([PlanningJob], String)])
  func placement(_ jobs: [PlanningJob], _ picture: String) {
    let plan = Planner.plan(Self.problem(Self.sunny, jobs: jobs))
    #expect(Self.picture(plan) == picture)
    PlanChecker(problem: Self.problem(Self.sunny, jobs: jobs), plan: plan).check()
  }

  @Test("pauses last at least their minimum")
  func minimumPause() {
    let surplus: [Int64?] = [900, 0, 900, 0, 0, 900, 0]
    let plan = Planner.plan(
      Self.problem(surplus, jobs: [Self.job(1, slots: 2, minimumPause: 3)]))
    #expect(Self.picture(plan) == "1....1.")
  }

  @Test("pays for the cheapest time when the sun can't meet the deadline, and says so")
  func deadlineOffSun() {
    let job = Self.job(1, slots: 1, dueAfter: 4)
    let plan = Planner.plan(
      Self.problem([0, 0, 0, 0, 900], jobs: [job], importPrices: [30, 10, 20, 30, 30]))
    #expect(Self.picture(plan) == ".1...")
    #expect(plan.slots[1].runs == [Plan.Run(job: JobNumber(1), onSurplus: false)])
    #expect(
      plan.reason(of: JobNumber(1))?.text
        == "job 1 from about 00:15 to 00:30, due 01:00, 1 of 1 quarter-hours not on surplus")
    let late = Planner.plan(
      Self.problem([0, 900, 900], jobs: [Self.job(1, slots: 3, dueAfter: 1)]))
    #expect(
      late.reason(of: JobNumber(1))?.text.hasPrefix("job 1 can't be done by 00:15: ") == true)
  }

  @Test("the battery comes first below its reserve and is never planned below it")
  func battery() {
    let battery = BatteryLimits(
      capacity: Energy(wattHours: 1000), stateOfCharge: StateOfCharge(percent: 20),
      reserve: StateOfCharge(percent: 30), maximumCharge: Power(watts: 800),
      maximumDischarge: Power(watts: 500), efficiencyPermille: 1000)
    let problem = Self.problem(
      [400, 400, 2000, -300, -3000, -100], jobs: [Self.job(1, slots: 2)], battery: battery)
    let plan = Planner.plan(problem)
    // 100 Wh are missing to the reserve: all of the first slot is the battery's.
    #expect(plan.slots[0].spare == .zero)
    #expect(plan.slots[1].spare == Power(watts: 400))
    #expect(Self.picture(plan) == ".11...")
    #expect(plan.slots[2].battery == Power(watts: 800))
    #expect(plan.slots[2].sell == Energy(wattHours: 225))
    #expect(plan.slots[3].battery == Power(watts: -300))
    #expect(plan.slots[5].stored == Energy(wattHours: 300))
    #expect(plan.slots[4].buy == Energy(wattHours: 625))
    PlanChecker(problem: problem, plan: plan).check()
  }

  @Test("what is unknown is neither sold nor bought nor planned on")
  func unknownSlots() {
    let plan = Planner.plan(Self.problem([nil, 500, nil], jobs: [Self.job(1, slots: 2)]))
    #expect(Self.picture(plan) == ".1.")
    #expect(plan.slots[0].grid == nil && plan.slots[0].spare == nil)
    #expect(plan.slots[0].sell == .zero && plan.slots[0].buy == .zero)
    #expect(
      plan.reason(of: JobNumber(1))?.text == "job 1 from about 00:15; 1 of 2 quarter-hours fit")
  }

  @Test("exports no more than it may, and counts the rest as wasted")
  func exportLimit() {
    let plan = Planner.plan(
      Self.problem([1000, 200], jobs: [], exportLimit: Power(watts: 600)))
    #expect(plan.slots[0].grid == Power(watts: -600))
    #expect(plan.slots[0].curtailed == Power(watts: 400))
    #expect(plan.slots[1].curtailed == .zero)
    // 200 Wh at 8 a kWh.
    #expect(plan.objective == Credits(millicredits: 1600))
  }

  @Test("knows until when the surplus is expected to last")
  func spareEnd() {
    let plan = Planner.plan(Self.problem(Self.sunny, jobs: []))
    let noon = Self.first.advanced(by: 3).start
    #expect(plan.spareEnd(of: Power(watts: 300), from: noon) == Self.first.advanced(by: 6).start)
    #expect(plan.spareEnd(of: Power(watts: 800), from: noon) == Self.first.advanced(by: 5).start)
    #expect(plan.spareEnd(of: Power(watts: 901), from: noon) == nil)
    #expect(plan.slot(at: Self.first.start - TimeSpan(seconds: 1)) == nil)
  }

  @Test("an empty problem has an empty plan; more jobs than it places wait, and say so")
  func extremes() {
    let many = (1...60).map { Self.job($0, slots: 1) }
    let plan = Planner.plan(Self.problem([], jobs: many))
    #expect(plan.slots.isEmpty && plan.reasons.count == 60)
    #expect(plan.reason(of: JobNumber(60))?.text == "job 60 waits: 50 jobs are planned before it")
  }
}
