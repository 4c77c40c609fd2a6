import Quantities
import Sites
import Testing

@Suite struct SiteTests {
  static let start = Instant(millisecondsSince1970: 1_782_000_000_000)
  static let inverter = SiteDevice(
    name: "inverter", pollInterval: TimeSpan(seconds: 5),
    provides: [.pv, .battery, .stateOfCharge])
  static let meter = SiteDevice(
    name: "meter", pollInterval: TimeSpan(seconds: 5), provides: [.grid, .totals])

  static func at(_ seconds: Int64) -> Instant { start + TimeSpan(seconds: seconds) }

  static func inverterReading(_ seconds: Int64, pv: Int64?, battery: Int64? = 0) -> DeviceReading {
    var reading = DeviceReading(device: "inverter", at: at(seconds))
    reading.pvPower = pv.map { Power(watts: $0) }
    reading.batteryPower = battery.map { Power(watts: $0) }
    reading.stateOfCharge = StateOfCharge(percent: 60)
    // Not what the site takes from this device: the meter is the source.
    reading.gridPower = Power(watts: 9999)
    return reading
  }

  static func meterReading(
    _ seconds: Int64, grid: Int64?, imported: Int64? = nil
  ) -> DeviceReading {
    var reading = DeviceReading(device: "meter", at: at(seconds))
    reading.gridPower = grid.map { Power(watts: $0) }
    reading.importedTotal = imported.map { Energy(wattHours: $0) }
    reading.totalResolution = Energy(wattHours: 10)
    return reading
  }

  static func says(_ actions: [SiteAction]) -> [String] {
    actions.compactMap { if case .say(let line) = $0 { line } else { nil } }
  }

