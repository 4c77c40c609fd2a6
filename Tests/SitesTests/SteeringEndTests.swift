import Quantities
import Sites
import Testing

@Suite("Steering ends, whatever happens to clock, store and device")
struct SteeringEndTests {
  /// The clock is set back, and the device heard again.
  private static func setBack(_ bench: inout SteeringBench, by span: TimeSpan) {
    bench.now = bench.now - span
    bench.take(bench.steering.heard(SteeringBench.device, bench.conditions, at: bench.now))
  }

  @Test("a clock set back within the time of a set-point does not stretch it")
  func withinItsTime() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery(failSafe: .guardian)])
    #expect(bench.ask(watts: 1500, minutes: 120) == nil)
    bench.pass(TimeSpan(minutes: 60))
    Self.setBack(&bench, by: TimeSpan(minutes: 59))
    #expect(bench.told == ["set 1500", "release"])
    #expect(bench.lines.last?.contains("clock was set back") == true)
  }

  @Test("a correction of some seconds ends nothing, and the refresh stays in time")
  func correction() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.ask(watts: 1500, minutes: 120) == nil)
    bench.pass(TimeSpan(seconds: 20))
    Self.setBack(&bench, by: TimeSpan(seconds: 45))
    #expect(bench.told == ["set 1500"])
    bench.take(bench.steering.update(bench.conditions, at: bench.now + TimeSpan(seconds: 10)))
    #expect(bench.told == ["set 1500", "set 1500"])
  }

  @Test("a clock set back by a day does not hold up the way back")
  func wayBack() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery(failSafe: .guardian)])
    #expect(bench.ask(watts: 1500) == nil)
    bench.result = SteeringFaultTests.gone
    bench.take(bench.steering.releaseAll(token: 2, at: bench.now))
    bench.pass(TimeSpan(minutes: 20))
    let tries = bench.orders.count
    bench.result = .written
    Self.setBack(&bench, by: .day)
    bench.pass(TimeSpan(minutes: 6))
    #expect(bench.orders.count == tries + 1)
    #expect(bench.store.isEmpty)
  }

  @Test("a device that says no more that it can be steered is given back when its time is up")
  func forgotten() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery(failSafe: .guardian)])
    #expect(bench.ask(watts: 1500, minutes: 10) == nil)
    bench.pass(TimeSpan(minutes: 5))
    bench.learn([])
    bench.pass(TimeSpan(minutes: 4))
    #expect(bench.told == ["set 1500"])
    bench.pass(TimeSpan(minutes: 2))
    #expect(bench.told == ["set 1500", "release"])
    #expect(bench.store.isEmpty)
  }

  @Test("while the store fails a release is sent until it arrived, one at a time, and no more then")
  func failingStore() throws {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery(failSafe: .guardian)])
    #expect(bench.ask(watts: 1500) == nil)
    let first = bench.steering.storageStopped(at: bench.now)
    #expect(first.map(\.purpose) == [.release])
    // It is under way.
    #expect(bench.steering.storageStopped(at: bench.now + TimeSpan(seconds: 1)).isEmpty)
    bench.finish(try #require(first.first), SteeringFaultTests.silent)
    let second = bench.steering.storageStopped(at: bench.now + TimeSpan(seconds: 3))
    #expect(second.map(\.purpose) == [.release])
    bench.finish(try #require(second.first), .written)
    #expect(bench.steering.storageStopped(at: bench.now + TimeSpan(seconds: 7)).isEmpty)
  }

  @Test("flash is not worn by a store that fails for days")
  func failingStoreAndFlash() throws {
    var bench = SteeringBench()
    bench.learn([SteeringBench.flashReserve])
    bench.take(
      bench.steering.keepReserve(StateOfCharge(percent: 40), at: bench.now))
    var releases = 0
    for minute in 0..<100 {
      let at = bench.now + TimeSpan(minutes: Int64(minute))
      for order in bench.steering.storageStopped(at: at) {
        releases += 1
        bench.finish(order, SteeringFaultTests.silent)
      }
    }
    #expect(releases <= 4 + FlashBudget.extraReleases)
    #expect(releases > 1)
  }

  /// A station that steered by a profile, and the next one.
  private static func steering(_ profile: String) -> Steering {
    Steering(
      rules: SteeringRules(
        devices: [
          .init(
            name: SteeringBench.device, freshnessLimit: .minute, isSteered: true, profile: profile)
        ], guardianGap: nil))
  }

  @Test("registers of a device that was replaced by another kind are not written to the new one")
  func replaced() throws {
    let now = SteeringBench.morning
    let key = SteeringKey(SteeringBench.device, .batteryPower)
    let marker = SteeringMarker(
      value: 1, since: now, timeout: nil, isFlash: false,
      release: [RegisterWrite(address: 40, words: [0])], profile: "deye-sg")
    #expect(SteeringMarker(decoding: marker.encoded) == marker)
    for (profile, orders) in [("growatt-sph", 0), ("deye-sg", 1), ("", 1)] {
      var steering = Self.steering(profile)
      steering.restore(
        key: SteeringMarker.storeKey(key), value: marker.encoded, at: now)
      var actions = steering.start(at: now)
      for second in 0..<60 {
        actions += steering.heard(
          SteeringBench.device, SteeringConditions(), at: now + TimeSpan(seconds: Int64(second)))
      }
      let found = actions.filter { if case .order = $0 { true } else { false } }
      #expect(found.count == orders, "\(profile)")
      let forgets = actions.contains(.forget(key: SteeringMarker.storeKey(key)))
      #expect(forgets == (orders == 0), "\(profile)")
    }
  }

  @Test("what a device no more describes is not written: its own way back is taken instead")
  func moved() throws {
    let now = SteeringBench.morning
    let key = SteeringKey(SteeringBench.device, .batteryPower)
    let marker = SteeringMarker(
      value: 1, since: now, timeout: nil, isFlash: false,
      release: [RegisterWrite(address: 77, words: [5])])
    var bench = SteeringBench(stored: [SteeringMarker.storeKey(key): marker.encoded])
    bench.learn([SteeringBench.battery()])
    #expect(bench.orders.map(\.writes) == [[RegisterWrite(address: 40, words: [0])]])
  }
}
