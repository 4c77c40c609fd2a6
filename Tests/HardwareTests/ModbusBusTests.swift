import Hardware
import Quantities
import Sites
import Testing
import Thrown

@Suite("A bus over TCP")
struct ModbusBusTests {
  static let plan = [
    RegisterSpan(table: .holding, address: 100, count: 10),
    RegisterSpan(table: .holding, address: 200, count: 4),
  ]
  /// 100…101, 102…103, 106, 108…109 and 200…203.
  static let numbers = [(100, 2), (102, 2), (106, 1), (108, 2), (200, 4)].map {
    RegisterSpan(table: .holding, address: $0.0, count: $0.1)
  }

  private func bus(_ device: ScriptedDevice) -> ModbusBus {
    ModbusBus(host: "127.0.0.1", port: device.port, timeout: TimeSpan(seconds: 20))
  }

  /// Refuses every request that touches `lacking`.
  private func device(lacking: Set<Int>, exception: UInt8 = 2) throws -> ScriptedDevice {
    try ScriptedDevice { request, _ in
      guard let span = request.span, !lacking.isDisjoint(with: span.address..<span.end) else {
        return nil
      }
      return ServedAnswer(request.frame(request.reply(exception: exception)))
    }
  }

  @Test("reads a plan whole, in as many requests as it has spans")
  func plan() async throws {
    let device = try device(lacking: [])
    defer { device.stop() }
    let image = try await bus(device).read(Self.plan, numbers: Self.numbers, unit: 1)
    #expect(image.words(in: Self.plan[0]) == Array(100...109))
    #expect(image.words(in: Self.plan[1]) == Array(200...203))
    #expect(device.spans == Self.plan)
  }

  @Test(
    "cuts what is refused between whole numbers, and asks for what is lacking once",
    arguments: [UInt8(2), 3])
  func split(exception: UInt8) async throws {
    let device = try device(lacking: [102], exception: exception)
    defer { device.stop() }
    let bus = bus(device)
    let image = try await bus.read(Self.plan, numbers: Self.numbers, unit: 1)
    #expect(image.words(in: Self.numbers[0]) == [100, 101])
    #expect(image.words(in: Self.numbers[1]) == nil)
    #expect(image.words(in: Self.numbers[2]) == [106])
    #expect(image.words(in: Self.numbers[3]) == [108, 109])
    #expect(image.words(in: Self.plan[1]) == Array(200...203))
    // No request began or ended within a number.
    for span in device.spans {
      for number in Self.numbers {
        let shared =
          max(
            span.address, number.address)..<max(
            span.address, number.address, min(span.end, number.end))
        #expect(shared.isEmpty || shared.count == number.count)
      }
    }
    let before = device.spans.count
    let again = try await bus.read(Self.plan, numbers: Self.numbers, unit: 1)
    #expect(again == image)
    let second = device.spans[before...]
    #expect(!second.contains { ($0.address..<$0.end).contains(102) })
    #expect(second.count == 3)
    // Another unit is not judged by this one, and a new connection judges anew.
    _ = try await bus.read([Self.plan[0]], numbers: Self.numbers, unit: 2)
    #expect(device.spans[(before + 3)] == Self.plan[0])
    await bus.disconnect()
    let count = device.spans.count
    _ = try await bus.read([Self.plan[0]], numbers: Self.numbers, unit: 1)
    #expect(device.spans[count] == Self.plan[0])
  }

  @Test("asks again after a while for what was lacking")
  func forgets() async throws {
    let device = try device(lacking: [102])
    defer { device.stop() }
    let bus = ModbusBus(
      .tcp(host: "127.0.0.1", port: device.port), timeout: TimeSpan(seconds: 20),
      asksAgainAfter: .zero)
    for _ in 0..<2 { _ = try await bus.read(Self.plan, numbers: Self.numbers, unit: 1) }
    #expect(device.spans.filter { $0 == Self.plan[0] }.count == 2)
  }

  @Test("asks again at each poll for what was there before and is refused now")
  func passing() async throws {
    // Refused the second time that it is asked for, and there again the third time.
    let device = try ScriptedDevice { request, number in
      [1, 2].contains(number)
        ? ServedAnswer(request.frame(request.reply(exception: 2))) : nil
    }
    defer { device.stop() }
    let bus = bus(device)
    let plan = [Self.plan[0]]
    let numbers = Array(Self.numbers.prefix(2))
    _ = try await bus.read(plan, numbers: numbers, unit: 1)
    let partly = try await bus.read(plan, numbers: numbers, unit: 1)
    #expect(partly.words(in: numbers[0]) == [100, 101])
    let whole = try await bus.read(plan, numbers: numbers, unit: 1)
    #expect(whole.words(in: plan[0]) == Array(100...109))
  }

