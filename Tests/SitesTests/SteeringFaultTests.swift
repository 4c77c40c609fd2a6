import Quantities
import Sites
import Testing

@Suite("Steering when something goes wrong")
struct SteeringFaultTests {
  static let silent = SteeringResult.uncertain(reason: "no answer in time")
  static let gone = SteeringResult.notWritten(reason: "can't connect")

  @Test("a device that is gone at once is asked three times, then the owner is told")
  func unreachable() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    bench.result = Self.gone
    #expect(bench.ask(watts: 1500) == nil)
    bench.pass(TimeSpan(seconds: 14))
    #expect(bench.told == ["set 1500", "set 1500", "set 1500"])
    #expect(bench.answers[1] == .failed(reason: "inverter is not steered: can't connect"))
    bench.pass(TimeSpan(minutes: 30))
    #expect(bench.orders.count == 3)
    #expect(bench.store.isEmpty)
  }

  @Test("what may have been written without an answer is given back")
  func uncertain() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    bench.results = [Self.silent, Self.silent, Self.silent]
    #expect(bench.ask(watts: 1500) == nil)
    bench.pass(TimeSpan(minutes: 2))
    #expect(bench.told == ["set 1500", "set 1500", "set 1500", "release"])
    #expect(bench.store.isEmpty)
  }

  @Test("a device that refuses, or holds something else than it was told, is given back at once")
  func refused() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    bench.results = [.refused(reason: "exception 3, illegal data value")]
    #expect(bench.ask(watts: 1500) == nil)
    #expect(bench.told == ["set 1500", "release"])
    #expect(
      bench.answers[1]
        == .failed(reason: "inverter is not steered: exception 3, illegal data value"))
    bench.pass(TimeSpan(minutes: 30))
    #expect(bench.orders.count == 2)
  }

  @Test("a lost device falls back by itself; after its return it is looked at again, not before")
  func loss() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.ask(watts: 1500, minutes: 60) == nil)
    bench.pass(TimeSpan(seconds: 31))
    #expect(bench.told == ["set 1500", "set 1500"])
    bench.answersReads = false
    bench.result = Self.gone
    bench.pass(TimeSpan(minutes: 10))
    let during = bench.told.dropFirst(2)
    // Only the way back is tried, ever more rarely; the device's own time-out is over by then.
    #expect(during.allSatisfy { $0 == "release" })
    #expect(during.count < 12)
    #expect(bench.lines.contains("inverter fell back by itself"))
    #expect(bench.store.isEmpty)
    let count = bench.orders.count
    bench.answersReads = true
    bench.result = .written
    bench.pass(TimeSpan(seconds: 25))
    #expect(bench.orders.count == count)
    bench.pass(TimeSpan(seconds: 20))
    #expect(bench.told.last == "set 1500")
    bench.pass(TimeSpan(minutes: 60))
    #expect(bench.told.last == "release")
  }

  @Test("a lost device whose time has run out meanwhile is not set again")
  func lossBeyondTheEnd() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery(failSafe: .guardian)])
    #expect(bench.ask(watts: 1500, minutes: 10) == nil)
    bench.answersReads = false
    bench.result = Self.gone
    bench.pass(TimeSpan(minutes: 30))
    #expect(!bench.store.isEmpty)
    bench.answersReads = true
    bench.result = .written
    bench.pass(TimeSpan(seconds: 6))
    // It has no time-out: it is given back with its first word.
    #expect(bench.told.last == "release")
    #expect(bench.store.isEmpty)
    let count = bench.orders.count
    bench.pass(TimeSpan(minutes: 30))
    #expect(bench.orders.count == count)
  }

  @Test("a refresh without an answer is tried again within the device's time-out")
  func lostRefresh() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.ask(watts: 1500) == nil)
    bench.results = [Self.silent, Self.gone, .written]
    bench.pass(TimeSpan(seconds: 50))
    #expect(bench.told == [String](repeating: "set 1500", count: 4))
    #expect(bench.lines.count == 1)
  }

  @Test("a restart gives back what was held and does not take it up again")
  func restart() {
    for failSafe in [DeviceControl.FailSafe.timeout(TimeSpan(seconds: 60)), .guardian] {
      var bench = SteeringBench()
      bench.learn([SteeringBench.battery(failSafe: failSafe)])
      #expect(bench.ask(watts: 1500) == nil)
      // Killed: nothing was written after that.
      var next = SteeringBench(stored: bench.store, at: bench.now + TimeSpan(seconds: 5))
      next.pass(TimeSpan(seconds: 2))
      next.learn([SteeringBench.battery(failSafe: failSafe)])
      #expect(next.told == ["release"])
      #expect(next.store.isEmpty)
      next.pass(TimeSpan(minutes: 90))
      #expect(next.told == ["release"])
    }
  }

  @Test("what gives a device back is what was known before anything was set")
  func back() throws {
    func reserve(_ own: Int64) -> DeviceControl {
      DeviceControl(
        control: .reserve, failSafe: .guardian, memory: .volatile, range: 0...1000,
        write: [ControlRegister(address: 60, type: .u16, content: .requested)],
        release: [ControlRegister(address: 60, type: .u16, content: .constant(own))])
    }
    var bench = SteeringBench()
    bench.learn([reserve(20)])
    bench.take(bench.steering.keepReserve(StateOfCharge(percent: 40), at: bench.now))
    // A SunSpec device tells its own mind by what its registers hold: now that is ours.
    bench.learn([reserve(40)])
    bench.take(bench.steering.releaseAll(token: 1, at: bench.now))
    #expect(bench.orders.last?.writes == [RegisterWrite(address: 60, words: [20])])

    var killed = SteeringBench()
    killed.learn([reserve(20)])
    killed.take(killed.steering.keepReserve(StateOfCharge(percent: 40), at: killed.now))
    var next = SteeringBench(stored: killed.store, at: killed.now + TimeSpan(seconds: 5))
    next.learn([reserve(40)])
    // The reserve is an owner's standing wish: it is taken up again after a restart.
    #expect(next.orders.last?.writes == [RegisterWrite(address: 60, words: [40])])
    next.take(next.steering.releaseAll(token: 1, at: next.now))
    #expect(next.orders.last?.writes == [RegisterWrite(address: 60, words: [20])])
    #expect(next.store.isEmpty)
  }

  @Test("a stop gives everything back and waits for it; what can't be reached is left")
  func stop() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.ask(watts: 1500) == nil)
    bench.result = nil
    bench.take(bench.steering.stop(at: bench.now))
    #expect(bench.told.last == "release")
    #expect(!bench.steering.isAtRest)
    bench.finish(bench.orders[bench.orders.count - 1], .written)
    #expect(bench.steering.isAtRest)
    #expect(bench.store.isEmpty)
    #expect(bench.ask(watts: 1500)?.contains("stopping") == true)

    var mute = SteeringBench()
    mute.learn([SteeringBench.battery()])
    #expect(mute.ask(watts: 1500) == nil)
    mute.result = Self.gone
    mute.take(mute.steering.stop(at: mute.now))
    mute.pass(TimeSpan(seconds: 5))
    #expect(mute.steering.isAtRest)
    // The marker stays: the guardian finds it.
    #expect(!mute.store.isEmpty)
  }

  @Test("when the store fails everything is given back without storing; a late order is undone")
  func store() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    bench.result = nil
    #expect(bench.ask(watts: 1500) == nil)
    let set = bench.orders[0]
    let releases = bench.steering.storageStopped(at: bench.now)
    #expect(releases.map(\.purpose) == [.release])
    bench.take(bench.steering.update(bench.conditions, at: bench.now))
    #expect(bench.orders.count == 1)
    bench.take(bench.steering.storageReturned(at: bench.now))
    bench.finish(releases[0], .written)
    #expect(bench.store.isEmpty)
    // The set order had waited with the failed commit and was carried out after all.
    bench.result = .written
    bench.finish(set, .written)
    #expect(bench.told == ["set 1500", "release"])
    #expect(bench.store.isEmpty)
    #expect(set.expires == SteeringBench.morning + Steering.orderLife)
  }

  @Test("a clock that is set back ends a set-point instead of stretching it")
  func clock() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.ask(watts: 1500, minutes: 60) == nil)
    bench.now = bench.now - TimeSpan.hour
    bench.take(bench.steering.heard(SteeringBench.device, bench.conditions, at: bench.now))
    bench.take(bench.steering.update(bench.conditions, at: bench.now))
    #expect(bench.told == ["set 1500", "release"])
    #expect(bench.lines.last?.contains("clock was set back") == true)
  }

  @Test("what a device does not say any more is given back as its marker says")
  func unknownControl() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery(failSafe: .guardian)])
    #expect(bench.ask(watts: 1500) == nil)
    var next = SteeringBench(stored: bench.store, at: bench.now + TimeSpan(seconds: 5))
    next.learn([])
    next.pass(TimeSpan(seconds: 29))
    #expect(next.orders.isEmpty)
    next.pass(TimeSpan(seconds: 20))
    #expect(next.orders.map(\.writes) == [[RegisterWrite(address: 40, words: [0])]])
    // What it is kept in is not known, so it is read before it is written.
    #expect(next.orders.first?.spares == true)
    #expect(next.store.isEmpty)
  }

  @Test("an order that nobody answers stands in the way for five minutes and no longer")
  func silence() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery(failSafe: .guardian)])
    bench.result = nil
    #expect(bench.ask(watts: 1500, minutes: 2) == nil)
    bench.pass(TimeSpan(minutes: 4))
    #expect(bench.told == ["set 1500"])
    bench.result = .written
    bench.pass(TimeSpan(minutes: 2))
    #expect(bench.told == ["set 1500", "release"])
    // It was carried out after all, and is undone.
    bench.finish(bench.orders[0], .written)
    #expect(bench.told == ["set 1500", "release", "release"])
    #expect(bench.store.isEmpty)
  }

  @Test("a reserve that was typed before the device answered is passed on when it does")
  func early() {
    var bench = SteeringBench()
    bench.take(bench.steering.keepReserve(StateOfCharge(percent: 40), at: bench.now))
    #expect(bench.orders.isEmpty)
    bench.learn([SteeringBench.flashReserve])
    #expect(bench.orders.map(\.purpose) == [.set(400)])
  }

  @Test("what is asked for while a device is being given back is done right after")
  func askedMeanwhile() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.ask(watts: 1500) == nil)
    bench.result = nil
    bench.take(bench.steering.releaseAll(token: 2, at: bench.now))
    #expect(bench.ask(watts: -500, token: 3) == nil)
    #expect(bench.told == ["set 1500", "release"])
    bench.result = .written
    bench.finish(bench.orders[1], .written)
    #expect(bench.told == ["set 1500", "release", "set -500"])
    guard case .done = bench.answers[3] else {
      Issue.record("no answer: \(bench.answers)")
      return
    }
  }

  @Test("the standing reserve comes back after a failing store and after a lost device")
  func standing() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.flashReserve])
    bench.take(bench.steering.keepReserve(StateOfCharge(percent: 40), at: bench.now))
    for order in bench.steering.storageStopped(at: bench.now) { bench.finish(order, .written) }
    bench.take(bench.steering.storageReturned(at: bench.now))
    #expect(bench.told == ["set 0", "set 0"])

    var lost = SteeringBench()
    lost.learn([SteeringBench.flashReserve])
    lost.result = Self.gone
    lost.take(lost.steering.keepReserve(StateOfCharge(percent: 40), at: lost.now))
    lost.pass(TimeSpan(minutes: 5))
    #expect(lost.orders.count == 3)
    lost.answersReads = false
    lost.pass(TimeSpan(minutes: 5))
    lost.answersReads = true
    lost.result = .written
    lost.pass(TimeSpan(minutes: 1))
    #expect(lost.orders.count == 4)
    #expect(lost.store[SteeringMarker.storeKey(SteeringFlashTests.key)] != nil)
  }

  @Test("a stop does not wait for a device that was never heard")
  func neverHeard() {
    var bench = SteeringBench()
    bench.learn([SteeringBench.battery()])
    #expect(bench.ask(watts: 1500) == nil)
    var next = SteeringBench(stored: bench.store, at: bench.now)
    next.take(next.steering.stop(at: next.now))
    #expect(next.steering.isAtRest)
    #expect(!next.store.isEmpty)
  }
}
