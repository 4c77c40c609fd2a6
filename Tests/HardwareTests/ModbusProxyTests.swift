import Dispatch
import Glibc
import Hardware
import Quantities
import Sites
import Synchronization
import Testing
import Thrown

@Suite("A proxy in front of a device that takes one connection")
struct ModbusProxyTests {
  static let span = RegisterSpan(table: .holding, address: 100, count: 10)
  static let part = RegisterSpan(table: .holding, address: 104, count: 2)

  /// A device that takes one connection, the agent's bus to it, and the proxy.
  final class Setup: Sendable {
    let device: ScriptedDevice
    let bus: ModbusBus
    let proxy: ModbusProxy

    init(
      maximumAge: TimeSpan = TimeSpan(minutes: 5), timeout: TimeSpan = TimeSpan(seconds: 20),
      allowsWrites: Bool = false, _ script: @escaping ScriptedDevice.Script = { _, _ in nil }
    ) throws {
      device = try ScriptedDevice(maximumClients: 1, script)
      bus = ModbusBus(
        host: "127.0.0.1", port: device.port, timeout: timeout, maximumAge: maximumAge)
      proxy = try ModbusProxy(of: bus, port: 0, allowsWrites: allowsWrites)
    }

    func client() -> ModbusBus {
      ModbusBus(host: "127.0.0.1", port: proxy.port, timeout: TimeSpan(seconds: 40))
    }

    func stop() {
      proxy.stop()
      device.stop()
    }
  }

  @Test("answers from what the agent read, within the age limit and of one moment")
  func cached() async throws {
    let setup = try Setup()
    defer { setup.stop() }
    _ = try await setup.bus.read([Self.span], unit: 1)
    let (first, second) = (setup.client(), setup.client())
    #expect(try await first.read(Self.span, unit: 1) == Array(100...109))
    #expect(try await second.read(Self.part, unit: 1) == [104, 105])
    #expect(setup.device.requests.count == 1)
    // What no single read covered is asked for, and then known too; another unit is another device.
    let wider = RegisterSpan(table: .holding, address: 105, count: 10)
    #expect(try await first.read(wider, unit: 1) == Array(105...114))
    #expect(try await second.read(wider, unit: 1) == Array(105...114))
    #expect(try await second.read(Self.part, unit: 2) == [104, 105])
    let input = RegisterSpan(table: .input, address: 104, count: 2)
    #expect(try await second.read(input, unit: 1) == [104, 105])
    #expect(setup.device.spans == [Self.span, wider, Self.part, input])
    #expect(try await setup.bus.connect() == 1)
  }

  @Test("asks the device when what it knows is too old")
  func old() async throws {
    let setup = try Setup(maximumAge: TimeSpan(milliseconds: 1))
    defer { setup.stop() }
    let client = setup.client()
    var polls = 0
    // As soon as an answer is older than a millisecond, the device is asked again.
    while setup.device.requests.count < 2, polls < 10_000 {
      _ = try await client.read(Self.span, unit: 1)
      polls += 1
    }
    #expect(setup.device.requests.count == 2)
  }

  @Test("passes refusals on, and what it does not know")
  func refusals() async throws {
    let setup = try Setup { request, _ in
      if request.function == 2 { return ServedAnswer(request.frame([2, 1, 0b10])) }
      return ServedAnswer(request.frame(request.reply(exception: 6)))
    }
    defer { setup.stop() }
    let client = setup.client()
    let busy = await thrownLater(ModbusError.self) { try await client.read(Self.span, unit: 1) }
    #expect(busy?.code == .refused(6))
    #expect(try await client.readBits(.discrete, at: 0, count: 2, unit: 1) == [false, true])
  }

  @Test("refuses writes, unless they are allowed: then they arrive and what was known is forgotten")
  func writes() async throws {
    let closed = try Setup()
    let client = closed.client()
    for alone in [true, false] {
      let error = await thrownLater(ModbusError.self) {
        try await client.write([1], at: 104, unit: 1, alone: alone)
      }
      #expect(error?.code == .refused(1))
    }
    #expect(closed.device.requests.isEmpty)
    closed.stop()
    let open = try Setup(allowsWrites: true)
    defer { open.stop() }
    let writer = open.client()
    #expect(try await writer.read(Self.span, unit: 1) == Array(100...109))
    try await writer.write([1, 2], at: 104, unit: 1)
    #expect(open.device.requests.last?.request.write == RegisterWrite(address: 104, words: [1, 2]))
    _ = try await writer.read(Self.part, unit: 1)
    #expect(open.device.requests.count == 3)
  }

