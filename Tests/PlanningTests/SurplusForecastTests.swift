import Planning
import Quantities
import Sites
import Testing

@Suite struct SurplusForecastTests {
  /// 2026-06-21 00:00 UTC.
  static let midnight = TimeSlot(
    containing: Instant(millisecondsSince1970: 1_782_000_000_000))

  static func slot(_ day: Int64, _ hour: Int64, _ quarter: Int64 = 0) -> TimeSlot {
    midnight.advanced(by: day * 96 + hour * 4 + quarter)
  }

  static func watts(_ value: Int64) -> Power { Power(watts: value) }

  static func house(pv: Int64?, load: Int64?) -> SiteState {
    var state = SiteState()
    state.hasPanels = true
    state.pvPower = pv.map { Measured(watts($0), at: midnight.start) }
    state.loadPower = load.map { Measured(watts($0), at: midnight.start) }
    return state
  }

  @Test("starts at midnight UTC") func midnightIsMidnight() {
    #expect(LocalTime.utc.clock(at: Self.midnight.start) == "00:00")
  }

  @Test("knows nothing before it has seen anything")
  func unknownAtFirst() {
    let forecast = SurplusForecast(localTime: .utc).predict(from: Self.slot(0, 4))
    #expect(forecast.count == 192)
    #expect(forecast.allSatisfy { $0.pv == nil && $0.load == nil && $0.surplus == nil })
  }

  @Test("on the first day PV is a bell scaled to the light of the last hour")
  func firstDay() {
    var forecast = SurplusForecast(localTime: .utc)
    for quarter in Int64(0)..<4 {
      forecast.observe(pv: Self.watts(1000), load: Self.watts(300), over: Self.slot(0, 9, quarter))
    }
    let expected = forecast.predict(from: Self.slot(0, 10))
    func middle(_ hour: Int64) -> Int64? {
      expected.first { $0.slot == Self.slot(0, hour) }?.pv?.middle.watts
    }
    let noon = middle(12) ?? 0
    #expect(noon > 1000 && noon < 2500)
    #expect((middle(17) ?? 0) < noon)
    #expect(middle(22) == 0)
    #expect(expected.allSatisfy { $0.load?.middle == Self.watts(300) })
    #expect(expected.allSatisfy { ($0.pv?.low ?? .zero) <= ($0.pv?.middle ?? .zero) })
  }

  @Test("expects yesterday again, adapted by how today goes")
  func persistence() {
    var forecast = SurplusForecast(localTime: .utc)
    for hour in 6..<18 {
      for quarter in 0..<4 {
        forecast.observe(
          pv: Self.watts(Int64(hour) * 100), load: Self.watts(400),
          over: Self.slot(0, Int64(hour), Int64(quarter)))
      }
    }
    // Today is half as bright as yesterday was, and the house draws a quarter more.
    for quarter in 0..<8 {
      let slot = Self.slot(1, 6, Int64(quarter))
      let hour = 6 + Int64(quarter) / 4
      forecast.observe(pv: Self.watts(hour * 50), load: Self.watts(500), over: slot)
    }
    let expected = forecast.predict(from: Self.slot(1, 8))
    #expect(expected[0].pv?.middle == Self.watts(400))
    #expect(expected[0].load?.middle == Self.watts(500))
    #expect(expected[16].pv?.middle == Self.watts(600))
    // The day after is like the latest known day again, unadapted.
    let tomorrow = expected.first { $0.slot == Self.slot(2, 12) }
    #expect(tomorrow?.pv?.middle == Self.watts(1200))
    #expect(tomorrow?.load?.middle == Self.watts(400))
  }

  @Test("learns the mean of a slot at its end, without what jobs drew")
  func learnsMeans() {
    var forecast = SurplusForecast(localTime: .utc)
    let start = Self.slot(0, 12).start
    var taught: [Bool] = []
    for minute in stride(from: Int64(0), through: 15, by: 5) {
      let state = Self.house(pv: 600 + minute * 10, load: 800)
      taught.append(
        forecast.observe(state, jobsPower: Self.watts(300), at: start + TimeSpan(minutes: minute)))
    }
    #expect(taught == [false, false, false, true])
    let next = forecast.predict(from: Self.slot(1, 12), count: 1)
    #expect(next[0].pv?.middle == Self.watts(650))
    #expect(next[0].load?.middle == Self.watts(500))
  }

  @Test("a slot that was mostly unknown teaches nothing")
  func unknownTeachesNothing() {
    var forecast = SurplusForecast(localTime: .utc)
    let start = Self.slot(0, 12).start
    for (minute, pv) in [(0, 500), (4, nil), (8, nil), (15, 500)] as [(Int64, Int64?)] {
      let taught = forecast.observe(
        Self.house(pv: pv, load: 100), jobsPower: .zero, at: start + TimeSpan(minutes: minute))
      #expect(!taught)
    }
    #expect(forecast.predict(from: Self.slot(1, 12), count: 1)[0].pv == nil)
  }

  @Test("a slot in which the panels were mostly held back teaches nothing")
  func curtailedTeachesNothing() {
    for (curtailment, teaches) in [
      (Curtailment.curtailed(.exportLimit(.zero)), false), (.none, true), (.unknown, true),
    ] {
      var forecast = SurplusForecast(localTime: .utc)
      let start = Self.slot(0, 12).start
      var taught = false
      for minute in stride(from: Int64(0), through: 15, by: 3) {
        var state = Self.house(pv: 500, load: 500)
        // Held back in three of five looks.
        if minute > 3 { state.curtailment = curtailment }
        let now = start + TimeSpan(minutes: minute)
        if forecast.observe(state, jobsPower: .zero, at: now) { taught = true }
      }
      #expect(taught == teaches, "\(curtailment)")
    }
  }

  @Test("keeps to the clock on the wall when it changes")
  func localTime() {
    let change = LocalTime.Change(
      from: Self.slot(0, 20).start, offset: TimeSpan(minutes: 60))
    var forecast = SurplusForecast(localTime: LocalTime(changes: [change]))
    forecast.observe(pv: Self.watts(900), load: .zero, over: Self.slot(0, 12))
    let next = forecast.predict(from: Self.slot(1, 10), count: 12)
    #expect(next[4].pv?.middle == Self.watts(900))
    #expect(next[8].pv?.middle != Self.watts(900))
  }

  @Test("comes back from its bytes the same, and remembers seven days at most")
  func storage() throws {
    var forecast = SurplusForecast(localTime: .utc)
    for index in 0..<960 {
      let power = Self.watts(Int64(index) % 96 * 20)
      forecast.observe(pv: power, load: power, over: Self.midnight.advanced(by: Int64(index)))
    }
    let bytes = forecast.encoded
    #expect(bytes.count < 16_384)
    let back = try SurplusForecast(decoding: bytes, localTime: .utc)
    #expect(back == forecast)
    #expect(back.predict(from: Self.slot(10, 0)) == forecast.predict(from: Self.slot(10, 0)))
    for broken in [[], Array(bytes.dropLast()), bytes + [0], [0x80], [0x82, 0x02, 0x80]] {
      #expect(throws: PlanningError.unreadable(key: "forecast")) {
        try SurplusForecast(decoding: broken, localTime: .utc)
      }
    }
  }
}
