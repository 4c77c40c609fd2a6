import Quantities
import Sites
import Testing

@Suite("Inverters that sleep") struct SleepTests {
  static let inverter = SiteDevice(
    name: "roof", pollInterval: TimeSpan(seconds: 5), provides: [.pv])
  static let meter = SiteDevice(
    name: "meter", pollInterval: TimeSpan(seconds: 5), provides: [.grid])
  /// Midnight in a zone three hours east of Greenwich.
  static let midnight = Instant(millisecondsSince1970: 1_781_989_200_000)
  static let zone = LocalTime(changes: [.init(from: .zero, offset: TimeSpan(minutes: 180))])

  static func at(_ day: Int64, _ hour: Int64, _ minute: Int64 = 0) -> Instant {
    midnight + TimeSpan(minutes: day * 1440 + hour * 60 + minute)
  }

  static func bench(_ devices: [SiteDevice] = [inverter, meter]) -> SiteBench {
    SiteBench(devices, localTime: zone)
  }

  static func say(
    _ bench: inout SiteBench, _ at: Instant, pv: Int64?, state: OperatingState? = nil
  ) {
    var reading = DeviceReading(device: "roof", at: at)
    reading.pvPower = pv.map { Power(watts: $0) }
    reading.operatingState = state
    bench.read(reading)
  }

  static func meter(_ bench: inout SiteBench, _ at: Instant, grid: Int64 = 300) {
    var reading = DeviceReading(device: "meter", at: at)
    reading.gridPower = Power(watts: grid)
    bench.read(reading)
  }

  /// Does what the site asks from `begin` to `end` of a device that doesn't answer; returns the
  /// longest wait between two questions.
  @discardableResult
  static func silence(_ bench: inout SiteBench, from begin: Instant, to end: Instant) -> TimeSpan {
    var now = begin
    var longest = TimeSpan.zero
    while now <= end {
      bench.fail("roof", at: now)
      let next = bench.wakes["roof"] ?? end
      longest = max(longest, next.since(now))
      now = max(next, now + TimeSpan(seconds: 1))
    }
    return longest
  }

  struct Dusk: Sendable {
    var hour: Int64
    var pv: Int64?
    var state: OperatingState?
    var sleeps: Bool
  }

