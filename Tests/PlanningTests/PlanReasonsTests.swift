import Planning
import Quantities
import Testing

/// Why the battery is told something, in words.
@Suite("Reasons of a plan")
struct PlanReasonsTests {
  /// A steered battery of 2 kWh, without losses or wear.
  private static func battery(charge: Int64) -> BatteryLimits {
    BatteryLimits(
      capacity: Energy(wattHours: 2000), stateOfCharge: StateOfCharge(percent: charge),
      reserve: .empty, maximumCharge: Power(watts: 2000), maximumDischarge: Power(watts: 2000),
      efficiencyPermille: 1000, isSteered: true, mayExport: true)
  }

  /// A slot an entry: the surplus in watts, what the grid costs and what it pays.
  private static func plan(
    from start: Instant, _ slots: [(surplus: Int64, cost: Int64, paid: Int64)], charge: Int64,
    exportLimit: Power? = nil, jobs: [PlanningJob] = []
  ) -> Plan {
    let first = TimeSlot(containing: start)
    let made = slots.enumerated().map { index, slot in
      PlanningProblem.Slot(
        forecast: SlotForecast(
          slot: first.advanced(by: Int64(index)),
          pv: PowerQuantiles(certain: Power(watts: max(0, slot.surplus))),
          load: PowerQuantiles(certain: Power(watts: max(0, -slot.surplus)))),
        importPrice: Price(creditsPerKilowattHour: slot.cost),
        exportPrice: Price(creditsPerKilowattHour: slot.paid))
    }
    return Planner.plan(
      PlanningProblem(
        slots: made, battery: battery(charge: charge), exportLimit: exportLimit, jobs: jobs))
  }

  /// 22:00 UTC of 21 June 2026, a Sunday.
  private static let evening = Instant(millisecondsSince1970: 1_782_079_200_000)

  @Test("a battery that keeps room for sun that the grid would not take waits, it does not charge")
  func waits() {
    let morning = Array(repeating: (surplus: Int64(600), cost: Int64(30), paid: Int64(8)), count: 8)
    let noon = Array(repeating: (surplus: Int64(1600), cost: Int64(30), paid: Int64(8)), count: 8)
    let plan = Self.plan(
      from: Self.evening + TimeSpan(minutes: 600), morning + noon, charge: 0,
      exportLimit: Power(watts: 600))
    #expect(plan.slots.contains { $0.order == .charge(.zero) })
    for reason in plan.batteryReasons {
      guard case .charge(let power) = reason.order else { continue }
      #expect(reason.text.hasPrefix("battery waits") == (power == .zero), "\(reason.text)")
      #expect(reason.text.hasSuffix(": keeps room for later sun"), "\(reason.text)")
      #expect(!reason.text.contains("the grid"), "\(reason.text)")
    }
    // Waiting and charging are told apart where one follows the other.
    for (slot, next) in zip(plan.slots, plan.slots.dropFirst()) {
      guard case .charge(let power) = next.order else { continue }
      let begins = plan.batteryReasons.contains { $0.slot == next.slot }
      let before: Power? = if case .charge(let power) = slot.order { power } else { nil }
      #expect(begins == (before.map { ($0 > .zero) != (power > .zero) } ?? true))
    }
  }

  @Test("what is sold to the grid is told by what it pays")
  func sells() {
    let dear = (surplus: Int64(-200), cost: Int64(90), paid: Int64(50))
    let cheap = (surplus: Int64(-200), cost: Int64(10), paid: Int64(5))
    let plan = Self.plan(
      from: Self.evening, [dear, dear] + Array(repeating: cheap, count: 8), charge: 100)
    #expect(plan.slots.first?.grid.map { $0 < .zero } == true)
    #expect(
      plan.batteryReasons.first?.text.hasSuffix(": the grid pays 50.00") == true,
      "\(plan.batteryReasons.map(\.text))")
  }

  @Test("times that are not of the day on which the plan begins name theirs")
  func days() {
    let slots = (0..<60).map { index in
      (surplus: Int64(-400), cost: Int64(index < 32 ? 10 : 40), paid: Int64(1))
    }
    let job = PlanningJob(
      number: JobNumber(1), power: Power(watts: 300), remaining: TimeSpan(minutes: 30),
      deadline: Self.evening + TimeSpan(minutes: 30))
    let later = PlanningJob(
      number: JobNumber(2), power: Power(watts: 300), remaining: TimeSpan(minutes: 420),
      deadline: Self.evening + TimeSpan(minutes: 480))
    let plan = Self.plan(from: Self.evening, slots, charge: 0, jobs: [job, later])
    let text = plan.reason(of: JobNumber(1))?.text ?? ""
    #expect(text.hasPrefix("job 1 from about 22:00 to 22:30, due 22:30, "), "\(text)")
    let second = plan.reason(of: JobNumber(2))?.text ?? ""
    #expect(second.contains("to tomorrow 0") && second.contains("due tomorrow 06:00"), "\(second)")
    let charging = plan.batteryReasons.first { $0.text.hasPrefix("battery charges with") }
    #expect(
      charging?.text.contains("the grid costs 10.00 now and 40.00 from tomorrow 06:00") == true,
      "\(plan.batteryReasons.map(\.text))")
  }
}
