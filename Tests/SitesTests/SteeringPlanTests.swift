import Quantities
import Sites
import Testing

/// What a plan may tell a battery, and what it may not.
@Suite struct SteeringPlanTests {
  /// The plan's word for the coming quarter of an hour; nil lets the battery go its own way.
  private func follow(_ watts: Int64?, _ bench: inout SteeringBench) {
    bench.take(
      bench.steering.follow(
        watts.map { Power(watts: $0) }, until: bench.now + TimeSpan(minutes: 17),
        because: "battery charges: the grid is cheap", at: bench.now))
  }

  private func ready(
    _ control: DeviceControl = SteeringBench.battery(), steer: Bool = true,
    guardianGap: String? = nil
  ) -> SteeringBench {
    var bench = SteeringBench(steer: steer, guardianGap: guardianGap)
    bench.learn([control])
    return bench
  }

  @Test("the battery is told, refreshed, told anew, and let go")
  func told() {
    var bench = ready()
    #expect(bench.steering.mayPlan)
    follow(1500, &bench)
    bench.pass(TimeSpan(minutes: 2))
    #expect(bench.told.first == "set 1500")
    #expect(bench.told.count >= 4)
    #expect(bench.lines.contains("battery charges: the grid is cheap"))
    follow(-800, &bench)
    #expect(bench.told.last == "set -800")
    follow(nil, &bench)
    #expect(bench.told.last == "release")
    #expect(bench.steering.states.isEmpty)
  }

  @Test("a plan that is not renewed ends with its slot")
  func expires() {
    var bench = ready()
    follow(1500, &bench)
    bench.pass(TimeSpan(minutes: 18))
    #expect(bench.told.last == "release")
  }

  @Test("some watts more or less are no news; a range is kept to")
  func steady() {
    var bench = ready()
    follow(1500, &bench)
    let told = bench.told.count
    follow(1560, &bench)
    #expect(bench.told.count == told)
    follow(9000, &bench)
    #expect(bench.told.last == "set 3000")
  }

  @Test("the owner's word goes before the plan's, and is not ended by it")
  func owner() {
    var bench = ready()
    follow(1500, &bench)
    #expect(bench.ask(watts: -500, minutes: 30) == nil)
    #expect(bench.told.last == "set -500")
    follow(1500, &bench)
    follow(nil, &bench)
    #expect(bench.told.last == "set -500")
    bench.pass(TimeSpan(minutes: 31))
    #expect(bench.told.last == "release")
    follow(1500, &bench)
    #expect(bench.told.last == "set 1500")
  }

  @Test("flash, a missing guardian and a device that is not to be steered are left alone")
  func leftAlone() {
    var flash = ready(SteeringBench.battery(memory: .flash(dailyWrites: 10)))
    #expect(!flash.steering.mayPlan)
    follow(1500, &flash)
    #expect(flash.orders.isEmpty)
    var unguarded = ready(
      SteeringBench.battery(failSafe: .guardian), guardianGap: "no guardian is configured")
    #expect(!unguarded.steering.mayPlan)
    follow(1500, &unguarded)
    #expect(unguarded.orders.isEmpty)
    var forbidden = ready(steer: false)
    #expect(!forbidden.steering.mayPlan)
    follow(1500, &forbidden)
    #expect(forbidden.orders.isEmpty)
  }

  @Test("nothing is discharged at the reserve, and nothing told while the charge is unknown")
  func interlocks() {
    var bench = ready()
    bench.conditions.stateOfCharge = StateOfCharge(percent: 30)
    bench.learn([SteeringBench.battery()])
    follow(-800, &bench)
    #expect(bench.orders.isEmpty)
    bench.conditions.stateOfCharge = nil
    bench.learn([SteeringBench.battery()])
    follow(800, &bench)
    #expect(bench.orders.isEmpty)
  }

  @Test("a node that stops follows no plan")
  func stopping() {
    var bench = ready()
    follow(1500, &bench)
    bench.take(bench.steering.stop(at: bench.now))
    #expect(!bench.steering.mayPlan)
    follow(1500, &bench)
    #expect(bench.told.last == "release")
  }
}
