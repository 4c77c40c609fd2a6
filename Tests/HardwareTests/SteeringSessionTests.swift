import Glibc
import Hardware
import Quantities
import Sites
import Synchronization
import Testing
import Thrown

@Suite("Writing what a device is to do")
struct SteeringSessionTests {
  /// A device of pymodbus's and a session with it.
  private struct Bench {
    let device: InteropProcess
    let session: DeviceSession
    let bus: ModbusBus

    init?(_ description: String, _ map: DeviceSession.Map) throws {
      guard let python = InteropProcess.python() else { return nil }
      device = try InteropProcess(
        python: python, script: "steered_device.py", arguments: [description])
      let line = try device.line()
      let port = try #require(UInt16(line.dropFirst("port ".count)))
      bus = ModbusBus(host: "127.0.0.1", port: port, timeout: TimeSpan(seconds: 2))
      session = DeviceSession(device: "akku", unit: 1, map: map, bus: bus)
    }

    func words(at address: Int, count: Int = 1) async throws -> [UInt16] {
      try await bus.read(
        RegisterSpan(table: .holding, address: address, count: count), unit: 1)
    }
  }

  private static let registers = "\"holding\": {\"0\": [0, 5000], \"70\": [9]}, \"seconds\": 60"

  private static func profile() throws -> DeviceSession.Map {
    .profile(
      try DeviceProfile(
        name: "bench", maker: "Test", devices: "for tests", manners: .init(),
        registers: [DeviceRegister(quantity: .pvPower, address: 1, type: .u16)]))
  }

  private static func order(
    _ writes: [RegisterWrite], spares: Bool = false
  ) -> SteeringOrder {
    SteeringOrder(
      serial: 1, key: SteeringKey("akku", .batteryPower), purpose: .set(1), writes: writes,
      spares: spares, expires: .distantFuture)
  }

  @Test("writes in order, neighbours in one request, and reads back")
  func writes() async throws {
    guard let bench = try Bench("{\"unit\": 1, \(Self.registers)}", try Self.profile()) else {
      return
    }
    defer { bench.device.finish() }
    let order = Self.order([
      RegisterWrite(address: 50, words: [1, 2, 3]), RegisterWrite(address: 45, words: [7]),
    ])
    #expect(await bench.session.perform(order) == .written)
    #expect(try bench.device.line() == "write 50 1 2 3")
    #expect(try bench.device.line() == "write 45 7")
    #expect(try await bench.words(at: 50, count: 3) == [1, 2, 3])
  }

  @Test("an order that is void by the time of its turn is not written")
  func void() async throws {
    guard let bench = try Bench("{\"unit\": 1, \(Self.registers)}", try Self.profile()) else {
      return
    }
    defer { bench.device.finish() }
    let order = Self.order([RegisterWrite(address: 50, words: [1])])
    let questions = Mutex(0)
    for turn in 1...2 {
      questions.withLock { $0 = 0 }
      let result = await bench.session.perform(order) {
        questions.withLock { count in
          count += 1
          return count == turn
        }
      }
      #expect(result == .notWritten(reason: "the order came too late"))
    }
    #expect(try await bench.words(at: 50) == [0])
  }

  @Test("what is held already is not written where flash is to be spared, part by part")
  func spares() async throws {
    guard let bench = try Bench("{\"unit\": 1, \(Self.registers)}", try Self.profile()) else {
      return
    }
    defer { bench.device.finish() }
    let held = RegisterWrite(address: 70, words: [9])
    #expect(await bench.session.perform(Self.order([held], spares: true)) == .held)
    let other = RegisterWrite(address: 60, words: [4])
    #expect(await bench.session.perform(Self.order([held, other], spares: true)) == .written)
    // The one line is of the register that held something else.
    #expect(try bench.device.line() == "write 60 4")
    #expect(await bench.session.perform(Self.order([held, other], spares: true)) == .held)
    #expect(await bench.session.perform(Self.order([held])) == .written)
    #expect(try bench.device.line() == "write 70 9")
  }

