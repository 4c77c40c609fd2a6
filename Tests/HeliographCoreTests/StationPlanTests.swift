import HeliographCore
import Market
import Planning
import Quantities
import Sealing
import Sites
import Testing
import Texting

/// A house without panels, whose battery may be told, and whose grid is cheap by night.
private struct CheapNights {
  var station: Station
  var now = TimeSlot(index: 2_000_000).start
  var stored = Energy(wattHours: 5000)
  /// What the battery was told last; nil goes its own way.
  var told: Power?
  /// Every set-point with the minute of the day at which it was told.
  var setPoints: [(minute: Int64, power: Power)] = []
  var lines: [String] = []
  /// Whether the battery says what it holds.
  var tellsCharge = true

  static let load = Power(watts: 800)
  static let capacity = Energy(wattHours: 10_000)

  init() throws {
    let keys = try #require(KeyPair(seed: [UInt8](repeating: 9, count: 32)))
    var tariff = Tariff(importPrice: Price(creditsPerKilowattHour: 40))
    tariff.importPrices.bands = [
      Tariff.Band(fromMinute: 22 * 60, toMinute: 360, price: Price(creditsPerKilowattHour: 10))
    ]
    let rules = SteeringRules(devices: [
      .init(name: "akku", freshnessLimit: TimeSpan(minutes: 15), isSteered: true)
    ])
    let configuration = StationConfiguration(
      name: "house", keys: keys, community: Community(name: "test"),
      devices: [
        SiteDevice(
          name: "akku", pollInterval: TimeSpan(minutes: 5),
          provides: [.grid, .load, .battery, .stateOfCharge])
      ],
      battery: StationConfiguration.BatteryPlant(
        capacity: Self.capacity, maximumCharge: Power(watts: 3000),
        maximumDischarge: Power(watts: 3000)),
      tariff: tariff, steering: rules)
    station = Station(configuration, at: now)
    step(.started)
  }

  mutating func step(_ event: Event) {
    for effect in station.step(event, at: now) {
      switch effect {
      case .steer(let order):
        if case .set(let value) = order.purpose {
          told = Power(milliwatts: value)
          let minute = LocalTime.utc.minuteOfDay(at: now)
          setPoints.append((minute, Power(milliwatts: value)))
        } else {
          told = nil
        }
        step(.steered(SteeringOutcome(order: order, result: .written)))
      case .report(let decision): lines.append(decision.text)
      default: break
      }
    }
  }

  /// Five minutes of the house, then a look at it.
  mutating func pass() {
    let span = TimeSpan(minutes: 5)
    let own = stored > Self.capacity.scaled(by: 3, over: 10) ? -Self.load : .zero
    let battery = told ?? own
    stored = (stored + battery.energy(over: span)).clamped(to: .zero...Self.capacity)
    now = now + span
    var reading = DeviceReading(device: "akku", at: now)
    reading.loadPower = Self.load
    reading.batteryPower = battery
    reading.gridPower = Self.load + battery
    let charge = StateOfCharge(
      permille: stored.scaled(by: 1000, over: Self.capacity.rawValue).rawValue)
    reading.stateOfCharge = tellsCharge ? charge : nil
    step(.controls("akku", [Self.control]))
    step(.reading(reading))
    step(.timer(.control))
    step(.timer(.steering))
  }

  private static let control = DeviceControl(
    control: .batteryPower, failSafe: .timeout(TimeSpan(minutes: 20)), memory: .volatile,
    range: -3_000_000...3_000_000,
    write: [ControlRegister(address: 41, type: .s16, content: .requested)],
    release: [ControlRegister(address: 41, type: .s16, content: .constant(0))])
}

@Suite struct StationPlanTests {
  @Test("a battery that may be told is charged while the grid is cheap, and says why")
  func cheapNights() throws {
    var house = try CheapNights()
    for _ in 0..<(2 * 288) { house.pass() }
    let charging = house.setPoints.filter { $0.power > .zero }
    #expect(!charging.isEmpty)
    #expect(charging.allSatisfy { $0.minute >= 22 * 60 || $0.minute < 360 })
    #expect(house.lines.contains { $0.hasPrefix("battery charges with") })
  }

  @Test(
    "a battery that doesn't say what it holds leaves the grid unknown", arguments: [true, false])
  func unknownCharge(tells: Bool) throws {
    var house = try CheapNights()
    house.tellsCharge = tells
    for _ in 0..<288 { house.pass() }
    let course = house.station.plannedCourse(at: house.now)
    #expect(course.slots.count == 192 && course.reserve != nil)
    #expect(course.slots.contains { $0.load != nil })
    #expect(course.slots.contains { $0.stateOfCharge != nil } == tells)
    #expect(course.slots.contains { $0.grid != nil } == tells)
    let row = EnergyBars(course).lines.first { $0.hasPrefix("12:00") }
    #expect(row?.contains("?      ?") == !tells, "\(row ?? "")")
  }
}
