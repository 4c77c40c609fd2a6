import Quantities
import Sites
import Testing

@Suite("A look at a house's wires")
struct HouseCheckTests {
  typealias Device = HouseCheck.Device

  static func watts(_ value: Int64?) -> Power? { value.map { Power(watts: $0) } }

  /// An inverter and a meter, or the one device of a house where `provides` is nil.
  static func house(
    pv: Int64? = nil, load: Int64? = nil, grid: Int64? = nil, battery: Int64? = nil,
    totals: Bool = true
  ) -> HouseCheck {
    var inverter = DeviceReading(device: "inverter", at: .distantPast)
    inverter.pvPower = watts(pv)
    inverter.loadPower = watts(load)
    inverter.batteryPower = watts(battery)
    var meter = DeviceReading(device: "meter", at: .distantPast)
    meter.gridPower = watts(grid)
    if totals {
      meter.importedTotal = Energy(wattHours: 5000)
      meter.exportedTotal = Energy(wattHours: 7000)
    }
    var provides: [SiteQuantity] = []
    if pv != nil { provides.append(.pv) }
    if load != nil { provides.append(.load) }
    if battery != nil { provides.append(.battery) }
    return HouseCheck(devices: [
      Device(name: "inverter", provides: provides, answer: .success(inverter)),
      Device(name: "meter", provides: [.grid, .totals], answer: .success(meter)),
    ])
  }

  struct Case: Sendable {
    var pv: Int64?
    var load: Int64?
    var grid: Int64?
    var battery: Int64?
    /// The weightiest finding, and a word of its advice.
    var weight: HouseFinding.Weight
    var word: String
  }

  static let cases: [Case] = [
    // Measured loads: 3,000 of sun, 500 used, 1,000 into the battery, 1,500 to the grid.
    Case(pv: 3000, load: 500, grid: -1500, battery: 1000, weight: .fine, word: ""),
    Case(pv: 3000, load: 560, grid: -1540, battery: 1010, weight: .fine, word: ""),
    Case(pv: 3000, load: 500, grid: 1500, battery: 1000, weight: .wrong, word: "clamp"),
    Case(pv: 3000, load: 500, grid: -1500, battery: -1000, weight: .wrong, word: "battery's sign"),
    Case(pv: 0, load: 2600, grid: -600, battery: -2000, weight: .wrong, word: "clamp"),
    // A phase that nobody measures: no sign explains it.
    Case(pv: 3000, load: 4000, grid: -1500, battery: 1000, weight: .wrong, word: "phase"),
    // Derived loads can only be caught when they come out below nothing.
    Case(pv: 2000, grid: -1500, battery: 0, weight: .fine, word: ""),
    Case(pv: 500, grid: -1500, weight: .wrong, word: "clamp"),
    Case(pv: 500, grid: 300, battery: 1800, weight: .wrong, word: "battery's sign"),
    Case(pv: 400, grid: -900, battery: 1200, weight: .wrong, word: "sign is turned"),
    Case(pv: 0, load: 300, grid: 300, weight: .fine, word: ""),
  ]

  @Test("tells which sign is turned round", arguments: cases)
  func balance(_ c: Case) throws {
    let findings = Self.house(pv: c.pv, load: c.load, grid: c.grid, battery: c.battery).findings
    let worst = try #require(findings.max { $0.weight < $1.weight })
    #expect(worst.weight == c.weight, "\(findings)")
    #expect(worst.advice.contains(c.word) || c.word.isEmpty, "\(worst)")
  }

  @Test("says what is missing, and judges no sum while a device is silent")
  func missing() {
    let silent = HouseCheck(devices: [
      Device(
        name: "inverter", provides: [.pv], answer: .failure(.silent("no answer in time"))),
      Device(
        name: "meter", provides: [.grid],
        answer: .success(
          {
            var reading = DeviceReading(device: "meter", at: .distantPast)
            reading.gridPower = Power(watts: -4000)
            return reading
          }())),
    ])
    #expect(silent.findings.map(\.device) == ["inverter"])
    #expect(silent.findings.first?.advice.contains("unit number") == true)
    let bare = Self.house(pv: 100, grid: 50, totals: false).findings
    #expect(bare.contains { $0.weight == .wrong && $0.text.contains("totals") })
    let blind = Self.house(pv: 100).findings
    #expect(blind.contains { $0.weight == .wrong && $0.text.contains("asked for grid") })
  }

  @Test("knows a serial line's troubles from a network's")
  func advice() {
    func advice(_ fault: DeviceFault) -> String {
      let check = HouseCheck(devices: [
        Device(name: "meter", provides: nil, answer: .failure(fault))
      ])
      return check.findings.first?.advice ?? ""
    }
    #expect(advice(.silent("unit 2 at /dev/ttyUSB0")).contains("swap A and B"))
    #expect(advice(.silent("unit 2 at 10.0.0.5:502")).contains("unit number"))
    #expect(advice(.unreachable("can't open /dev/ttyUSB0")).contains("plugged in"))
    #expect(advice(.unreachable("can't connect to 10.0.0.5:502")).contains("address"))
    #expect(advice(.unintelligible("exception 2")).contains("profile"))
  }