  @Test("says whether the device refused, kept what it had, or may have taken it")
  func faults() async throws {
    let description =
      "{\"unit\": 1, \(Self.registers), \"refused\": [80], \"stubborn\": [81], \"slow\": [82]}"
    guard let bench = try Bench(description, try Self.profile()) else { return }
    defer { bench.device.finish() }
    guard
      case .refused(let refusal) = await bench.session.perform(
        Self.order([RegisterWrite(address: 80, words: [1])]))
    else {
      Issue.record("a refusal is one")
      return
    }
    #expect(refusal.contains("exception 3"))
    guard
      case .refused(let stubborn) = await bench.session.perform(
        Self.order([RegisterWrite(address: 81, words: [5])]))
    else {
      Issue.record("a device that keeps what it had has refused")
      return
    }
    #expect(stubborn.contains("[5] at 81 and holds [0]"))
    guard
      case .uncertain = await bench.session.perform(
        Self.order([RegisterWrite(address: 82, words: [6])]))
    else {
      Issue.record("a write without an answer may have arrived")
      return
    }
    // A time-out that counts down is no refusal.
    let timeout = RegisterWrite(address: 81, words: [60], unchecked: [0])
    #expect(await bench.session.perform(Self.order([timeout])) == .written)
  }

  @Test("a device that can't be reached was surely not written")
  func gone() async throws {
    let bus = ModbusBus(host: "127.0.0.1", port: 1, timeout: TimeSpan(seconds: 2))
    let session = DeviceSession(device: "akku", unit: 1, map: try Self.profile(), bus: bus)
    guard
      case .notWritten = await session.perform(
        Self.order([RegisterWrite(address: 80, words: [1])]))
    else {
      Issue.record("nobody listens there")
      return
    }
  }

  @Test("a SunSpec device is told through its models, and given back with what it held before")
  func sunSpec() async throws {
    var reading = DeviceReading(device: "akku", at: .distantPast)
    reading.pvPower = Power(watts: 3000)
    reading.inverterPower = Power(watts: 2000)
    reading.batteryPower = Power(watts: 1000)
    reading.stateOfCharge = StateOfCharge(percent: 60)
    reading.gridPower = .zero
    reading.ratedPower = Power(watts: 5000)
    reading.maximumCharge = Power(watts: 3000)
    reading.maximumDischarge = Power(watts: 3000)
    let image = SunSpecImage.image(
      of: reading, models: SunSpecImage.classic,
      nameplate: .init(maker: "Heliograph", model: "house", version: "1", serial: "1"))
    let blocks = image.holding.map { "\"\($0.address)\": \($0.words.map(Int.init))" }
    let description =
      "{\"unit\": 1, \"holding\": {\(blocks.joined(separator: ", "))}, \"seconds\": 60}"
    guard let bench = try Bench(description, .sunSpec) else { return }
    defer { bench.device.finish() }
    let controls = try await bench.session.controls()
    #expect(controls.map(\.control).contains(.batteryPower))
    #expect(controls.map(\.control).contains(.reserve))
    for control in controls where control.control == .batteryPower || control.control == .reserve {
      let value = control.control == .reserve ? StateOfCharge(percent: 40).permille : 1_500_000
      let writes = try #require(control.writes(setting: value))
      let back = try #require(control.releasingWrites())
      var before: [[UInt16]] = []
      for write in back { before.append(try await bench.words(at: write.address)) }
      #expect(await bench.session.perform(Self.order(writes)) == .written, "\(control.control)")
      #expect(await bench.session.perform(Self.order(writes, spares: true)) == .held)
      #expect(await bench.session.perform(Self.order(back)) == .written, "\(control.control)")
      var after: [[UInt16]] = []
      for write in back { after.append(try await bench.words(at: write.address)) }
      #expect(after == before, "\(control.control)")
    }
  }
}
