import HeliographCore
import Market
import Quantities
import Sealing
import Sites
import Testing
import Texting

/// A house whose one device is steered; its orders are answered by hand.
private struct SteeredHouse {
  var station: Station
  var now = StationHarness.start
  var orders: [SteeringOrder] = []
  var replies: [String] = []
  var entries: [String: [UInt8]] = [:]
  var isAtRest = false
  var wake: Instant?

  static let control = DeviceControl(
    control: .batteryPower, failSafe: .timeout(.minute), memory: .volatile,
    range: -3_000_000...3_000_000,
    write: [ControlRegister(address: 41, type: .s16, content: .requested)],
    release: [ControlRegister(address: 41, type: .s16, content: .constant(0))])
  static let reserve = DeviceControl(
    control: .reserve, failSafe: .timeout(.minute), memory: .volatile, range: 100...900,
    write: [ControlRegister(address: 60, type: .u16, content: .requested)],
    release: [ControlRegister(address: 60, type: .u16, content: .constant(10))])

  init(restoring stored: [String: [UInt8]] = [:]) throws {
    let keys = try #require(KeyPair(seed: [UInt8](repeating: 7, count: 32)))
    let rules = SteeringRules(devices: [
      .init(name: "akku", freshnessLimit: TimeSpan(seconds: 90), isSteered: true)
    ])
    let configuration = StationConfiguration(
      name: "house", keys: keys, community: Community(name: "test"),
      devices: [
        SiteDevice(
          name: "akku", pollInterval: TimeSpan(seconds: 30),
          provides: [.grid, .pv, .load, .battery, .stateOfCharge])
      ], readers: .init(readers: ["+255700000001"]), steering: rules)
    entries = stored
    station = Station(
      configuration,
      restoring: StoredState(
        entries: stored.sorted { $0.key < $1.key }.map { .init(key: $0.key, value: $0.value) }),
      at: now)
    step(.started)
  }

  mutating func step(_ event: Event) {
    for effect in station.step(event, at: now) {
      switch effect {
      case .store(.put(let key, let value)): entries[key] = value
      case .store(.remove(let key)): entries[key] = nil
      case .steer(let order): orders.append(order)
      case .reply(_, let text): replies.append(text)
      case .atRest: isAtRest = true
      case .setTimer(.steering, let at): wake = at
      default: break
      }
    }
  }

  mutating func read(charge: Int64? = 60) {
    var reading = DeviceReading(device: "akku", at: now)
    reading.gridPower = .zero
    reading.pvPower = .zero
    reading.loadPower = .zero
    reading.batteryPower = .zero
    reading.stateOfCharge = charge.map { StateOfCharge(percent: $0) }
    step(.controls("akku", [Self.control, Self.reserve]))
    step(.reading(reading))
  }

  mutating func type(_ text: String, _ origin: TextMessage.Origin = .local) -> String? {
    replies = []
    step(.text(TextMessage(id: .init(5), origin: origin, text: text)))
    return replies.first
  }

  mutating func confirm(_ result: SteeringResult = .written) throws {
    step(.steered(SteeringOutcome(order: try #require(orders.last), result: result)))
  }

  var marker: Bool {
    entries[SteeringMarker.storeKey(SteeringKey("akku", .batteryPower))] != nil
  }
}

@Suite("A station that steers")
struct StationSteeringTests {
  @Test("CHARGE is answered when the device has confirmed it, and the marker is stored before")
  func charge() throws {
    var house = try SteeredHouse()
    house.read()
    #expect(house.type("CHARGE 1500W 2H") == nil)
    #expect(house.orders.map(\.writes) == [[RegisterWrite(address: 41, words: [1500])]])
    #expect(house.marker)
    try house.confirm()
    let until = LocalTime.utc.clock(at: house.now + TimeSpan(minutes: 120))
    #expect(house.replies.first?.hasPrefix("akku: charge 1500 W until \(until).") == true)
    #expect(house.type("STATUS")?.contains("charge 1500 W until \(until): AUTO ends.") == true)
    #expect(house.type("AUTO") == nil)
    try house.confirm()
    #expect(house.replies == ["Every device goes its own way. STATUS shows the house."])
    #expect(!house.marker)
  }

  @Test("who waits too long is told that it is not confirmed yet")
  func patience() throws {
    var house = try SteeredHouse()
    house.read()
    #expect(house.type("DISCHARGE 500W 30MIN") == nil)
    house.now = house.now + Steering.patience
    #expect(house.wake.map { $0 <= house.now } == true)
    house.step(.timer(.steering))
    #expect(house.replies.first?.contains("has not confirmed yet") == true)
  }

  @Test("an SMS steers nothing, and neither does a device that was never read")
  func refused() throws {
    var house = try SteeredHouse()
    #expect(house.type("CHARGE 1W 1H")?.contains("akku does not answer") == true)
    house.read()
    let sms = TextMessage.Origin.sms(number: "+255700000001")
    #expect(house.type("CHARGE 1W 1H", sms)?.hasPrefix("Error: SMS may only read") == true)
    house.read(charge: nil)
    #expect(house.type("CHARGE 1W 1H")?.contains("state of charge is unknown") == true)
    #expect(house.orders.isEmpty)
  }

  @Test("RESERVE tells the device as well, and holds a discharge off")
  func reserve() throws {
    var house = try SteeredHouse()
    house.read()
    let reply = house.type("RESERVE 60")
    #expect(reply?.contains("akku is told") == true)
    #expect(house.orders.map(\.writes) == [[RegisterWrite(address: 60, words: [60])]])
    try house.confirm()
    #expect(house.type("DISCHARGE 500W 1H")?.contains("at its reserve of 60%") == true)
  }

  @Test("a stop gives the device back before the node is at rest; with nothing steered at once")
  func stop() throws {
    var house = try SteeredHouse()
    house.read()
    _ = house.type("CHARGE 1500W 2H")
    try house.confirm()
    house.step(.stopping)
    #expect(!house.isAtRest)
    #expect(house.orders.last?.purpose == .release)
    try house.confirm()
    #expect(house.isAtRest)
    #expect(!house.marker)

    var idle = try SteeredHouse()
    idle.step(.stopping)
    #expect(idle.isAtRest)
  }

  @Test("while the store fails nothing is steered: the device is given back, the marker stays")
  func storage() throws {
    var house = try SteeredHouse()
    house.read()
    _ = house.type("CHARGE 1500W 2H")
    try house.confirm()
    let before = house.entries
    house.step(.storageFailing(reason: "disk full"))
    #expect(house.orders.last?.purpose == .release)
    #expect(house.entries == before)
    #expect(house.type("CHARGE 1500W 2H")?.hasPrefix("Error: this node can't store") == true)
    house.step(.storageWorking)
    try house.confirm()
    #expect(!house.marker)
  }

  @Test("a node that was killed gives back what it had steered when it is up again")
  func restart() throws {
    var house = try SteeredHouse()
    house.read()
    _ = house.type("CHARGE 1500W 2H")
    #expect(house.marker)
    var next = try SteeredHouse(restoring: house.entries)
    #expect(next.orders.isEmpty)
    next.read()
    #expect(next.orders.map(\.purpose) == [.release])
    try next.confirm()
    #expect(!next.marker)
  }
}