  @Test("sees the same power told by two devices")
  func doubled() {
    var one = DeviceReading(device: "inverter", at: .distantPast)
    one.pvPower = Power(watts: 2500)
    one.gridPower = Power(watts: -1000)
    one.importedTotal = Energy(wattHours: 1)
    one.exportedTotal = Energy(wattHours: 1)
    var other = DeviceReading(device: "meter", at: .distantPast)
    other.gridPower = Power(watts: -1020)
    let check = HouseCheck(devices: [
      Device(name: "inverter", provides: [.pv, .grid, .totals], answer: .success(one)),
      Device(name: "meter", provides: [.grid], answer: .success(other)),
    ])
    #expect(check.findings.contains { $0.weight == .doubtful && $0.text.contains("counted twice") })
  }

  @Test("judges no sign by a power that nobody tells, unknown being no zero")
  func unknownSun() {
    var reading = DeviceReading(device: "meter", at: .distantPast)
    reading.gridPower = Power(watts: -2500)
    reading.importedTotal = Energy(wattHours: 1)
    reading.exportedTotal = Energy(wattHours: 1)
    let alone = HouseCheck(devices: [
      Device(name: "meter", provides: nil, answer: .success(reading))
    ]).findings
    #expect(alone.map(\.weight) == [.doubtful] && alone[0].advice.contains("--kettle"), "\(alone)")
    let asked = HouseCheck(devices: [
      Device(name: "meter", provides: [.pv, .grid, .totals], answer: .success(reading))
    ]).findings
    #expect(asked.count == 1 && asked[0].text.contains("asked for pv"), "\(asked)")
  }

  @Test("holds the grid's meter against what an inverter knows unasked")
  func opposed() {
    func worst(inverter: Int64, meter: Int64) -> HouseFinding? {
      var one = DeviceReading(device: "inverter", at: .distantPast)
      one.pvPower = Power(watts: 5700)
      one.gridPower = Power(watts: inverter)
      var other = DeviceReading(device: "meter", at: .distantPast)
      other.gridPower = Power(watts: meter)
      other.importedTotal = Energy(wattHours: 1)
      other.exportedTotal = Energy(wattHours: 1)
      return HouseCheck(devices: [
        Device(name: "inverter", provides: [.pv], answer: .success(one)),
        Device(name: "meter", provides: [.grid, .totals], answer: .success(other)),
      ]).findings.max { $0.weight < $1.weight }
    }
    #expect(worst(inverter: -2500, meter: 2540)?.advice.contains("turned round") == true)
    #expect(worst(inverter: -2500, meter: -2540)?.weight == .fine)
    #expect(worst(inverter: -100, meter: 100)?.weight == .fine)
  }

  @Test("compares the battery's size with the configuration's")
  func capacity() {
    var reading = DeviceReading(device: "inverter", at: .distantPast)
    reading.gridPower = .zero
    reading.batteryCapacity = Energy(wattHours: 5000)
    func check(_ stated: Int64) -> [HouseFinding] {
      HouseCheck(
        devices: [Device(name: "inverter", provides: nil, answer: .success(reading))],
        statedCapacity: Energy(wattHours: stated)
      ).findings.filter { $0.text.contains("configuration") }
    }
    #expect(check(5500).isEmpty)
    #expect(check(10_000).map(\.weight) == [.doubtful])
  }

  struct Step: Sendable {
    var before: [Int64?]
    var after: [Int64?]
    var weight: HouseFinding.Weight
    var word: String
  }

  /// Sun, grid, battery before and after a kettle of 2,000 W.
  static let steps: [Step] = [
    Step(before: [0, 200, nil], after: [0, 2190, nil], weight: .fine, word: ""),
    Step(before: [2500, -1500, 0], after: [2400, -100, -500], weight: .fine, word: ""),
    Step(before: [0, -200, nil], after: [0, -2190, nil], weight: .wrong, word: "clamp"),
    Step(before: [0, 0, 300], after: [0, 0, 2300], weight: .wrong, word: "battery's sign"),
    Step(before: [0, 200, nil], after: [0, 210, nil], weight: .wrong, word: "phase"),
    // A battery of which the second look knows nothing has not gone to zero.
    Step(before: [0, 0, -2000], after: [0, 2000, nil], weight: .doubtful, word: "every device"),
    Step(before: [0, nil, nil], after: [0, 2000, nil], weight: .doubtful, word: "meter answers"),
  ]

  @Test("learns a sign from a kettle", arguments: steps)
  func kettle(_ step: Step) throws {
    func powers(_ values: [Int64?]) -> HouseCheck.Powers {
      HouseCheck.Powers(
        pv: Self.watts(values[0]), grid: Self.watts(values[1]), battery: Self.watts(values[2]))
    }
    let findings = HouseCheck.step(
      from: powers(step.before), to: powers(step.after), switched: Power(watts: 2000))
    let finding = try #require(findings.first)
    #expect(finding.weight == step.weight, "\(finding)")
    #expect(finding.advice.contains(step.word) || step.word.isEmpty, "\(finding)")
  }
}
