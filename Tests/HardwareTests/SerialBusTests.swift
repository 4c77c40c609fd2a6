import Glibc
import Hardware
import Quantities
import Sites
import Testing
import Thrown

@Suite("A bus over a serial line")
struct SerialBusTests {
  static let span = RegisterSpan(table: .holding, address: 40, count: 3)

  static func answer(_ request: ModbusRequest) -> [UInt8] {
    request.serialFrame(ScriptedDevice.addresses(request))
  }

  /// What unit 1 says about three holding registers when it is too late.
  static let late = ModbusRequest(unit: 1, body: [3]).serialFrame([3, 6, 0, 99, 0, 99, 0, 99])

  static func echo(_ request: ModbusRequest) -> [UInt8] {
    ModbusChecksum.framed([request.unit] + request.body)
  }

  static func bus(_ device: SerialDevice, _ timeout: TimeSpan = TimeSpan(seconds: 20)) -> ModbusBus
  {
    ModbusBus(
      .serial(SerialLine(path: device.path, format: SerialFormat(baud: 115_200))),
      timeout: timeout)
  }

  static let wires: [(name: String, wrap: @Sendable (ModbusRequest) -> [UInt8])] = [
    ("clean", { answer($0) }),
    ("echo", { echo($0) + answer($0) }),
    ("noise before", { [0, 0xFF, $0.unit] + answer($0) }),
    ("noise behind", { answer($0) + [0xFF, 0] }),
    ("echo and noise", { echo($0) + [0xFE] + answer($0) + [0] }),
    ("another unit's answer", { [9, 3, 2, 0, 1, 0x99, 0x84] + answer($0) }),
    (
      "another unit's whole answer",
      { ModbusRequest(unit: 9, body: $0.body).serialFrame([3, 6, 1, 1, 1, 1, 1, 1]) + answer($0) }
    ),
  ]

  @Test("finds the answers on any wire", arguments: wires.indices)
  func wire(index: Int) async throws {
    let wire = Self.wires[index]
    let device = try SerialDevice { request, _ in wire.wrap(request) }
    defer { device.stop() }
    let bus = Self.bus(device)
    for unit: UInt8 in [1, 2, 1, 247] {
      #expect(try await bus.read(Self.span, unit: unit) == [40, 41, 42], "\(wire.name)")
    }
    try await bus.write([7, 8], at: 5, unit: 2)
    try await bus.write([7], at: 5, unit: 2, alone: true)
    #expect(device.requests.filter { $0.write != nil }.count == 2)
    #expect(try await bus.connect() == 1)
    await bus.disconnect()
  }

  @Test("takes no late answer for the next one's, but asks another question first")
  func late() async throws {
    let device = try SerialDevice { request, number in
      switch number {
      case 0: return []
      // What was asked first is answered now, with old values, and then what was asked now.
      case 1: return Self.late + Self.answer(request)
      default: return Self.answer(request)
      }
    }
    defer { device.stop() }
    let bus = Self.bus(device, TimeSpan(milliseconds: 300))
    let error = await thrownLater(ModbusError.self) { try await bus.read(Self.span, unit: 1) }
    #expect(error?.code == .silent)
    // Another unit is not held up by it.
    #expect(try await bus.read(Self.span, unit: 2) == [40, 41, 42])
    await bus.disconnect()
  }

  @Test("asks a unit that was late with another length first, and no longer once it answered")
  func probes() async throws {
    let device = try SerialDevice { request, number in
      switch number {
      case 0: return []
      case 1: return Self.late + Self.answer(request)
      default: return Self.answer(request)
      }
    }
    defer { device.stop() }
    let bus = Self.bus(device, TimeSpan(milliseconds: 2000))
    let error = await thrownLater(ModbusError.self) { try await bus.read(Self.span, unit: 1) }
    #expect(error?.code == .silent)
    #expect(try await bus.read(Self.span, unit: 1) == [40, 41, 42])
    #expect(try await bus.read(Self.span, unit: 1) == [40, 41, 42])
    #expect(device.requests.compactMap(\.span).map(\.count) == [3, 2, 3, 3])
    await bus.disconnect()
  }

  @Test("says that a line brings noise only, and that a unit is silent behind an echo")
  func faults() async throws {
    let noisy = try SerialDevice { _, _ in [0x55, 0, 0xFF, 0x13] }
    let bus = Self.bus(noisy, TimeSpan(milliseconds: 200))
    let noise = await thrownLater(ModbusError.self) { try await bus.read(Self.span, unit: 1) }
    #expect(noise?.code == .garbled)
    #expect(noise?.message.contains("only noise came") == true)
    await bus.disconnect()
    noisy.stop()
    let absent = try SerialDevice { request, _ in Self.echo(request) }
    let other = Self.bus(absent, TimeSpan(milliseconds: 200))
    let silent = await thrownLater(ModbusError.self) { try await other.read(Self.span, unit: 1) }
    #expect(silent?.code == .silent)
    await other.disconnect()
    absent.stop()
  }

