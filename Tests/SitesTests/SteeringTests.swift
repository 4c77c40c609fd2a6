import Quantities
import Sites
import Testing

@Suite("Steering a device")
struct SteeringTests {
  @Test("a set-point is refreshed at half the time-out and released when its time is up")
  func refresh() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.orders.isEmpty)
    #expect(bench.ask(watts: 1500, minutes: 5) == nil)
    #expect(
      bench.orders.first?.writes
        == [RegisterWrite(address: 40, words: [1, 1500, 60], unchecked: [2])])
    guard case .done(let state) = bench.answers[1] else {
      Issue.record("no answer: \(bench.answers)")
      return
    }
    #expect(state.until == bench.now + TimeSpan(minutes: 5))
    bench.pass(TimeSpan(seconds: 29))
    #expect(bench.orders.count == 1)
    bench.pass(TimeSpan(seconds: 1))
    #expect(bench.orders.count == 2)
    bench.pass(TimeSpan(minutes: 10))
    // At 0, 30, …, 270 s; the end at 300 s is a release, and nothing comes after it.
    #expect(bench.told == [String](repeating: "set 1500", count: 10) + ["release"])
    #expect(bench.orders.last?.writes == [RegisterWrite(address: 40, words: [0])])
    #expect(bench.store.isEmpty)
    #expect(bench.lines.last == "inverter goes its own way again: its time is up")
    #expect(bench.lines.count == 2)
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var watts: Int64 = 1500
    var steer = true
    var gap: String?
    var failSafe = DeviceControl.FailSafe.timeout(TimeSpan(seconds: 60))
    var charge: Int64? = 60
    var gridIsKnown = true
    var isKnown = true
    let reason: String
  }

  @Test(
    "refuses, with a reason, what must not be",
    arguments: [
      Refusal(testDescription: "beyond the range", watts: 3001, reason: "takes discharge 3000 W"),
      Refusal(testDescription: "not allowed", steer: false, reason: "write steer: true"),
      Refusal(
        testDescription: "no guardian", gap: "no guardian is named", failSafe: .guardian,
        reason: "has no time-out of its own and no guardian is named"),
      Refusal(
        testDescription: "charge unknown", charge: nil, reason: "state of charge is unknown"),
      Refusal(
        testDescription: "grid unknown", gridIsKnown: false, reason: "grid's power is unknown"),
      Refusal(
        testDescription: "discharge at the reserve", watts: -1000, charge: 30,
        reason: "at its reserve of 30%"),
      Refusal(testDescription: "never read", isKnown: false, reason: "does not answer"),
    ])
  func refuses(_ refusal: Refusal) {
    var bench = SteeringBench(steer: refusal.steer, guardianGap: refusal.gap)
    bench.conditions.stateOfCharge = refusal.charge.map { StateOfCharge(percent: $0) }
    bench.conditions.gridPower = refusal.gridIsKnown ? .zero : nil
    if refusal.isKnown { bench.learn([SteeringBench.battery(failSafe: refusal.failSafe)]) }
    let reason = bench.ask(watts: refusal.watts)
    #expect(reason?.contains(refusal.reason) == true, "\(reason ?? "taken")")
    bench.pass(TimeSpan(minutes: 2))
    #expect(bench.orders.isEmpty)
    #expect(bench.store.isEmpty)
  }

  @Test("a guardian's control is taken where there is one")
  func guarded() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery(failSafe: .guardian)])
    #expect(bench.ask(watts: 1500) == nil)
    bench.pass(TimeSpan(minutes: 59))
    // Nothing times out, so nothing is refreshed.
    #expect(bench.told == ["set 1500"])
    bench.pass(TimeSpan(minutes: 2))
    #expect(bench.told == ["set 1500", "release"])
  }

  @Test("what may be held is stored before it is written, and forgotten after the release")
  func markers() throws {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.ask(watts: 1500) == nil)
    let key = SteeringMarker.storeKey(SteeringKey("inverter", .batteryPower))
    let marker = try #require(bench.store[key].flatMap { SteeringMarker(decoding: $0) })
    #expect(marker.value == 1_500_000)
    #expect(marker.timeout == TimeSpan(seconds: 60))
    #expect(marker.release == [RegisterWrite(address: 40, words: [0])])
    bench.pass(TimeSpan(minutes: 5))
    bench.take(bench.steering.releaseAll(token: 2, at: bench.now))
    #expect(bench.answers[2] == .released)
    #expect(bench.store.isEmpty)
    #expect(bench.markedBefore.allSatisfy { $0 })
  }

  @Test("discharging ends at the reserve, also when the reserve is raised meanwhile")
  func reserve() {
    for (charge, reserve) in [(30, 30), (29, 30), (60, 60), (60, 70)] as [(Int64, Int64)] {
      var bench = SteeringBench()
      bench.learn([SteeringBench.battery()])
      #expect(bench.ask(watts: -1000) == nil)
      bench.pass(TimeSpan(seconds: 20))
      bench.conditions.stateOfCharge = StateOfCharge(percent: charge)
      bench.conditions.reserve = StateOfCharge(percent: reserve)
      bench.pass(TimeSpan(seconds: 15))
      #expect(bench.told.last == "release")
      bench.conditions.stateOfCharge = StateOfCharge(percent: 90)
      bench.pass(TimeSpan(minutes: 5))
      // It is over for good: no chatter around the reserve.
      #expect(bench.told.last == "release")
    }
  }

  @Test("while the charge or the grid is unknown a set-point rests, and goes on when it is known")
  func unknown() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.ask(watts: 1500) == nil)
    bench.pass(TimeSpan(seconds: 10))
    bench.conditions.stateOfCharge = nil
    bench.pass(TimeSpan(minutes: 3))
    #expect(bench.told == ["set 1500", "release"])
    #expect(bench.lines.contains { $0.contains("rests: the state of charge is unknown") })
    bench.conditions.stateOfCharge = StateOfCharge(percent: 60)
    bench.pass(TimeSpan(seconds: 29))
    #expect(bench.told.count == 2)
    bench.pass(TimeSpan(seconds: 17))
    #expect(bench.told == ["set 1500", "release", "set 1500"])
    bench.conditions.gridPower = nil
    bench.pass(TimeSpan(seconds: 15))
    #expect(bench.told.last == "release")
  }

  @Test("a limit stands while the house is unknown: it does less, not more")
  func limits() {
    var bench = SteeringBench()
    let limit = DeviceControl(
      control: .exportLimit, failSafe: .timeout(TimeSpan(seconds: 60)), memory: .volatile,
      range: 0...5_000_000,
      write: [ControlRegister(address: 50, type: .u16, content: .requested)],
      release: [ControlRegister(address: 50, type: .u16, content: .constant(5000))])
    bench.learn([limit])
    #expect(bench.ask(.exportLimit, watts: 3000, minutes: nil) == nil)
    bench.conditions = SteeringConditions()
    bench.pass(TimeSpan(minutes: 60))
    #expect(!bench.told.contains("release"))
    #expect(bench.told.count == 120 + 1)
    bench.take(bench.steering.releaseAll(token: 2, at: bench.now))
    #expect(bench.told.last == "release")
  }

  @Test("asked anew, the device gets the new value; AUTO with nothing steered says so")
  func anew() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    bench.take(bench.steering.releaseAll(token: 9, at: bench.now))
    #expect(bench.answers[9] == .released)
    #expect(bench.orders.isEmpty)
    #expect(bench.ask(watts: 1500, token: 1) == nil)
    bench.pass(TimeSpan(seconds: 5))
    #expect(bench.ask(watts: -500, token: 2) == nil)
    #expect(bench.told == ["set 1500", "set -500"])
    #expect(bench.orders.last?.writes.first?.words == [2, UInt16(bitPattern: -500), 60])
    guard case .done(let state) = bench.answers[2] else {
      Issue.record("no answer")
      return
    }
    #expect(state.value == -500_000)
  }
}
