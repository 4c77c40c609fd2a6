import Quantities
import Sites
import Testing

@Suite("Registers of a meter") struct RegisterTests {
  static let meter = SiteDevice(
    name: "meter", pollInterval: TimeSpan(seconds: 5), provides: [.grid, .totals])

  /// One reading of the import register in Wh, or a restart of the agent before it.
  struct Cycle: Sendable {
    var at: Int64
    var raw: Int64?
    var total: Int64?
    var line = ""
    var restarts = false
  }

  static func reading(_ at: Int64, imported: Int64?, step: Int64 = 10) -> DeviceReading {
    var reading = DeviceReading(device: "meter", at: SiteBench.at(at))
    reading.gridPower = Power(watts: 100)
    reading.importedTotal = imported.map { Energy(wattHours: $0) }
    reading.totalResolution = Energy(wattHours: step)
    return reading
  }

  static func check(_ cycles: [Cycle], step: Int64 = 10) {
    var bench = SiteBench([meter])
    for cycle in cycles {
      if cycle.restarts { bench.restart(at: SiteBench.at(cycle.at)) }
      bench.read(reading(cycle.at, imported: cycle.raw, step: step))
      let total = bench.site.state(at: SiteBench.at(cycle.at)).importedTotal?.value
      #expect(total == cycle.total.map { Energy(wattHours: $0) }, "at \(cycle.at) s")
      let said = bench.takeLines().joined(separator: " ")
      #expect(
        cycle.line.isEmpty ? said.isEmpty : said.contains(cycle.line), "\(cycle.at) s: \(said)")
    }
  }

  @Test("is known from the second reading on, and unknown when nothing believable comes")
  func begins() {
    Self.check([
      Cycle(at: 0, raw: 1000, total: nil), Cycle(at: 5, raw: 1000, total: 1000),
      Cycle(at: 10, raw: 1010, total: 1010), Cycle(at: 15, raw: nil, total: 1010),
      Cycle(at: 25, raw: nil, total: 1010), Cycle(at: 26, raw: nil, total: nil),
      Cycle(at: 30, raw: 1010, total: 1010),
    ])
  }

  @Test("are the same alone as with all that is known of the house")
  func alone() {
    let second = SiteDevice(
      name: "second", pollInterval: TimeSpan(seconds: 60), provides: [.grid, .totals])
    var bench = SiteBench([Self.meter, second])
    var compared = 0
    for at in stride(from: Int64(0), through: 400, by: 5) {
      // From 200 s on the second meter says nothing any more.
      for (device, every) in [(Self.meter, Int64(5)), (second, 60)]
      where at % every == 0 && (at < 200 || device == Self.meter) {
        var reading = DeviceReading(device: device.name, at: SiteBench.at(at))
        reading.importedTotal = Energy(wattHours: 1000 + at)
        reading.exportedTotal = Energy(wattHours: 500 + 10 * (at / 100))
        reading.totalResolution = Energy(wattHours: every)
        bench.read(reading)
      }
      for now in [at, at + 4].map(SiteBench.at) {
        let state = bench.site.state(at: now)
        let registers = bench.site.registers(at: now)
        let isKnown = state.importedTotal != nil && state.exportedTotal != nil
        #expect(registers?.imported == (isKnown ? state.importedTotal : nil), "\(at) s")
        #expect(registers?.exported == (isKnown ? state.exportedTotal : nil), "\(at) s")
        #expect(registers?.resolution == (isKnown ? state.totalResolution : nil), "\(at) s")
        compared += isKnown ? 1 : 0
      }
    }
    #expect((100..<160).contains(compared))
  }

  @Test("a torn first reading is not believed")
  func tornAtFirst() {
    Self.check([
      Cycle(at: 0, raw: 656_360, total: nil), Cycle(at: 5, raw: 1000, total: nil),
      Cycle(at: 10, raw: 1000, total: 1000),
    ])
  }

  @Test("keeps the total through dips of a few counts and says so once")
  func dips() {
    Self.check([
      Cycle(at: 0, raw: 1000, total: nil), Cycle(at: 5, raw: 1010, total: 1010),
      Cycle(at: 10, raw: 1000, total: 1010, line: "import register went back a little"),
      Cycle(at: 15, raw: 980, total: 1010), Cycle(at: 40, raw: 1000, total: 1010),
      Cycle(at: 45, raw: 1020, total: 1020), Cycle(at: 50, raw: 1010, total: 1020),
    ])
  }

  @Test("goes on from where it was when the register starts over, once that is sure")
  func startsOver() {
    Self.check([
      Cycle(at: 0, raw: 5000, total: nil), Cycle(at: 5, raw: 5000, total: 5000),
      Cycle(at: 10, raw: 0, total: 5000), Cycle(at: 15, raw: 0, total: 5000),
      Cycle(at: 20, raw: 10, total: 5000),
      Cycle(at: 25, raw: 10, total: nil, line: "says 10 Wh, not believed: total unknown"),
      Cycle(at: 40, raw: 20, total: nil), Cycle(at: 69, raw: 30, total: nil),
      Cycle(
        at: 70, raw: 30, total: 5030, line: "started over at 0 Wh, total goes on from 5.00 kWh"),
      Cycle(at: 75, raw: 40, total: 5040),
      Cycle(at: 80, raw: 40, total: 5040, restarts: true),
      Cycle(at: 85, raw: 50, total: 5050),
    ])
  }

  @Test("a meter changed for one that starts higher adds nothing but what flows from then on")
  func changedForHigher() {
    Self.check([
      Cycle(at: 0, raw: 5000, total: nil), Cycle(at: 5, raw: 5000, total: 5000),
      Cycle(at: 10, raw: 900_000, total: 5000),
      Cycle(at: 30, raw: 900_000, total: nil, line: "not"),
      Cycle(at: 50, raw: 900_010, total: nil),
      Cycle(at: 70, raw: 900_020, total: 5020, line: "jumped to 900"),
      Cycle(at: 75, raw: 900_030, total: 5030),
      Cycle(at: 80, raw: 900_040, total: 5040, restarts: true),
    ])
  }

  @Test(
    "a value that can't be is never a floor",
    arguments: [-655_360, 655_350, 42_949_672_950, -1_000] as [Int64])
  func impossible(_ error: Int64) {
    let wrong = max(0, 700_000 + error)
    Self.check([
      Cycle(at: 0, raw: 700_000, total: nil), Cycle(at: 5, raw: 700_000, total: 700_000),
      Cycle(at: 10, raw: wrong, total: 700_000), Cycle(at: 15, raw: 700_010, total: 700_010),
      Cycle(at: 20, raw: wrong, total: 700_010), Cycle(at: 25, raw: wrong + 10, total: 700_010),
      Cycle(at: 30, raw: 700_020, total: 700_020), Cycle(at: 35, raw: 700_020, total: 700_020),
    ])
  }

  @Test("takes a register that comes back up where it stood, so that a boot costs nothing")
  func comesBack() {
    var cycles = [Cycle(at: 0, raw: 5000, total: nil), Cycle(at: 5, raw: 5000, total: 5000)]
    for step in Int64(2)...30 {
      var cycle = Cycle(at: step * 5, raw: step < 17 ? 0 : 5020, total: 5000)
      switch step {
      case 5: cycle.line = "not believed"
      case 14: cycle.line = "started over"
      case 29: cycle.line = "is back at 5.02 kWh"
      default: break
      }
      // Unknown while nothing believable was fresh; at the end where the register stands.
      if (5...13).contains(step) || (20...28).contains(step) { cycle.total = nil }
      if step >= 29 { cycle.total = 5020 }
      cycles.append(cycle)
    }
    Self.check(cycles)
  }

  @Test("believes what a long gap explains when a second reading bears it out")
  func gap() {
    Self.check([
      Cycle(at: 0, raw: 1000, total: nil), Cycle(at: 5, raw: 1000, total: 1000),
      Cycle(at: 36_000, raw: 41_000, total: nil), Cycle(at: 36_005, raw: 41_010, total: 41_010),
      // Torn in the first reading after the gap.
      Cycle(at: 72_000, raw: 41_010 + 65_536, total: nil),
      Cycle(at: 72_005, raw: 41_020, total: 41_020),
    ])
  }

  @Test("a register that its device renews every quarter of an hour just grows")
  func renewsRarely() {
    var cycles = [Cycle(at: 0, raw: 1000, total: nil)]
    for second in stride(from: Int64(5), through: 7200, by: 5) {
      // 12 kW, seen every 900 s, and believed when seen twice.
      let raw = 1000 + second / 900 * 3000
      cycles.append(Cycle(at: second, raw: raw, total: second % 900 == 0 ? raw - 3000 : raw))
    }
    Self.check(cycles)
  }

  @Test("a restart neither loses nor repeats energy, even in the middle of a doubt")
  func restarts() {
    Self.check([
      Cycle(at: 0, raw: 1000, total: nil), Cycle(at: 5, raw: 1000, total: 1000),
      Cycle(at: 10, raw: 1010, total: 1010), Cycle(at: 600, raw: 1390, total: nil),
      Cycle(at: 605, raw: 1400, total: 1400), Cycle(at: 620, raw: 0, total: 1400),
      Cycle(at: 700, raw: 10, total: nil, restarts: true),
      Cycle(at: 720, raw: 10, total: nil, line: "not believed"),
      Cycle(at: 740, raw: 10, total: nil),
      Cycle(at: 760, raw: 20, total: 1420, line: "started over at 10 Wh, total goes on from 1.40"),
    ])
  }

  @Test("a device that is asked once a minute has to bear out a new beginning as often")
  func asksRarely() {
    let meter = SiteDevice(name: "meter", pollInterval: .minute, provides: [.totals])
    var bench = SiteBench([meter])
    // minutes, register in Wh, total
    let cycles: [(Int64, Int64, Int64?)] = [
      (0, 5000, nil), (1, 5000, 5000), (2, 10, 5000), (3, 20, 5000), (4, 30, 5000),
      (5, 40, 5040), (6, 50, 5050),
    ]
    for (minute, raw, total) in cycles {
      bench.read(Self.reading(minute * 60, imported: raw))
      let known = bench.site.state(at: SiteBench.at(minute * 60)).importedTotal?.value
      #expect(known == total.map { Energy(wattHours: $0) }, "minute \(minute)")
    }
  }

  @Test("what nothing flows into grows by more than its steps only when that is borne out")
  func nothingFlows() {
    var bench = SiteBench([Self.meter])
    // seconds, export register in Wh while the meter imports 100 W, total
    let cycles: [(Int64, Int64, Int64?)] = [
      (0, 5000, nil), (5, 5000, 5000), (10, 5031, 5000), (15, 5000, 5000), (20, 5010, 5010),
      (25, 5060, 5010), (30, 5060, 5060),
    ]
    for (second, raw, total) in cycles {
      var reading = Self.reading(second, imported: 100)
      reading.exportedTotal = Energy(wattHours: raw)
      bench.read(reading)
      let known = bench.site.state(at: SiteBench.at(second)).exportedTotal?.value
      #expect(known == total.map { Energy(wattHours: $0) }, "at \(second) s")
    }
  }

  @Test("a torn value is not believed for the minutes of silence before it")
  func tornAfterSilence() {
    Self.check([
      Cycle(at: 0, raw: 500_000, total: nil), Cycle(at: 5, raw: 500_000, total: 500_000),
      Cycle(at: 245, raw: 502_000, total: nil), Cycle(at: 250, raw: 500_010, total: 500_010),
    ])
  }

  @Test("a torn value between two polls that are minutes apart takes no true one along")
  func tornBetweenRarePolls() {
    let meter = SiteDevice(name: "meter", pollInterval: .minute, provides: [.grid, .totals])
    var bench = SiteBench([meter])
    // seconds, register in Wh at 1.2 kW, total; the polls between failed
    let cycles: [(Int64, Int64, Int64?)] = [
      (0, 500_180, nil), (60, 500_200, 500_200), (180, 498_240, 500_200), (300, 500_280, nil),
      (360, 500_300, 500_300), (420, 500_320, 500_320), (480, 500_340, 500_340),
    ]
    for (second, raw, total) in cycles {
      var reading = Self.reading(second, imported: raw)
      reading.gridPower = Power(watts: 1200)
      bench.read(reading)
      let known = bench.site.state(at: SiteBench.at(second)).importedTotal?.value
      #expect(known == total.map { Energy(wattHours: $0) }, "at \(second) s")
    }
  }

  @Test("growth beyond twice the device's own power waits for a second reading")
  func beyondPower() {
    // 100 W, so at most 3 Wh in 15 s and the register's two steps.
    Self.check([
      Cycle(at: 0, raw: 5000, total: nil), Cycle(at: 5, raw: 5000, total: 5000),
      Cycle(at: 10, raw: 5020, total: 5020), Cycle(at: 15, raw: 5060, total: 5020),
      Cycle(at: 20, raw: 5020, total: 5020), Cycle(at: 25, raw: 5060, total: 5020),
      Cycle(at: 30, raw: 5060, total: 5060),
    ])
  }

  @Test(
    "a torn value shortly before does not hide how long a register stood still",
    arguments: [false, true])
  func nudgedWhileStill(isTakenBack: Bool) {
    var cycles = [Cycle(at: 0, raw: 1850, total: nil)]
    for second in stride(from: Int64(5), through: 1200, by: 5) {
      cycles.append(Cycle(at: second, raw: 1850, total: 1850))
    }
    cycles.append(Cycle(at: 1205, raw: 1860, total: 1860))
    var second: Int64 = 1210
    if isTakenBack {
      cycles.append(Cycle(at: second, raw: 1850, total: 1860, line: "went back a little"))
      second += 5
    }
    cycles.append(Cycle(at: second, raw: 2960, total: 1860))
    cycles.append(Cycle(at: second + 5, raw: 2970, total: 2970))
    Self.check(cycles)
  }

  @Test("what was stored by nobody is left alone")
  func foreignBytes() {
    var bench = SiteBench([Self.meter])
    for bytes in [[], [0x80], [0x82, 1, 0x80], [0xFF], [0x01]] as [[UInt8]] {
      bench.saved = ["registers/meter": bytes, "sleep/meter": bytes]
      bench.restart(at: SiteBench.at(0))
      #expect(bench.site.state(at: SiteBench.at(0)).importedTotal == nil)
      #expect(bench.site.asleep.isEmpty)
    }
  }
}