  @Test("does not take the echo of a write for its confirmation")
  func echoedWrite() async throws {
    // Writes are echoed by the adapter and reach nobody.
    let device = try SerialDevice { request, _ in
      Self.echo(request) + (request.span == nil ? [] : Self.answer(request))
    }
    defer { device.stop() }
    let bus = Self.bus(device, TimeSpan(milliseconds: 500))
    let alone = await thrownLater(ModbusError.self) {
      try await bus.write([7], at: 5, unit: 1, alone: true)
    }
    #expect(alone?.code == .silent)
    #expect(alone?.mayHaveArrived == true)
    // It was read there first, to know that there is an echo.
    #expect(device.requests.map(\.function) == [3, 6])
    await bus.disconnect()
  }

  @Test("throws away what came before it asked")
  func unasked() async throws {
    let device = try SerialDevice { request, _ in Self.answer(request) }
    defer { device.stop() }
    let bus = Self.bus(device)
    #expect(try await bus.read(Self.span, unit: 1) == [40, 41, 42])
    device.say(Self.late)
    #expect(try await bus.read(Self.span, unit: 1) == [40, 41, 42])
    await bus.disconnect()
  }

  @Test("says what to do when there is no such line")
  func absent() async {
    let bus = ModbusBus(.serial(SerialLine(path: "/dev/serial/by-id/nothing-here")))
    let error = await thrownLater(ModbusError.self) { _ = try await bus.connect() }
    #expect(error?.code == .unreachable)
    #expect(
      error?.message
        == "can't open /dev/serial/by-id/nothing-here: No such file or directory; "
        + "check that the adapter is plugged in, and its path")
  }

  @Test("has a line alone, also against the superuser, and leaves it to the next")
  func locked() async throws {
    let server = try ModbusSerialServer { request, reply in
      reply(request.answer(request.reply(words: [7]), over: .serialLine))
    }
    defer { server.stop() }
    let line = ModbusEndpoint.serial(SerialLine(path: server.path))
    let first = ModbusBus(line, timeout: TimeSpan(seconds: 20))
    try await first.connect()
    let second = ModbusBus(line, timeout: TimeSpan(seconds: 20))
    let error = await thrownLater(ModbusError.self) { try await second.connect() }
    #expect(error?.code == .unreachable)
    #expect(error?.message.contains("another program has it open") == true)
    await first.disconnect()
    let span = RegisterSpan(table: .holding, address: 0, count: 1)
    let third = ModbusBus(line, timeout: TimeSpan(seconds: 20))
    #expect(try await third.read(span, unit: 1) == [7])
    await third.disconnect()
  }

  @Test("reads several units that pymodbus serves on one line", arguments: [9600, 115_200])
  func pymodbus(baud: Int) async throws {
    guard let python = InteropProcess.python() else { return }
    guard access("/usr/bin/socat", X_OK) == 0 else {
      return print("SKIPPED: no socat; apt-get install socat")
    }
    let words = (0..<120).map { "\($0 + 7)" }.joined(separator: ", ")
    let description =
      "{\"serial\": {\"baud\": \(baud)}, \"units\": ["
      + "{\"unit\": 1, \"holding\": {\"40\": [1, 2, 3]}}, "
      + "{\"unit\": 2, \"input\": {\"0\": [\(words)]}, \"holding\": {\"5\": [0, 0]}}]}"
    let device = try InteropProcess(
      python: python, script: "pymodbus_device.py", arguments: [description])
    defer { device.finish() }
    let line = SerialLine(path: try device.line(), format: SerialFormat(baud: baud))
    let bus = ModbusBus(.serial(line), timeout: TimeSpan(seconds: 20))
    #expect(try await bus.read(Self.span, unit: 1) == [1, 2, 3])
    let long = RegisterSpan(table: .input, address: 0, count: 120)
    #expect(try await bus.read(long, unit: 2) == Array(7..<127))
    let refused = await thrownLater(ModbusError.self) { try await bus.read(Self.span, unit: 2) }
    #expect(refused?.code == .refused(2))
    try await bus.write([5, 6], at: 5, unit: 2)
    let written = RegisterSpan(table: .holding, address: 5, count: 2)
    #expect(try await bus.read(written, unit: 2) == [5, 6])
    try await bus.write([9], at: 6, unit: 2, alone: true)
    #expect(try await bus.read(written, unit: 2) == [5, 9])
    #expect(try await bus.connect() == 1)
    await bus.disconnect()
  }
}
