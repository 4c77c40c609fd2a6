import Hardware
import Quantities
import Sites
import Synchronization
import Testing
import Thrown

@Suite("A device with bad manners")
struct RudeDeviceTests {
  enum Kind: Sendable { case unreachable, silent, unintelligible }

  static let cases: [(RudeServer.Behaviour, Kind)] = [
    (.junk, .unintelligible), (.wrongTransaction, .unintelligible), (.halfFrame, .silent),
    (.silence, .silent), (.hangUp, .unreachable), (.tooManyWords, .unintelligible),
    (.otherFunction, .unintelligible), (.otherUnit, .unintelligible),
    (.tooFewWords, .unintelligible),
    (.twice, .unintelligible),
  ]

  @Test("costs one fault, and is read again at the next try", arguments: cases)
  func recovery(behaviour: RudeServer.Behaviour, kind: Kind) async throws {
    let server = try RudeServer([behaviour])
    let bus = ModbusBus(
      host: "127.0.0.1", port: server.port, timeout: TimeSpan(milliseconds: 700))
    let session = DeviceSession(
      device: "rude", unit: 1, map: .profile(try Self.profile()), bus: bus)
    switch (await session.read(at: .distantPast), kind) {
    case (.failure(.unreachable), .unreachable), (.failure(.silent), .silent),
      (.failure(.unintelligible), .unintelligible):
      break
    case (let other, _): Issue.record("\(other) instead of \(kind)")
    }
    let reading = try await session.read(at: .distantPast).get()
    #expect(reading.pvPower == Power(watts: 7))
    await bus.disconnect()
    server.stop()
  }

  /// A session with the server that waits long enough for a busy machine.
  static func patient(_ server: RudeServer) throws -> (ModbusBus, DeviceSession) {
    let bus = ModbusBus(
      host: "127.0.0.1", port: server.port, timeout: TimeSpan(milliseconds: 10_000))
    return (
      bus, DeviceSession(device: "rude", unit: 1, map: .profile(try profile()), bus: bus)
    )
  }

  @Test("hangs up on an idle connection, which costs nothing")
  func idle() async throws {
    let server = try RudeServer([])
    let (bus, session) = try Self.patient(server)
    #expect(try await session.read(at: .distantPast).get().pvPower == Power(watts: 7))
    server.misbehave(.hangUp)
    #expect(try await session.read(at: .distantPast).get().pvPower == Power(watts: 7))
    #expect(try await bus.connect() == 2)
    await bus.disconnect()
    server.stop()
  }

  @Test("hangs up twice in one read, which is a fault and no endless retry")
  func twice() async throws {
    let server = try RudeServer([])
    let (bus, session) = try Self.patient(server)
    #expect(try await session.read(at: .distantPast).get().pvPower == Power(watts: 7))
    server.misbehave(.hangUp)
    server.misbehave(.hangUp)
    guard case .failure(.unreachable) = await session.read(at: .distantPast) else {
      Issue.record("the second hang-up in a row is no reading")
      return
    }
    #expect(try await session.read(at: .distantPast).get().pvPower == Power(watts: 7))
    await bus.disconnect()
    server.stop()
  }

  @Test("numbers its answers on its own, which is learned by asking and then let pass")
  func ownNumbers() async throws {
    let gateway = try ScriptedDevice { request, _ in
      var frame = request.frame(ScriptedDevice.addresses(request))
      frame[0] = 0
      frame[1] = 0
      return ServedAnswer(frame)
    }
    defer { gateway.stop() }
    let bus = ModbusBus(host: "127.0.0.1", port: gateway.port, timeout: TimeSpan(seconds: 20))
    #expect(try await bus.read(ModbusBusTests.plan[0], unit: 1) == Array(100...109))
    #expect(gateway.spans.map(\.count) == [10, 1, 2, 3, 10])
    #expect(try await bus.read(ModbusBusTests.plan[1], unit: 1) == Array(200...203))
    #expect(gateway.spans.count == 6)
  }

  @Test("answers each question with the answer to the one before, which is never believed")
  func oneBehind() async throws {
    let last = Mutex<[UInt8]?>(nil)
    let device = try ScriptedDevice { request, _ in
      last.withLock { last in
        let frame = request.frame(ScriptedDevice.addresses(request))
        defer { last = frame }
        return ServedAnswer(last ?? frame)
      }
    }
    defer { device.stop() }
    let bus = ModbusBus(host: "127.0.0.1", port: device.port, timeout: TimeSpan(seconds: 20))
    #expect(try await bus.read(ModbusBusTests.plan[0], unit: 1) == Array(100...109))
    let elsewhere = RegisterSpan(table: .holding, address: 500, count: 10)
    for _ in 0..<4 {
      let error = await thrownLater(ModbusError.self) { try await bus.read(elsewhere, unit: 1) }
      #expect(error?.code == .garbled)
    }
  }

  @Test("says something that nobody asked, which is not taken for an answer")
  func unasked() async throws {
    let server = try RudeServer([])
    let (bus, session) = try Self.patient(server)
    #expect(try await session.read(at: .distantPast).get().pvPower == Power(watts: 7))
    // Answers to a question of long ago, should the number be the one that comes next.
    server.say([0, 0, 0, 0, 0, 5, 1, 4, 2, 0, 99])
    #expect(try await session.read(at: .distantPast).get().pvPower == Power(watts: 7))
    #expect(try await bus.connect() == 2)
    await bus.disconnect()
    server.stop()
  }

  static func profile() throws -> DeviceProfile {
    var manners = DeviceProfile.Manners()
    manners.table = .input
    return try DeviceProfile(
      name: "rude", maker: "nobody", devices: "none", manners: manners,
      registers: [DeviceRegister(quantity: .pvPower, address: 3, type: .u16)])
  }
}
