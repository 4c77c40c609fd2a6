import Planning
import Quantities
import Testing
import Thrown

/// Where jobs go beside a battery that can't be told and takes what is left over as soon as it is.
@Suite struct OwnWayBatteryTests {
  static func battery(wattHours: Int64, watts: Int64, charged: Int64 = 0) -> BatteryLimits {
    BatteryLimits(
      capacity: Energy(wattHours: wattHours), stateOfCharge: StateOfCharge(percent: charged),
      reserve: .empty, maximumCharge: Power(watts: watts), maximumDischarge: Power(watts: watts),
      efficiencyPermille: 1000)
  }

  /// The only slot in which the only job runs.
  static func place(in problem: PlanningProblem) -> Int? {
    let slots = Planner.plan(problem).slots
    let running = slots.indices.filter { !slots[$0].runs.isEmpty }
    return running.count == 1 ? running.first : nil
  }

  @Test("a job waits for the sun that is thrown away, even where the battery's is brighter")
  func thrownAway() {
    // Full after four slots; then as much is sold as may be; then 500 W are thrown away.
    let surplus: [Int64] = [4000, 4000, 4000, 4000, 2000, 2000, 3000, 3000, -4000, -4000]
    let problem = PlannerTests.problem(
      surplus, jobs: [PlannerTests.job(1, watts: 500, slots: 1, dueAfter: 8)],
      battery: Self.battery(wattHours: 4000, watts: 5000), exportLimit: Power(watts: 2500))
    #expect(Self.place(in: problem) == 6)
  }

  @Test(
    "where sun is thrown away a job leaves the battery its first energy, elsewhere it is soon",
    arguments: [(limit: 0, slot: 6), (limit: 10_000, slot: 0)] as [(limit: Int64, slot: Int)])
  func firstEnergy(limit: Int64, slot: Int) {
    // The battery is full within the seventh slot: what is missing then is missed least.
    let surplus: [Int64] = Array(repeating: 600, count: 12) + Array(repeating: -2000, count: 4)
    let problem = PlannerTests.problem(
      surplus, jobs: [PlannerTests.job(1, watts: 500, slots: 1, dueAfter: 12)],
      battery: Self.battery(wattHours: 1000, watts: 3000), exportLimit: Power(watts: limit))
    #expect(Self.place(in: problem) == slot)
  }

  @Test("a slot costs a job what the house then pays more", arguments: UInt64(1)...300)
  func cheapest(seed: UInt64) {
    var source = SeededSource(seed: seed)
    let watts = 4 * source.number(25...250)
    let battery = Self.battery(
      wattHours: 250 * source.number(2...16), watts: 4 * source.number(100...700),
      charged: source.number(0...100))
    var surplus = (0..<24).map { _ in 4 * source.number(-500...900) }
    // Ends empty wherever the job ran: nothing is left to be worth something.
    surplus += Array(repeating: -8000, count: 44)
    let imports = surplus.map { _ in source.number(9...60) }
    let problem = PlannerTests.problem(
      surplus, jobs: [PlannerTests.job(1, watts: watts, slots: 1, dueAfter: 24)],
      battery: battery, importPrices: imports)
    let house = SelfFillingHouse(battery: battery, surplus: surplus, imports: imports)
    let costs = (0..<24).map { house.cost(jobWatts: watts, in: $0) }
    guard let place = Self.place(in: problem), place < 24 else {
      Issue.record("no place, seed \(seed)")
      return
    }
    // In thousandths of a credit; rounding within.
    #expect(costs[place] <= (costs.min() ?? 0) + 2, "seed \(seed)")
  }
}

/// A house whose battery fills and empties by itself, a quarter of an hour at a time.
private struct SelfFillingHouse {
  let battery: BatteryLimits
  let surplus: [Int64]
  let imports: [Int64]

  /// What the grid costs, in millicredits.
  func cost(jobWatts: Int64, in place: Int) -> Double {
    let capacity = Double(battery.capacity.milliwattHours) / 1000
    let most = Double(battery.maximumCharge.milliwatts) / 1000
    var stored = capacity * Double(battery.stateOfCharge.permille) / 1000
    var cost = 0.0
    for (slot, watts) in surplus.enumerated() {
      let left = Double(watts) - (slot == place ? Double(jobWatts) : 0)
      let taken = min(max(left, -min(most, stored * 4)), min(most, (capacity - stored) * 4))
      stored += taken / 4
      let grid = taken - left
      cost += grid / 4 * (grid > 0 ? Double(imports[slot]) : 8)
    }
    return cost
  }
}