  @Test("says what was refused where nothing of a plan is there, each time anew")
  func nothing() async throws {
    let device = try device(lacking: Set(0...65535))
    defer { device.stop() }
    let bus = bus(device)
    for _ in 0..<2 {
      let error = await thrownLater(ModbusError.self) {
        _ = try await bus.read(Self.plan, numbers: Self.numbers, unit: 1)
      }
      #expect(error?.code == .refused(2))
      #expect(
        error?.message.hasPrefix("10 holding registers at 100 of unit 1 at 127.0.0.1:") == true)
    }
    // Without numbers a refusal is one.
    let error = await thrownLater(ModbusError.self) { _ = try await bus.read(Self.plan, unit: 1) }
    #expect(error?.code == .refused(2))
  }

  @Test("writes with function 16, or with 6 where a device wants that, and says what is refused")
  func write() async throws {
    let device = try ScriptedDevice { request, _ in
      request.write?.address == 9
        ? ServedAnswer(request.frame(request.reply(exception: 4))) : nil
    }
    defer { device.stop() }
    let bus = bus(device)
    try await bus.write([1, 2, 0xFFFF], at: 1100, unit: 3)
    try await bus.write([7], at: 4, unit: 3)
    try await bus.write([7], at: 4, unit: 3, alone: true)
    let bodies = device.requests.map(\.request.body)
    #expect(bodies[0] == [16, 4, 76, 0, 3, 6, 0, 1, 0, 2, 255, 255])
    #expect(bodies[1] == [16, 0, 4, 0, 1, 2, 0, 7])
    #expect(bodies[2] == [6, 0, 4, 0, 7])
    let error = await thrownLater(ModbusError.self) { try await bus.write([1], at: 9, unit: 3) }
    #expect(error?.code == .refused(4))
    #expect(error?.mayHaveArrived == false)
  }

  @Test("never sends a write twice, and says whether it may have arrived")
  func writeOnce() async throws {
    let device = try ScriptedDevice { request, _ in
      request.write == nil ? nil : ServedAnswer([], hangsUp: true)
    }
    let bus = bus(device)
    _ = try await bus.read(Self.plan, unit: 1)
    let error = await thrownLater(ModbusError.self) { try await bus.write([1], at: 9, unit: 1) }
    #expect(error?.code == .unreachable)
    #expect(error?.mayHaveArrived == true)
    #expect(error?.message.contains("it may have arrived") == true)
    #expect(device.requests.filter { $0.request.write != nil }.count == 1)
    device.stop()
    // Not the stopped one's port: by now somebody else may listen there.
    let deaf = try #require(DeafPort())
    let nobody = ModbusBus(host: "127.0.0.1", port: deaf.number, timeout: TimeSpan(seconds: 20))
    let gone = await thrownLater(ModbusError.self) { try await nobody.write([1], at: 9, unit: 1) }
    #expect(gone?.code == .unreachable)
    #expect(gone?.mayHaveArrived == false)
  }

  @Test("reads single bits")
  func bits() async throws {
    let device = try ScriptedDevice { request, _ in
      ServedAnswer(request.frame([request.function, 2, 0b0000_0101, 0b11]))
    }
    defer { device.stop() }
    let bits = try await bus(device).readBits(.discrete, at: 0x200C, count: 10, unit: 1)
    #expect(bits == [true, false, true, false, false, false, false, false, true, true])
    #expect(device.requests.first?.request.body == [2, 0x20, 0x0C, 0, 10])
  }

  @Test("says that a host's name is unknown, and not that it refused")
  func unknownHost() async {
    // Names below "invalid" exist nowhere (RFC 6761).
    let bus = ModbusBus(host: "no-such-inverter.invalid", timeout: TimeSpan(seconds: 20))
    let error = await thrownLater(ModbusError.self) { _ = try await bus.connect() }
    #expect(error?.code == .unreachable)
    #expect(error?.message.hasPrefix("unknown host name no-such-inverter.invalid: ") == true)
  }

  @Test("waits after connecting and between requests as long as a device wants")
  func pace() async throws {
    let device = try ScriptedDevice { _, _ in nil }
    defer { device.stop() }
    var pace = ModbusPace()
    pace.connectDelay = TimeSpan(milliseconds: 120)
    pace.gap = TimeSpan(milliseconds: 40)
    let bus = bus(device)
    let start = ContinuousClock.now
    _ = try await bus.read(Self.plan + Self.plan, unit: 1, pace: pace)
    let heard = device.requests
    #expect(heard.count == 4)
    #expect(heard[0].at - start >= .milliseconds(120))
    for (before, after) in zip(heard, heard.dropFirst()) {
      #expect(after.at - before.answered >= .milliseconds(40))
    }
  }

  @Test("hangs up after each poll on a device that drops who waits")
  func disconnects() async throws {
    let device = try ScriptedDevice { _, _ in nil }
    defer { device.stop() }
    var pace = ModbusPace()
    pace.disconnects = true
    let bus = bus(device)
    _ = try await bus.read(Self.plan, unit: 1, pace: pace)
    _ = try await bus.read(Self.plan, unit: 1, pace: pace)
    #expect(try await bus.connect(pace: pace) == 3)
  }
}
