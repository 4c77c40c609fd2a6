import Planning
import Quantities
import Testing

/// What a battery that can be told is told, and what not.
@Suite struct PlannedBatteryTests {
  @Test("what is stored goes to the grid only where the owner said so", arguments: [false, true])
  func storedEnergy(mayExport: Bool) {
    let battery = BatteryLimits(
      capacity: Energy(wattHours: 4000), stateOfCharge: .full, reserve: .empty,
      maximumCharge: Power(watts: 2000), maximumDischarge: Power(watts: 2000),
      isSteered: true, mayExport: mayExport)
    let surplus: [Int64] = [-500, -500, 3000, 3000]
    let slots = surplus.enumerated().map { index, watts in
      let power = Power(watts: max(0, watts))
      let load = Power(watts: max(0, -watts))
      return PlanningProblem.Slot(
        forecast: SlotForecast(
          slot: PlannerTests.first.advanced(by: Int64(index)), pv: PowerQuantiles(certain: power),
          load: PowerQuantiles(certain: load)),
        importPrice: Price(creditsPerKilowattHour: 30),
        exportPrice: Price(creditsPerKilowattHour: index < 2 ? 25 : 1))
    }
    let problem = PlanningProblem(slots: slots, battery: battery, exportLimit: nil, jobs: [])
    let plan = Planner.plan(problem)
    #expect(plan.slots[0].battery == Power(watts: mayExport ? -2000 : -500))
    #expect(plan.slots[0].order == (mayExport ? .discharge(Power(watts: 2000)) : .own))
    PlanChecker(problem: problem, plan: plan).check()
  }

  @Test("a battery is told nothing while a slot of the plan is unknown")
  func unknownSlots() {
    let battery = BatteryLimits(
      capacity: Energy(wattHours: 4000), stateOfCharge: .full, reserve: .empty,
      maximumCharge: Power(watts: 2000), maximumDischarge: Power(watts: 2000),
      isSteered: true, mayExport: true)
    for unknown in 0..<4 {
      var surplus: [Int64?] = [-500, -500, 3000, 3000]
      surplus[unknown] = nil
      let plan = Planner.plan(
        PlannerTests.problem(surplus, jobs: [], battery: battery, importPrices: [1, 60, 9, 90]))
      #expect(plan.slots.allSatisfy { $0.order == .own }, "\(unknown)")
    }
  }

  @Test("no price, wear or size of a battery is too much to reckon with")
  func largeMoney() {
    for permille in [1, 500, 1000] as [Int64] {
      let battery = BatteryLimits(
        capacity: Energy(wattHours: 1_000_000), stateOfCharge: .full, reserve: .empty,
        maximumCharge: Power(watts: 1_000_000), maximumDischarge: Power(watts: 1_000_000),
        efficiencyPermille: permille, wearPrice: Price(creditsPerKilowattHour: 1_000_000),
        isSteered: true, mayExport: true)
      let surplus = (0..<192).map { index -> Int64? in index % 2 == 0 ? 900_000 : -900_000 }
      let problem = PlannerTests.problem(
        surplus, jobs: [PlannerTests.job(1, slots: 20, dueAfter: 100)], battery: battery,
        importPrices: Array(repeating: 1_000_000, count: 192))
      PlanChecker(problem: problem, plan: Planner.plan(problem)).check()
    }
  }
}
