import Quantities
import Sites
import Testing

@Suite struct PulseMeterTests {
  static let start = TimeSlot(index: 2_000_000).start
  static func at(_ seconds: Int64) -> Instant { start + TimeSpan(seconds: seconds) }

  static func plan(
    _ flow: PulseMeterPlan.Flow = .gridImport, pulses: Int64 = 1000, hasPartner: Bool = false
  ) -> PulseMeterPlan {
    PulseMeterPlan(
      name: "meter", flow: flow, pulsesPerKilowattHour: pulses, hasPartner: hasPartner)
  }

  static func stored(_ actions: [PulseMeter.Action]) -> [String] {
    actions.compactMap { action in
      guard case .store(_, let value) = action else { return nil }
      return String(decoding: value, as: UTF8.self)
    }
  }

  static func said(_ actions: [PulseMeter.Action]) -> [String] {
    actions.compactMap { action in
      guard case .say(let line) = action else { return nil }
      return line
    }
  }

  @Test("stores once a minute, at a slot's first reading and at a stop, and only what is new")
  func storing() {
    var meter = PulseMeter(plan: Self.plan())
    var count: Int64 = 0
    var stores: [Int64] = []
    for second in stride(from: 0, through: 1000, by: 5) {
      count += 3
      let actions = meter.take(
        PulseSnapshot(meter: "meter", count: count), at: Self.at(Int64(second))
      ).actions
      if !Self.stored(actions).isEmpty { stores.append(Int64(second)) }
    }
    // The slot turns at 900 s, which is a whole minute here; then it begins again from there.
    #expect(stores == Array(stride(from: 0, through: 960, by: 60)))
    #expect(Self.stored(meter.stop(at: Self.at(1001))) == ["\(count)"])
    #expect(Self.stored(meter.stop(at: Self.at(1002))).isEmpty)
    let quiet = meter.take(PulseSnapshot(meter: "meter", count: count), at: Self.at(2000))
    #expect(Self.stored(quiet.actions).isEmpty)
  }

  @Test("the first reading of a slot is stored though the minute is not over")
  func slotTurn() {
    var meter = PulseMeter(plan: Self.plan())
    _ = meter.take(PulseSnapshot(meter: "meter", count: 1), at: Self.at(890))
    let before = meter.take(PulseSnapshot(meter: "meter", count: 2), at: Self.at(895))
    #expect(Self.stored(before.actions).isEmpty)
    let after = meter.take(PulseSnapshot(meter: "meter", count: 3), at: Self.at(900))
    #expect(Self.stored(after.actions) == ["3"])
  }