  @Test("asks every device at a start and again in its rhythm")
  func rhythm() {
    var site = Site(devices: [Self.inverter, Self.meter])
    let first = site.start(at: Self.at(0))
    #expect(first.contains(.read("inverter")) && first.contains(.read("meter")))
    #expect(
      site.reading(Self.inverterReading(1, pv: 800), at: Self.at(1))
        == [.wake("inverter", at: Self.at(5))])
    #expect(site.timer("inverter", at: Self.at(5)).first == .read("inverter"))
    // The answer is late: the next question comes at once, and never two at a time.
    #expect(site.timer("inverter", at: Self.at(10)).contains(.read("inverter")) == false)
    #expect(
      site.reading(Self.inverterReading(12, pv: 800), at: Self.at(12))
        == [.wake("inverter", at: Self.at(12))])
    #expect(site.timer("toaster", at: Self.at(12)).isEmpty)
  }

  @Test("derives the load from what goes in and out, and from fresh parts only")
  func derivesLoad() {
    var site = Site(devices: [Self.inverter, Self.meter])
    _ = site.start(at: Self.at(0))
    _ = site.reading(Self.inverterReading(1, pv: 2000, battery: 500), at: Self.at(1))
    #expect(site.state(at: Self.at(1)).loadPower == nil)
    _ = site.reading(Self.meterReading(2, grid: -900), at: Self.at(2))
    let state = site.state(at: Self.at(2))
    #expect(
      state.loadPower == Measured(Power(watts: 600), at: Self.at(1), quality: .derived))
    #expect(state.gridPower?.value == Power(watts: -900))
    // The inverter's values are 16 s old, the meter's 15 s.
    let later = site.state(at: Self.at(17))
    #expect(later.pvPower == nil && later.loadPower == nil)
    #expect(later.gridPower?.value == Power(watts: -900))
    #expect(site.state(at: Self.at(18)).gridPower == nil)
  }

  @Test("learns what a device gives that nobody has described, and owes what the house must know")
  func learnsWhatIsGiven() {
    let device = SiteDevice(
      name: "inverter", pollInterval: TimeSpan(seconds: 5), provides: SiteQuantity.allCases,
      owes: [.grid])
    var site = Site(devices: [device])
    _ = site.start(at: Self.at(0))
    #expect(site.state(at: Self.at(0)).hasBattery)
    var reading = DeviceReading(device: "inverter", at: Self.at(1))
    reading.pvPower = Power(watts: 2000)
    _ = site.reading(reading, at: Self.at(1))
    // No battery in this house; but what passes the meter is unknown, and so is the load.
    #expect(!site.state(at: Self.at(1)).hasBattery)
    #expect(site.state(at: Self.at(1)).loadPower == nil)
    reading.gridPower = Power(watts: -600)
    _ = site.reading(reading, at: Self.at(1))
    #expect(site.state(at: Self.at(1)).loadPower?.value == Power(watts: 1400))
    // What it has given once is unknown when it is missing, never nothing.
    reading.pvPower = nil
    _ = site.reading(reading, at: Self.at(1))
    let state = site.state(at: Self.at(1))
    #expect(state.hasPanels && state.pvPower == nil && state.loadPower == nil)
  }

  @Test("a value that the device doesn't know is unknown, not zero")
  func unknownIsNotZero() {
    var site = Site(devices: [Self.inverter, Self.meter])
    _ = site.reading(Self.inverterReading(0, pv: nil), at: Self.at(0))
    _ = site.reading(Self.meterReading(0, grid: 100), at: Self.at(0))
    let state = site.state(at: Self.at(0))
    #expect(state.pvPower == nil && state.loadPower == nil && state.hasPanels)
  }

  @Test("sums several inverters only while each is known; a few watts at night are none")
  func sumsPanels() {
    let second = SiteDevice(
      name: "garage", pollInterval: TimeSpan(seconds: 5), provides: [.pv])
    var site = Site(devices: [Self.inverter, second])
    var garage = DeviceReading(device: "garage", at: Self.at(0))
    garage.pvPower = Power(watts: -7)
    _ = site.reading(Self.inverterReading(0, pv: 300), at: Self.at(0))
    #expect(site.state(at: Self.at(0)).pvPower == nil)
    _ = site.reading(garage, at: Self.at(3))
    #expect(site.state(at: Self.at(3)).pvPower == Measured(Power(watts: 300), at: Self.at(0)))
    _ = site.failed("garage", .silent("2 s"), at: Self.at(8))
    #expect(site.state(at: Self.at(15)).pvPower?.value == Power(watts: 300))
    _ = site.reading(Self.inverterReading(19, pv: 300), at: Self.at(19))
    #expect(site.state(at: Self.at(19)).pvPower == nil)
  }

  @Test("what no house can be is unknown", arguments: [Int64.min, .max, 1_000_000_000_000_000])
  func impossible(_ value: Int64) {
    var site = Site(devices: [Self.inverter, Self.meter])
    var inverter = DeviceReading(device: "inverter", at: Self.at(0))
    inverter.pvPower = Power(milliwatts: value)
    inverter.batteryPower = Power(milliwatts: value)
    inverter.stateOfCharge = StateOfCharge(permille: value)
    var meter = DeviceReading(device: "meter", at: Self.at(0))
    meter.gridPower = Power(milliwatts: value)
    meter.exportedTotal = Energy(milliwattHours: value < 0 ? value : .max)
    _ = site.reading(inverter, at: Self.at(0))
    _ = site.reading(meter, at: Self.at(0))
    let state = site.state(at: Self.at(0))
    #expect(state.pvPower == nil && state.batteryPower == nil && state.gridPower == nil)
    #expect(state.stateOfCharge == nil && state.loadPower == nil && state.exportedTotal == nil)
  }

  @Test("says once that a device is lost and once that it is back, and asks ever more rarely")
  func lossAndReturn() {
    var site = Site(devices: [Self.meter])
    _ = site.start(at: Self.at(0))
    _ = site.reading(Self.meterReading(0, grid: 10), at: Self.at(0))
    // seconds of the failure, seconds until the next question, lines said
    let cycles: [(at: Int64, wait: Int64, lines: Int)] = [
      (5, 5, 0), (10, 10, 0), (20, 20, 1), (40, 40, 0), (80, 80, 0), (160, 160, 0),
      (320, 300, 0), (620, 300, 0),
    ]
    for cycle in cycles {
      _ = site.timer("meter", at: Self.at(cycle.at))
      let actions = site.failed("meter", .unreachable("refused"), at: Self.at(cycle.at))
      #expect(actions.first == .wake("meter", at: Self.at(cycle.at + cycle.wait)))
      #expect(Self.says(actions).count == cycle.lines, "at \(cycle.at) s")
    }
    #expect(site.lost.map(\.device) == ["meter"])
    let back = site.reading(Self.meterReading(900, grid: 10), at: Self.at(900))
    #expect(Self.says(back) == ["meter is back after 15 min"])
    #expect(site.lost.isEmpty)
    #expect(site.failed("meter", .silent(""), at: Self.at(901)).count == 1)
  }

  @Test("a device that was never there is lost at once, in one short line")
  func neverThere() {
    var site = Site(devices: [Self.meter])
    _ = site.start(at: Self.at(0))
    let fault = DeviceFault.unreachable(String(repeating: "no route to host ", count: 20))
    let lines = Self.says(site.failed("meter", fault, at: Self.at(1)))
    #expect(lines.count == 1 && lines[0].count <= 120)
    #expect(Self.says(site.failed("meter", fault, at: Self.at(6))).isEmpty)
  }

  @Test("a register that a device lacks keeps nothing else from being known")
  func partialReadings() {
    let garage = SiteDevice(
      name: "garage", pollInterval: TimeSpan(seconds: 5), provides: [.grid, .totals])
    var site = Site(devices: [Self.meter, garage])
    for second in stride(from: Int64(0), through: 50, by: 5) {
      _ = site.reading(
        Self.meterReading(second, grid: nil, imported: 1000), at: Self.at(second))
      var exporting = DeviceReading(device: "garage", at: Self.at(second))
      exporting.exportedTotal = Energy(wattHours: 70)
      exporting.totalResolution = Energy(wattHours: 1)
      _ = site.reading(exporting, at: Self.at(second))
      let state = site.state(at: Self.at(second))
      // Ten readings show what a device has.
      #expect(state.importedTotal?.value == (second < 45 ? nil : Energy(wattHours: 1000)))
      #expect(state.exportedTotal?.value == (second < 45 ? nil : Energy(wattHours: 70)))
    }
    #expect(site.state(at: Self.at(50)).totalResolution == Energy(wattHours: 10))
    #expect(site.state(at: Self.at(50)).gridPower == nil)
    // A register that appears late adds only what flows from then on.
    for second in [Int64(55), 60, 65] {
      var late = DeviceReading(device: "garage", at: Self.at(second))
      late.exportedTotal = Energy(wattHours: 70)
      late.importedTotal = Energy(wattHours: 5_000_000 + second)
      _ = site.reading(late, at: Self.at(second))
      _ = site.reading(
        Self.meterReading(second, grid: nil, imported: 1000), at: Self.at(second))
    }
    #expect(site.state(at: Self.at(65)).importedTotal?.value == Energy(wattHours: 1010))
  }

  @Test("a large negative load means that a part is wrong: it is unknown")
  func impossibleLoad() {
    for (grid, load) in [(-2050, 0), (-2250, nil), (-2101, 0), (-1000, 1000)] as [(Int64, Int64?)] {
      var site = Site(devices: [Self.inverter, Self.meter])
      _ = site.reading(Self.inverterReading(0, pv: 2000), at: Self.at(0))
      _ = site.reading(Self.meterReading(0, grid: grid), at: Self.at(0))
      #expect(site.state(at: Self.at(0)).loadPower?.value == load.map { Power(watts: $0) })
    }
  }

  @Test("an impossible state of charge is unknown, and so is a reading from the future")
  func impossible() {
    var site = Site(devices: [Self.inverter])
    var reading = Self.inverterReading(0, pv: 10)
    reading.stateOfCharge = StateOfCharge(permille: 1001)
    _ = site.reading(reading, at: Self.at(0))
    #expect(site.state(at: Self.at(0)).stateOfCharge == nil)
    _ = site.reading(Self.inverterReading(50, pv: 10), at: Self.at(5))
    #expect(site.state(at: Self.at(5)).pvPower?.at == Self.at(5))
    // The clock was set back.
    #expect(site.state(at: Self.at(1)).pvPower == nil)
  }
}
