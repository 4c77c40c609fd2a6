import Quantities
import Sites
import Testing

/// The reserve in flash, four writes a day: three for set-points, the last for the way back.
@Suite("Steering a device that keeps it in flash")
struct SteeringFlashTests {
  static let key = SteeringKey(SteeringBench.device, .reserve)

  static func budget(_ bench: SteeringBench) -> Int? {
    bench.store[FlashBudget.storeKey(key)].flatMap { FlashBudget(decoding: $0) }?.used
  }

  static func ready() -> SteeringBench {
    var bench = SteeringBench()
    bench.learn([SteeringBench.flashReserve])
    return bench
  }

  static func keep(_ percent: Int64, _ bench: inout SteeringBench) {
    bench.take(bench.steering.keepReserve(StateOfCharge(percent: percent), at: bench.now))
  }

  @Test("it is never refreshed, and read before it is written")
  func refresh() {
    var bench = Self.ready()
    Self.keep(40, &bench)
    bench.pass(TimeSpan(minutes: 12 * 60))
    #expect(bench.orders.count == 1)
    #expect(bench.orders.first?.spares == true)
    #expect(Self.budget(bench) == 1)
    // The same again is no write.
    Self.keep(40, &bench)
    #expect(bench.orders.count == 1)
  }

  @Test("the last write of the day is kept for the way back; the next day has its own")
  func budgets() {
    var bench = Self.ready()
    for percent in [40, 50, 60] as [Int64] { Self.keep(percent, &bench) }
    #expect(Self.budget(bench) == 3)
    Self.keep(70, &bench)
    #expect(bench.orders.count == 3)
    #expect(bench.lines.last?.contains("written 3 of 4 times today") == true)
    bench.take(bench.steering.releaseAll(token: 1, at: bench.now))
    #expect(bench.told.last == "release")
    #expect(Self.budget(bench) == 4)
    Self.keep(40, &bench)
    #expect(bench.orders.count == 4)
    // Midnight: 14 hours later.
    bench.pass(TimeSpan(minutes: 14 * 60 + 1))
    Self.keep(45, &bench)
    #expect(bench.orders.count == 5)
    #expect(Self.budget(bench) == 1)
  }

  @Test("a restart does not give new writes")
  func restart() {
    var bench = Self.ready()
    for percent in [40, 50, 60] as [Int64] { Self.keep(percent, &bench) }
    var next = SteeringBench(stored: bench.store, at: bench.now + TimeSpan(seconds: 5))
    next.learn([SteeringBench.flashReserve])
    // The standing wish may not be written again today, so the device is given back.
    #expect(next.told == ["release"])
    #expect(Self.budget(next) == 4)
    next.pass(TimeSpan(minutes: 60))
    Self.keep(40, &next)
    #expect(next.orders.count == 1)
    // The next day begins with a new budget, after a restart as well.
    var morning = SteeringBench(
      stored: next.store, at: SteeringBench.morning + TimeSpan.day)
    morning.learn([SteeringBench.flashReserve])
    #expect(morning.told == ["set 0"])
    #expect(Self.budget(morning) == 1)
  }

  @Test("a write is counted before it is made, and given back only if it surely was not")
  func counting() {
    let results: [(SteeringResult, Int)] = [
      (.written, 1), (.held, 0), (.notWritten(reason: "gone"), 0),
      (.uncertain(reason: "silent"), 1), (.refused(reason: "no"), 1),
    ]
    for (result, used) in results {
      var bench = Self.ready()
      bench.result = nil
      Self.keep(40, &bench)
      #expect(Self.budget(bench) == 1)
      bench.finish(bench.orders[0], result)
      // What follows, a release or another try, is counted as well.
      let following = bench.orders.count - 1
      #expect(Self.budget(bench) == used + following, "\(result)")
    }
  }

  @Test("a device that never answers costs no more than the day's budget and three")
  func bounded() {
    var bench = Self.ready()
    bench.result = .uncertain(reason: "no answer in time")
    for round in 0..<200 {
      Self.keep(Int64(20 + round % 60), &bench)
      bench.pass(TimeSpan(minutes: 4))
    }
    let onFirstDay = bench.orders.count
    #expect(onFirstDay <= 4 + FlashBudget.extraReleases)
    #expect(bench.lines.contains { $0.contains("set it back by hand") })
  }

  @Test("a count of a day that a wrong clock told goes on today, and begins anew tomorrow")
  func wrongDay() {
    for ahead: Int64 in [8, 30_000, .max - 20_000] {
      var budget = FlashBudget(day: 20_000 + ahead, used: 3)
      budget.roll(to: 20_000)
      #expect(budget == FlashBudget(day: 20_000, used: 3))
      budget.roll(to: 20_001)
      #expect(budget == FlashBudget(day: 20_001))
    }
  }

  @Test("a clock set back goes on counting; it begins no earlier day anew")
  func clock() {
    var budget = FlashBudget(day: 20_000, used: 3)
    budget.roll(to: 19_999)
    #expect(budget == FlashBudget(day: 20_000, used: 3))
    budget.roll(to: 20_001)
    #expect(budget == FlashBudget(day: 20_001, used: 0))
    #expect(FlashBudget(decoding: budget.encoded) == budget)
  }
}