  @Test("goes on from what was stored; a counter that began anew adds to it")
  func restart() {
    var meter = PulseMeter(plan: Self.plan())
    meter.restore(key: "pulses/meter", value: [UInt8]("1234".utf8))
    meter.restore(key: "pulses/other", value: [UInt8]("9".utf8))
    #expect(meter.count == 1234)
    #expect(
      meter.take(PulseSnapshot(meter: "meter", count: 6), at: Self.at(0)).reading
        .importedTotal == Energy(wattHours: 1240))
    _ = meter.take(PulseSnapshot(meter: "meter", count: 8), at: Self.at(5))
    _ = meter.take(PulseSnapshot(meter: "meter", count: 2), at: Self.at(10))
    #expect(meter.count == 1244)
    for rubbish in ["", "-1", "12x", "99999999999999999"] {
      meter.restore(key: "pulses/meter", value: [UInt8](rubbish.utf8))
      #expect(meter.count == 1244)
    }
  }

  @Test(
    "the power is the latest pulses' rate, and sinks while none comes",
    arguments: [
      // recent pulses, their time in ms, quiet in ms, W
      (1, 3600, 100, 1000), (15, 750, 20, 72_000), (1, 3600, 3600, 1000),
      // Twice as long without one: at most half.
      (1, 3600, 7200, 500), (1, 3600, 3_600_000, 1),
      // One pulse or none: unknown until the bound is small.
      (0, 0, 3600, nil), (0, 0, 72_000, 50), (0, 0, 3_600_000, 1), (0, 0, 0, nil),
    ] as [(Int64, Int64, Int64, Int64?)])
  func power(_ recent: Int64, _ span: Int64, _ quiet: Int64, _ watts: Int64?) {
    var meter = PulseMeter(plan: Self.plan())
    let snapshot = PulseSnapshot(
      meter: "meter", count: recent, recent: recent, recentSpan: TimeSpan(milliseconds: span),
      quiet: TimeSpan(milliseconds: quiet))
    #expect(meter.take(snapshot, at: Self.at(0)).reading.gridPower?.watts == watts)
  }

  @Test("each flow gives what it counts, with its sign, and leaves the rest unknown")
  func flows() {
    func reading(_ flow: PulseMeterPlan.Flow, hasPartner: Bool = false) -> DeviceReading {
      var meter = PulseMeter(plan: Self.plan(flow, pulses: 800, hasPartner: hasPartner))
      return meter.take(
        PulseSnapshot(
          meter: "meter", count: 400, recent: 1, recentSpan: TimeSpan(seconds: 1)),
        at: Self.at(0)
      ).reading
    }
    let half = Energy(wattHours: 500)
    let power = Power(watts: 4500)
    #expect(reading(.gridImport).importedTotal == half)
    #expect(reading(.gridImport).exportedTotal == nil)
    #expect(reading(.gridImport).gridPower == power)
    #expect(reading(.gridImport).totalResolution == Energy(milliwattHours: 1250))
    #expect(reading(.gridImport, hasPartner: true).exportedTotal == .zero)
    #expect(reading(.gridExport).exportedTotal == half)
    #expect(reading(.gridExport).gridPower == -power)
    #expect(reading(.pv).generatedTotal == half)
    #expect(reading(.pv).pvPower == power)
    #expect(reading(.pv).gridPower == nil)
    #expect(reading(.load).loadPower == power)
  }

  @Test("an import and an export meter together are one grid connection")
  func pair() {
    var house = Site(devices: [
      SiteDevice(name: "in", pollInterval: .minute, provides: [.grid, .totals]),
      SiteDevice(name: "out", pollInterval: .minute, provides: [.grid, .totals]),
    ])
    for (name, flow, count) in [
      ("in", PulseMeterPlan.Flow.gridImport, 7000), ("out", .gridExport, 2000),
    ] as [(String, PulseMeterPlan.Flow, Int64)] {
      var meter = PulseMeter(
        plan: PulseMeterPlan(
          name: name, flow: flow, pulsesPerKilowattHour: 1000, hasPartner: true))
      let quiet = TimeSpan(seconds: flow == .gridImport ? 3600 : 2)
      let snapshot = PulseSnapshot(
        meter: name, count: count, recent: 1, recentSpan: TimeSpan(seconds: 2), quiet: quiet)
      // A total is known from its second reading on.
      _ = house.reading(meter.take(snapshot, at: Self.at(0)).reading, at: Self.at(0))
      _ = house.reading(meter.take(snapshot, at: Self.at(1)).reading, at: Self.at(1))
    }
    let state = house.state(at: Self.at(2))
    #expect(state.importedTotal?.value == Energy(wattHours: 7000))
    #expect(state.exportedTotal?.value == Energy(wattHours: 2000))
    #expect(state.gridPower?.value == Power(watts: 1 - 1800))
  }

  @Test("lost edges are said once in ten minutes")
  func complaints() {
    var meter = PulseMeter(plan: Self.plan())
    var lines: [String] = []
    for second in 0..<1300 {
      let snapshot = PulseSnapshot(meter: "meter", count: 0, missed: Int64(second))
      lines += Self.said(meter.take(snapshot, at: Self.at(Int64(second))).actions)
    }
    #expect(lines.count == 3)
    #expect(lines.first?.contains("1 edges were lost") == true)
    #expect(Self.said(meter.stop(at: Self.at(1300))).first?.contains("1299 edges") == true)
  }
}