  @Test(
    "are asleep only if their last words or the hour allow it",
    arguments: [
      Dusk(hour: 20, pv: 0, state: .sleeping, sleeps: true),
      Dusk(hour: 20, pv: 30, state: nil, sleeps: true),
      Dusk(hour: 20, pv: 30, state: .producing, sleeps: true),
      Dusk(hour: 20, pv: 400, state: .producing, sleeps: false),
      Dusk(hour: 20, pv: 400, state: nil, sleeps: false),
      Dusk(hour: 20, pv: nil, state: nil, sleeps: false),
      Dusk(hour: 13, pv: 30, state: nil, sleeps: false),
      Dusk(hour: 13, pv: 0, state: .fault, sleeps: false),
      Dusk(hour: 2, pv: 0, state: .producing, sleeps: true),
      Dusk(hour: 16, pv: 0, state: .shuttingDown, sleeps: true),
    ])
  func dusk(_ dusk: Dusk) {
    var bench = Self.bench()
    // It has given power before: that is how it is known for an inverter.
    Self.say(&bench, Self.at(0, dusk.hour) - TimeSpan(seconds: 60), pv: 50)
    Self.say(&bench, Self.at(0, dusk.hour), pv: dusk.pv, state: dusk.state)
    let later = Self.at(0, dusk.hour, 10)
    Self.silence(&bench, from: Self.at(0, dusk.hour, 1), to: later)
    Self.meter(&bench, later)
    let state = bench.site.state(at: later)
    #expect(bench.site.asleep.map(\.device) == (dusk.sleeps ? ["roof"] : []))
    #expect(bench.site.lost.map(\.device) == (dusk.sleeps ? [] : ["roof"]))
    #expect(
      state.pvPower == (dusk.sleeps ? Measured(.zero, at: later, quality: .derived) : nil))
    // The house that sleeps with it keeps its meter's words.
    #expect(state.loadPower?.value == (dusk.sleeps ? Power(watts: 300) : nil))
    #expect(state.gridPower?.value == Power(watts: 300))
    #expect(bench.lines.count == 1, "\(bench.lines)")
  }

  @Test("a hybrid that vanishes at night is lost: the house's balance needs it")
  func hybrid() {
    let hybrid = SiteDevice(
      name: "roof", pollInterval: TimeSpan(seconds: 5), provides: [.pv, .battery])
    var bench = Self.bench([hybrid])
    var reading = DeviceReading(device: "roof", at: Self.at(0, 20))
    reading.pvPower = .zero
    reading.batteryPower = Power(watts: -300)
    reading.operatingState = .sleeping
    bench.read(reading)
    Self.silence(&bench, from: Self.at(0, 20, 1), to: Self.at(0, 21))
    #expect(bench.site.lost.count == 1 && bench.site.asleep.isEmpty)
    #expect(bench.site.state(at: Self.at(0, 21)).pvPower == nil)
  }

  @Test("are asked often around the dawn that they taught, which survives a restart")
  func dawn() {
    var bench = Self.bench()
    Self.say(&bench, Self.at(0, 19), pv: 10, state: .sleeping)
    // The first morning is met at the ordinary pace.
    let first = Self.silence(&bench, from: Self.at(0, 19, 1), to: Self.at(1, 6, 30))
    #expect(first == TimeSpan(minutes: 5))
    Self.say(&bench, Self.at(1, 6, 31), pv: 20)
    #expect(
      bench.takeLines() == [
        "roof is asleep, panels give nothing until dawn: no answer in 2 s",
        "roof is awake after 11 h 31 min",
      ])
    Self.say(&bench, Self.at(1, 19), pv: 10)
    Self.silence(&bench, from: Self.at(1, 19, 1), to: Self.at(1, 20))
    #expect(bench.takeLines().count == 1)
    bench.restart(at: Self.at(1, 20), localTime: Self.zone)
    #expect(bench.site.asleep.map(\.since) == [Self.at(1, 19)])
    // Known to give nothing until an hour before the dawn, unknown from then on.
    for (hour, minute, known) in [(21, 0, true), (29, 30, true), (29, 32, false), (31, 0, false)] {
      let instant = Self.at(1, Int64(hour), Int64(minute))
      #expect((bench.site.state(at: instant).pvPower != nil) == known, "\(hour):\(minute)")
    }
    let night = Self.silence(&bench, from: Self.at(1, 20), to: Self.at(2, 5, 20))
    #expect(night == TimeSpan(minutes: 5))
    let dawn = Self.silence(&bench, from: Self.at(2, 5, 31), to: Self.at(2, 8, 30))
    #expect(dawn == TimeSpan(seconds: 30))
    #expect(bench.takeLines().isEmpty && bench.site.lost.isEmpty)
    Self.silence(&bench, from: Self.at(2, 8, 31, plus: 5), to: Self.at(2, 8, 40))
    #expect(bench.takeLines() == ["roof did not wake, values unknown: no answer in 2 s"])
    #expect(bench.site.lost.map(\.since) == [Self.at(1, 19)] && bench.site.asleep.isEmpty)
    Self.say(&bench, Self.at(2, 9), pv: 900)
    #expect(bench.takeLines() == ["roof is back after 14 h 0 min"])
  }

  @Test("mornings are learned of an inverter that vanishes without a word, afternoons are not")
  func learnsMornings() {
    for (hour, cap) in [(7, TimeSpan(seconds: 30)), (15, TimeSpan(minutes: 5))]
      as [(Int64, TimeSpan)]
    {
      var bench = Self.bench()
      // Still at work when it is gone: lost, not asleep.
      Self.say(&bench, Self.at(0, 17), pv: 900, state: .producing)
      Self.silence(&bench, from: Self.at(0, 17, 1), to: Self.at(1, hour) - TimeSpan(seconds: 1))
      #expect(bench.site.lost.count == 1)
      Self.say(&bench, Self.at(1, hour), pv: 100, state: .producing)
      #expect(bench.takeLines().count == 2)
      Self.silence(&bench, from: Self.at(1, 17), to: Self.at(2, hour))
      let longest = Self.silence(&bench, from: Self.at(2, hour), to: Self.at(2, hour, 59))
      #expect(longest == cap, "back at \(hour):00")
    }
  }

  @Test("a waking that happened while the agent was down teaches no dawn")
  func wokeUnseen() {
    for asked in [false, true] {
      var bench = Self.bench()
      Self.say(&bench, Self.at(0, 19), pv: 0, state: .sleeping)
      Self.silence(&bench, from: Self.at(0, 19, 1), to: Self.at(0, 20))
      bench.restart(at: Self.at(1, 9), localTime: Self.zone)
      if asked { bench.fail("roof", at: Self.at(1, 9)) }
      Self.say(&bench, Self.at(1, 9), pv: 700)
      #expect(bench.site.asleep.isEmpty)
      Self.silence(&bench, from: Self.at(1, 21), to: Self.at(2, 9))
      let longest = Self.silence(&bench, from: Self.at(2, 9), to: Self.at(2, 9, 59))
      #expect(longest == (asked ? TimeSpan(seconds: 30) : TimeSpan(minutes: 5)))
    }
  }

  @Test("a night has an end even before the first dawn was seen")
  func firstNight() {
    var bench = Self.bench()
    Self.say(&bench, Self.at(0, 18), pv: 0, state: .sleeping)
    Self.silence(&bench, from: Self.at(0, 18, 1), to: Self.at(1, 2, 59))
    #expect(bench.site.state(at: Self.at(1, 2, 59)).pvPower?.value == .zero)
    // From three o'clock on, nobody knows whether the sun is up.
    Self.silence(&bench, from: Self.at(1, 3), to: Self.at(1, 9, 59))
    #expect(bench.site.state(at: Self.at(1, 9, 59)).pvPower == nil)
    #expect(bench.site.lost.isEmpty)
    Self.silence(&bench, from: Self.at(1, 10, 1), to: Self.at(1, 10, 10))
    #expect(bench.site.state(at: Self.at(1, 10, 10)).pvPower == nil)
    #expect(bench.site.lost.count == 1)
  }

  @Test("one that answers and says that it sleeps gives nothing, though its power is a sentinel")
  func answersAsleep() {
    var bench = Self.bench()
    Self.say(&bench, Self.at(0, 12), pv: 3000, state: .producing)
    for (state, pv) in [(OperatingState.sleeping, Power.zero), (.off, .zero), (.standby, nil)] {
      Self.say(&bench, Self.at(0, 20), pv: nil, state: state)
      #expect(bench.site.state(at: Self.at(0, 20)).pvPower?.value == pv)
    }
  }
}

extension SleepTests {
  fileprivate static func at(
    _ day: Int64, _ hour: Int64, _ minute: Int64, plus seconds: Int64
  ) -> Instant {
    at(day, hour, minute) + TimeSpan(seconds: seconds)
  }
}
