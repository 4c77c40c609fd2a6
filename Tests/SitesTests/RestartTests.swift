import Quantities
import Sites
import Testing

/// One device's import and export registers where one of them, or both, start over.
@Suite("Registers that start over together") struct RestartTests {
  /// A reading in Wh each, seconds after the start, and what the imported total then is.
  struct Cycle: Sendable {
    var at: Int64
    var imported: Int64
    var exported: Int64
    var power: Int64 = 3000
    var total: Int64?

    init(_ at: Int64, _ imported: Int64, _ exported: Int64, total: Int64?, power: Int64 = 3000) {
      self.at = at
      self.imported = imported
      self.exported = exported
      self.total = total
      self.power = power
    }
  }

  /// - Parameter isSwapped: the house seen from the grid: what it imports is what it exports.
  private static func check(_ cycles: [Cycle], isSwapped: Bool = false) {
    var bench = SiteBench([RegisterTests.meter])
    for cycle in cycles {
      var reading = DeviceReading(device: "meter", at: SiteBench.at(cycle.at))
      let watts = isSwapped ? -cycle.power : cycle.power
      let pair = [cycle.imported, cycle.exported]
      let wattHours: [Int64] = isSwapped ? pair.reversed() : pair
      reading.gridPower = Power(watts: watts)
      reading.importedTotal = Energy(wattHours: wattHours[0])
      reading.exportedTotal = Energy(wattHours: wattHours[1])
      reading.totalResolution = Energy(wattHours: 1)
      bench.read(reading)
      let state = bench.site.state(at: SiteBench.at(cycle.at))
      let total = (isSwapped ? state.exportedTotal : state.importedTotal)?.value
      #expect(total == cycle.total.map { Energy(wattHours: $0) }, "at \(cycle.at) s")
    }
  }

  @Test(
    "one that has grown past where it stood has started over as well",
    arguments: [false, true])
  func grownPast(isSwapped: Bool) {
    Self.check(
      [
        Cycle(0, 18, 5000, total: nil), Cycle(5, 18, 5000, total: 18),
        // Twenty seconds of silence, and 20 Wh have flowed since the restart.
        Cycle(25, 20, 0, total: 20), Cycle(45, 36, 0, total: 36), Cycle(65, 53, 0, total: 53),
        Cycle(85, 70, 0, total: 88), Cycle(90, 74, 0, total: 92), Cycle(95, 78, 0, total: 96),
      ], isSwapped: isSwapped)
  }

  @Test("one that fell no further than a dip has started over as well", arguments: [false, true])
  func fellLittle(isSwapped: Bool) {
    Self.check(
      [
        Cycle(0, 3, 5000, total: nil), Cycle(5, 3, 5000, total: 3),
        Cycle(10, 0, 0, total: 3), Cycle(30, 0, 0, total: nil), Cycle(50, 1, 0, total: nil),
        Cycle(70, 1, 0, total: 4), Cycle(75, 2, 0, total: 5),
      ], isSwapped: isSwapped)
  }

  @Test(
    "one that nothing else shows of has, though it grows past where it stood",
    arguments: [false, true])
  func grownPastAlone(isSwapped: Bool) {
    // 1.9 kW, about 5 Wh in ten seconds.
    let shown: [Int64] = [6, 11, 17, 22, 27, 32, 38, 43]
    var cycles = [
      Cycle(0, 29, 0, total: nil, power: 1900), Cycle(5, 32, 0, total: 32, power: 1900),
    ]
    for (index, raw) in shown.enumerated() {
      let second = Int64(15 + 10 * index)
      let total = index == 0 ? 32 : second < 75 ? nil : 32 + raw
      cycles.append(Cycle(second, raw, 0, total: total, power: 1900))
    }
    Self.check(cycles, isSwapped: isSwapped)
  }

