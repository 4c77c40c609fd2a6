import Planning
import Quantities
import Testing

/// Jobs whose worth counts in parts, beside a battery that couples their slots.
@Suite struct PartialJobTests {
  /// Two short days of sun, nothing of which may go out, and a job that draws more than it.
  private static func problem(
    slots: Int64, sun percent: Int64, minimumPause: Int
  ) -> PlanningProblem {
    let day: [Int64] = [300, 600, 900, 1200, 1500, 1800, 1800, 1500, 1200, 900, 600, 300]
    let sun = day.map { $0 * percent / 100 }
    let night = [Int64](repeating: -400, count: 12)
    let battery = BatteryLimits(
      capacity: Energy(wattHours: 3000), stateOfCharge: StateOfCharge(permille: 500),
      reserve: StateOfCharge(permille: 200), maximumCharge: Power(watts: 2500),
      maximumDischarge: Power(watts: 2500), efficiencyPermille: 900,
      wearPrice: Price(creditsPerKilowattHour: 1), isSteered: true)
    let job = PlanningJob(
      number: JobNumber(1), power: Power(watts: 2000), remaining: TimeSpan(minutes: 15 * slots),
      deadline: nil, value: Credits(credits: 6 * slots), interruptible: true,
      minimumRunSlots: 1, minimumPauseSlots: minimumPause)
    return PlannerTests.problem(
      night + sun + night + sun + night, jobs: [job], battery: battery, exportLimit: .zero)
  }

  @Test(
    "a job that counts in parts runs no longer than it pays, and no shorter",
    arguments: [100, 150] as [Int64], [1, 4])
  func runsInPart(sun: Int64, minimumPause: Int) {
    let whole = Self.problem(slots: 16, sun: sun, minimumPause: minimumPause)
    let plan = Planner.plan(whole)
    PlanChecker(problem: whole, plan: plan).check()
    let ran = plan.slots.count { !$0.runs.isEmpty }
    #expect(ran > 0 && ran < 16)
    // What a shorter job of the same worth a slot can do, the longer one can.
    for slots in 1...15 as ClosedRange<Int64> {
      let shorter = Self.problem(slots: slots, sun: sun, minimumPause: minimumPause)
      #expect(plan.objective >= Planner.plan(shorter).objective, "\(slots) slots")
    }
  }
}
