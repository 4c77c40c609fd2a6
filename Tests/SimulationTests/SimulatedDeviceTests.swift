import FoundationEssentials
import Quantities
import Simulation
import Sites
import Testing

@Suite("A simulated device")
struct SimulatedDeviceTests {
  private static let noon = Instant(millisecondsSince1970: 1_782_000_000_000 + 780 * 60_000)
  private static let weather = Weather(seed: 1, sky: .clear)

  /// The profiles that ship with Heliograph, found from where this file was compiled.
  static let profiles: [String] = {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
      .joined(separator: "/")
    let folder = root + "/Sources/Hardware/Profiles"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".json5") }.sorted().map { folder + "/" + $0 }
  }()

  private static func map(_ path: String) throws -> RegisterMap {
    let text = try #require(FileManager.default.contents(atPath: path))
    return RegisterMap(try DeviceProfile(json5: Array(text)))
  }

  private static func household(
    _ layout: RegisterLayout, faults: [FaultPlan.Entry] = [], at instant: Instant = noon
  ) -> SimulatedHousehold {
    let house = SimulatedHouse(
      .amber, seed: 1, at: instant, weather: weather, stateOfCharge: StateOfCharge(percent: 60))
    let device = SimulatedDevice(
      unit: 1, layout: layout, faults: FaultPlan(faults, seed: 5),
      showing: house.reading(device: "1"))
    return SimulatedHousehold(house, devices: [device], weather: weather)
  }

  /// What a client of the profile makes of the device; nil where a request was not answered.
  private static func read(
    _ household: inout SimulatedHousehold, _ map: RegisterMap
  ) -> DeviceReading? {
    var image = RegisterImage()
    for span in map.slowPlan + map.plan {
      switch household.read(span, unit: 1).answer {
      case .words(let words): image.write(words, at: span.address, in: span.table)
      case .exception(2): break
      case .exception, .silence, .written: return nil
      }
    }
    return map.decode(image, device: "1", at: household.house.now)
  }

  @Test("of every profile that ships shows the house as it is", arguments: profiles)
  func everyProfile(path: String) throws {
    let map = try Self.map(path)
    var household = Self.household(.profile(map))
    let reading = try #require(Self.read(&household, map))
    let shown = household.devices[0].shown
    var seen = 0
    for quantity in [
      DeviceQuantity.pvPower, .loadPower, .gridPower, .batteryPower, .stateOfCharge,
      .importedTotal, .exportedTotal,
    ] where map.profile.registers.contains(where: { $0.quantity == quantity }) {
      // An off-grid inverter has no register for what it would export.
      if quantity == .gridPower, map.profile.name == "growatt-spf" { continue }
      guard let said = reading[quantity], let fact = shown[quantity] else { continue }
      // As exactly as the coarsest registers can say it: 10 W, 1 %, 1 kWh and half of it.
      let grain: Int64 =
        quantity.isTotal ? 1_000_000 : quantity == .stateOfCharge ? 10 : 10_000
      let parts = Int64(map.profile.registers.filter { $0.quantity == quantity }.count)
      #expect(abs(said - fact) <= grain * parts, "\(quantity): \(said) is not \(fact)")
      seen += 1
    }
    #expect(seen > 0)
  }

  @Test("of SunSpec shows it too, and can be steered by the models it has")
  func sunSpec() throws {
    let nameplate = SunSpecImage.Nameplate(maker: "x", model: "x", version: "1", serial: "1")
    let household = Self.household(.sunSpec(SunSpecImage.classic, nameplate))
    #expect(!household.devices[0].controls.isEmpty)
    let bare = Self.household(.sunSpec([1, 103, 203], nameplate))
    #expect(bare.devices[0].controls.isEmpty)
  }

  private static let controlled = """
    {
      name: "hybrid", maker: "nobody", devices: "none", functionCode: 3,
      registers: [
        { quantity: "batteryPower", address: 0, type: "s16" },
        { quantity: "pvPower", address: 1, type: "u16" },
        { quantity: "operatingState", address: 2, type: "u16" },
        { quantity: "exportLimit", address: 12, type: "u16" },
      ],
      controls: [
        { control: "batteryPower", failSafe: "timeout", timeoutSeconds: 60, memory: "volatile",
          minimum: -3000, maximum: 3000,
          write: [{ address: 10, type: "u16", value: 1 },
                  { address: 11, type: "s16", value: "requested" }],
          release: [{ address: 10, type: "u16", value: 0 }] },
        { control: "exportLimit", failSafe: "guardian", memory: "flash", dailyWrites: 8,
          minimum: 0, maximum: 10000,
          write: [{ address: 12, type: "u16", value: "requested" }],
          release: [{ address: 12, type: "u16", value: 65535 }] },
      ],
    }
    """

  @Test("obeys its control registers until its own time-out, and keeps them readable")
  func obeys() throws {
    let map = RegisterMap(try DeviceProfile(json5: Array(Self.controlled.utf8)))
    var household = Self.household(.profile(map))
    func write(_ words: [UInt16], at address: Int) -> SimulatedDevice.Answer {
      household.write(words, at: address, unit: 1, weather: Self.weather).answer
    }
    #expect(Self.read(&household, map)?.batteryPower == Power(watts: 3000))
    let discharging = write([1, UInt16(bitPattern: -1500)], at: 10)
    #expect(discharging == .written)
    #expect(Self.read(&household, map)?.batteryPower == Power(watts: -1500))
    let held = household.read(RegisterSpan(table: .holding, address: 10, count: 2), unit: 1)
    #expect(held.answer == .words([1, UInt16(bitPattern: -1500)]))
    household.step(to: Self.noon + TimeSpan(seconds: 59), weather: Self.weather)
    #expect(household.house.flow.battery == Power(watts: -1500))
    household.step(to: Self.noon + TimeSpan(seconds: 60), weather: Self.weather)
    #expect(household.house.flow.battery == Power(watts: 3000))
    let reverted = household.read(RegisterSpan(table: .holding, address: 10, count: 1), unit: 1)
    #expect(reverted.answer == .words([0]))

    #expect(write([0], at: 12) == .written)
    let limited = Self.read(&household, map)
    #expect(limited?.exportLimit == .zero && limited?.operatingState == .throttled)
    #expect(household.house.flow.grid >= .zero)
    #expect(write([65535], at: 12) == .written)
    #expect(Self.read(&household, map)?.operatingState == .producing)
    #expect(household.devices[0].controls.flashWrites.map(\.count) == [2])
    #expect(write([1], at: 1) == .exception(2))
    let stranger = household.read(RegisterSpan(table: .holding, address: 0, count: 1), unit: 9)
    #expect(stranger.answer == .exception(11))
  }

  @Test("of the sun does not answer from dusk to dawn when it sleeps")
  func sleeps() throws {
    let map = RegisterMap(try DeviceProfile(json5: Array(CoreNight.inverter.utf8)))
    var household = Self.household(.profile(map), faults: [.init(.night)])
    #expect(Self.read(&household, map) != nil)
    household.step(to: Self.noon + TimeSpan(minutes: 600), weather: Self.weather)
    #expect(Self.read(&household, map) == nil)
    household.step(to: Self.noon + TimeSpan(minutes: 1200), weather: Self.weather)
    #expect(Self.read(&household, map) != nil)
  }

  @Test("goes wrong as it is told", arguments: [HouseFault.torn, .sentinel, .dip, .frozen, .reset])
  func faults(fault: HouseFault) throws {
    let map = RegisterMap(try DeviceProfile(json5: Array(CoreNight.inverter.utf8)))
    var household = Self.household(.profile(map), faults: [.init(fault, every: 1)])
    let shown = household.devices[0].shown
    let reading = try #require(Self.read(&household, map))
    let right = map.decode(
      RegisterLayout.profile(map).image(of: shown), device: "1", at: Self.noon)
    switch fault {
    case .frozen:
      household.step(to: Self.noon + TimeSpan(minutes: 25), weather: Self.weather)
      #expect(Self.read(&household, map)?.generatedTotal == right.generatedTotal)
      household.step(to: Self.noon + TimeSpan(minutes: 31), weather: Self.weather)
    case .reset:
      #expect(reading == right)
      #expect(Self.read(&household, map)?.generatedTotal == .zero)
    case .dip:
      #expect(reading.generatedTotal == right.generatedTotal.map { $0 - Energy(wattHours: 10) })
    case .sentinel:
      let unknown = DeviceQuantity.allCases.filter { reading[$0] == nil && right[$0] != nil }
      #expect(unknown.count == 1)
    default:
      let wrong = DeviceQuantity.allCases.filter { reading[$0] != right[$0] }
      #expect(wrong.count == 1)
    }
  }
}