  @Test("one that stood low and stands at nothing has, once that lasts", arguments: [false, true])
  func fellToNothing(isSwapped: Bool) {
    var cycles = [
      Cycle(0, 0, 0, total: nil, power: 1500), Cycle(5, 0, 0, total: 0, power: 1500),
      Cycle(10, 3, 0, total: 3, power: 0), Cycle(15, 3, 0, total: 3, power: 0),
      // A dip is soon over.
      Cycle(20, 1, 0, total: 3, power: 0), Cycle(25, 3, 0, total: 3, power: 0),
    ]
    for second in stride(from: Int64(30), through: 100, by: 5) {
      let total: Int64? = (45..<90).contains(second) ? nil : 3
      cycles.append(Cycle(second, 0, 0, total: total, power: 0))
    }
    cycles.append(Cycle(105, 2, 0, total: 5, power: 1500))
    Self.check(cycles, isSwapped: isSwapped)
  }

  @Test(
    "one that stands higher than could have flowed counts elsewhere and goes on",
    arguments: [20_000, 300] as [Int64], [false, true])
  func countsElsewhere(_ stands: Int64, isSwapped: Bool) {
    Self.check(
      [
        Cycle(0, stands, 5000, total: nil), Cycle(5, stands, 5000, total: stands),
        Cycle(10, stands, 0, total: stands), Cycle(30, stands, 0, total: stands),
        Cycle(50, stands + 1, 0, total: stands + 1), Cycle(70, stands + 1, 0, total: stands + 1),
        Cycle(75, stands + 2, 0, total: stands + 2),
      ], isSwapped: isSwapped)
  }

  @Test("a torn value in one does not drag the other along", arguments: [false, true])
  func torn(isSwapped: Bool) {
    Self.check(
      [
        Cycle(0, 18, 70_000, total: nil), Cycle(5, 18, 70_000, total: 18),
        Cycle(10, 22, 4464, total: 22), Cycle(15, 26, 70_000, total: 26),
        Cycle(20, 30, 4464, total: 30), Cycle(25, 34, 4464, total: 34),
        Cycle(30, 38, 70_000, total: 38), Cycle(95, 92, 70_000, total: 92),
      ], isSwapped: isSwapped)
  }

  @Test("a torn value in either while the restart is in doubt changes nothing of it")
  func tornInDoubt() {
    Self.check([
      Cycle(0, 18, 5000, total: nil), Cycle(5, 18, 5000, total: 18),
      Cycle(25, 20, 0, total: 20), Cycle(30, 24, 65_536, total: 24),
      Cycle(35, 65_564, 0, total: 24), Cycle(50, 41, 0, total: 41), Cycle(70, 57, 0, total: 57),
      Cycle(95, 78, 0, total: 96), Cycle(100, 82, 0, total: 100),
    ])
  }

  @Test("a changed meter for one of them says nothing of the other")
  func changedMeter() {
    Self.check([
      Cycle(0, 18, 900_000, total: nil), Cycle(5, 18, 900_000, total: 18),
      Cycle(25, 20, 400_000, total: 20), Cycle(45, 36, 400_000, total: 36),
      Cycle(65, 53, 400_000, total: 53), Cycle(85, 70, 400_000, total: 70),
      Cycle(90, 74, 400_000, total: 74),
    ])
  }

  @Test("another device's register is left alone")
  func anotherDevice() {
    let others = SiteDevice(
      name: "inverter", pollInterval: TimeSpan(seconds: 5), provides: [.pv])
    var bench = SiteBench([RegisterTests.meter, others])
    // seconds, the meter's import register, the inverter's generation register, in Wh
    let cycles: [(Int64, Int64, Int64)] = [
      (0, 5000, 18), (5, 5000, 18), (25, 0, 20), (45, 1, 36), (65, 2, 53), (85, 3, 70),
      (90, 3, 74),
    ]
    for (second, imported, generated) in cycles {
      bench.read(RegisterTests.reading(second, imported: imported, step: 1))
      var reading = DeviceReading(device: "inverter", at: SiteBench.at(second))
      reading.pvPower = Power(watts: 3000)
      reading.generatedTotal = Energy(wattHours: generated)
      reading.totalResolution = Energy(wattHours: 1)
      bench.read(reading)
    }
    let state = bench.site.state(at: SiteBench.at(90))
    #expect(state.importedTotal?.value == Energy(wattHours: 5003))
    #expect(state.generatedTotal?.value == Energy(wattHours: 74))
  }
}