  @Test("says at once that a device is gone, after it was waited for once")
  func gone() async throws {
    let setup = try Setup(timeout: TimeSpan(milliseconds: 300)) { request, _ in
      request.unit == 1 ? ServedAnswer([]) : nil
    }
    defer { setup.stop() }
    let clients = (0..<8).map { _ in setup.client() }
    await withTaskGroup(of: ModbusError.Code?.self) { group in
      for client in clients {
        group.addTask {
          await thrownLater(ModbusError.self) { try await client.read(Self.span, unit: 1) }?.code
        }
      }
      for await code in group { #expect(code == .refused(11)) }
    }
    // One of them waited for it; the others were told.
    #expect(setup.device.requests.count == 1)
    // Another unit of the place is not judged by it.
    #expect(try await clients[0].read(Self.part, unit: 2) == [104, 105])
  }

  @Test("serves sixteen, and a client that takes no answers costs nobody anything")
  func slow() async throws {
    let setup = try Setup()
    defer { setup.stop() }
    _ = try await setup.bus.read([Self.span], unit: 1)
    // One that asks and asks and never reads, until its own buffer is full.
    let lazy = try LazyClient(port: setup.proxy.port)
    defer { lazy.close() }
    lazy.askUntilFull(ModbusRequest.read(Self.span, unit: 1))
    let clients = (0..<20).map { _ in setup.client() }
    for client in clients {
      #expect(try await client.read(Self.span, unit: 1) == Array(100...109))
    }
    // More than sixteen: who was quiet for longest was hung up on, and comes back.
    for client in clients {
      #expect(try await client.read(Self.part, unit: 1) == [104, 105])
    }
    #expect(setup.device.requests.count == 1)
  }

  @Test("clients who come, ask and go fill no memory, and the agent waits for one of them at most")
  func storm() async throws {
    let gate = DispatchSemaphore(value: 0)
    let setup = try Setup { _, _ in
      gate.wait()
      return nil
    }
    defer {
      for _ in 0..<100 { gate.signal() }
      setup.stop()
    }
    var clients: [LazyClient] = []
    defer { for client in clients { client.close() } }
    for index in 0..<40 {
      let client = try LazyClient(port: setup.proxy.port)
      clients.append(client)
      client.ask(.read(RegisterSpan(table: .holding, address: 1000 + index, count: 1), unit: 1))
    }
    // One is with the device and sixteen wait: the last one hears that it is busy.
    #expect(clients.last?.answer().suffix(2) == [0x83, 6])
    let isAsked = Atomic(false)
    let reading = Task {
      isAsked.store(true, ordering: .releasing)
      return try await setup.bus.read(Self.span, unit: 1)
    }
    while !isAsked.load(ordering: .acquiring) { await Task.yield() }
    while !setup.device.spans.contains(Self.span), setup.device.requests.count < 40 {
      let served = setup.device.requests.count
      gate.signal()
      while setup.device.requests.count == served { await Task.yield() }
    }
    let place = setup.device.spans.firstIndex(of: Self.span) ?? .max
    #expect(place < 12)
    #expect(try await reading.value == Array(100...109))
  }

  @Test("calls a write whatever is not known to read only")
  func functions() {
    for body: [UInt8] in [[0], [5], [6], [8], [15], [16], [21], [22], [23], [43, 13], [43], [90]] {
      #expect(ModbusRequest(unit: 1, body: body).isWrite, "\(body)")
    }
    for body: [UInt8] in [[1], [2], [3], [4], [7], [17], [20], [43, 14, 1, 0]] {
      #expect(!ModbusRequest(unit: 1, body: body).isWrite, "\(body)")
    }
  }

  @Test("is read by mbpoll beside the agent, over the device's only connection")
  func mbpoll() async throws {
    guard access("/usr/bin/mbpoll", X_OK) == 0 else {
      return print("SKIPPED: no mbpoll; apt-get install mbpoll")
    }
    let setup = try Setup(maximumAge: TimeSpan(milliseconds: 50))
    defer { setup.stop() }
    let polling = Task {
      var polls = 0
      repeat {
        let image = try await setup.bus.read([Self.span], unit: 1)
        #expect(image.words(in: Self.span) != nil)
        polls += 1
      } while !Task.isCancelled
      return polls
    }
    let outside = RegisterSpan(table: .holding, address: 500, count: 3)
    for _ in 0..<5 {
      // mbpoll counts registers from 1.
      let text = try CommandText.run(
        "/usr/bin/mbpoll",
        [
          "-m", "tcp", "-o", "10", "-p", "\(setup.proxy.port)", "-a", "1", "-r", "501", "-c", "3",
          "-1",
          "127.0.0.1",
        ]
      ).text
      for (register, value) in [(501, 500), (502, 501), (503, 502)] {
        #expect(text.contains("[\(register)]: \t\(value)"), "\(text)")
      }
    }
    polling.cancel()
    #expect(try await polling.value > 0)
    #expect(setup.device.spans.contains(outside))
    #expect(try await setup.bus.connect() == 1)
  }
}
