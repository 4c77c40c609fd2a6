import FoundationEssentials
import Quantities
import Simulation
import Sites

/// A house of an inverter and a meter and the site that reads them without a wire, from afternoon
/// to after dawn.
struct CoreNight {
  static let begin = Instant(millisecondsSince1970: 1_782_000_000_000) + TimeSpan(minutes: 15 * 60)
  static let weather = Weather(seed: 4, sky: .clear)
  static let totals: [DeviceQuantity] = [
    .importedTotal, .exportedTotal, .generatedTotal, .chargedTotal, .dischargedTotal,
  ]

  var household: SimulatedHousehold
  var run: SiteRun
  var audit = NightAudit(totals: Self.totals)
  private var map: [DeviceName: (unit: UInt8, map: RegisterMap)] = [:]

  /// A profile of the tests' own: what it holds is in the tests' sight.
  static let inverter = """
    {
      name: "inverter", maker: "nobody", devices: "none", functionCode: 3, holeLimit: 20,
      registers: [
        { quantity: "pvPower", address: 0, type: "u32", scale: "1/10" },
        { quantity: "batteryPower", address: 2, type: "s32", scale: "1/10", sentinel: 0x80000000 },
        { quantity: "stateOfCharge", address: 4, type: "u16", sentinel: 0xFFFF },
        { quantity: "loadPower", address: 5, type: "u16" },
        { quantity: "generatedTotal", address: 10, type: "u32", scale: "10" },
        { quantity: "chargedTotal", address: 12, type: "u32", scale: "10" },
        { quantity: "dischargedTotal", address: 14, type: "u32", scale: "10" },
      ],
    }
    """
  static let meter = """
    {
      name: "meter", maker: "nobody", devices: "none", functionCode: 4,
      totalResolutionMilliwattHours: 10000,
      registers: [
        { quantity: "gridPower", address: 0, type: "f32" },
        { quantity: "importedTotal", address: 2, type: "f32", scale: "1000" },
        { quantity: "exportedTotal", address: 4, type: "f32", scale: "1000" },
      ],
    }
    """

  init(_ faults: [FaultPlan.Entry], seed: UInt64, pollSeconds: Int64 = 10) throws {
    let house = SimulatedHouse(
      .amber, seed: seed, at: Self.begin, weather: Self.weather,
      stateOfCharge: StateOfCharge(percent: 60))
    var devices: [SimulatedDevice] = []
    var asked: [SiteDevice] = []
    let provides: [[SiteQuantity]] = [[.pv, .load, .battery, .stateOfCharge], [.grid, .totals]]
    for (index, text) in [Self.inverter, Self.meter].enumerated() {
      let map = RegisterMap(try DeviceProfile(json5: Array(text.utf8)))
      let unit = UInt8(index + 1)
      let name = map.profile.name
      self.map[name] = (unit, map)
      devices.append(
        SimulatedDevice(
          unit: unit, layout: .profile(map),
          faults: FaultPlan(faults, seed: seed + UInt64(unit), quiet: 20),
          showing: house.reading(device: name)))
      asked.append(
        SiteDevice(
          name: name, pollInterval: TimeSpan(seconds: pollSeconds), provides: provides[index]))
    }
    household = SimulatedHousehold(house, devices: devices, weather: Self.weather)
    household.restartWhenTold()
    run = SiteRun(Site(devices: asked), at: Self.begin)
  }

  /// Until the end, the last half hour without faults.
  mutating func live(until end: Instant = Self.begin + TimeSpan(minutes: 17 * 60)) {
    live(to: end - TimeSpan(minutes: 30))
    household.heal()
    live(to: end)
  }

  private mutating func live(to end: Instant) {
    while let name = run.nextQuestion(until: end) {
      household.step(to: run.now, weather: Self.weather)
      audit.note(household.house)
      guard let (unit, map) = map[name] else { return }
      let shown = household.devices.first { $0.unit == unit }?.shown
      let result = read(map, unit: unit, device: name)
      if case .success(let reading) = result, let shown { audit.look(at: reading, shown: shown) }
      run.answer(result, from: name)
      if case .success(let reading) = result,
        let device = household.devices.first(where: { $0.unit == unit }),
        device.isCounted(in: reading),
        audit.isBelieved(reading, Self.totals.filter { device.count(of: $0) != nil }, by: run)
      {
        household.restartIfDue(unit: unit)
      }
      audit.look(at: run, isFrozen: household.devices.contains(where: \.isFrozen))
    }
  }

  /// As a device session does, but for the wire: what it would spoil is no answer.
  private mutating func read(
    _ map: RegisterMap, unit: UInt8, device: DeviceName
  ) -> Result<DeviceReading, DeviceFault> {
    var image = RegisterImage()
    for span in map.plan + map.slowPlan {
      let outcome = household.read(span, unit: unit)
      if let fault = outcome.fault { return .failure(.unintelligible("\(fault)")) }
      switch outcome.answer {
      case .words(let words): image.write(words, at: span.address, in: span.table)
      case .exception(2): break
      case .exception(let code): return .failure(.unintelligible("exception \(code)"))
      case .silence, .written: return .failure(.silent("no answer"))
      }
    }
    return .success(map.decode(image, device: device, at: run.now))
  }

  /// The totals at the end against the truth.
  var comparisons: [NightAudit.Comparison] {
    audit.comparisons { quantity in
      let device = household.devices.first { $0.count(of: quantity) != nil }
      return (device?.count(of: quantity) ?? .zero, device?.restarts ?? 0)
    }
  }
}
