import Hardware
import Quantities
import Sites
import Testing

@Suite("A SunSpec device's session")
struct SunSpecSessionTests {
  static func image(
    watts: Int64 = 2000, models: [UInt16] = [1, 103, 120, 203], serial: String = "7"
  ) -> RegisterImage {
    var reading = DeviceReading(device: "house", at: .distantPast)
    reading.pvPower = Power(watts: watts)
    reading.gridPower = Power(watts: -300)
    reading.ratedPower = Power(watts: 5000)
    return SunSpecImage.image(
      of: reading, models: models,
      nameplate: .init(maker: "x", model: "x", version: "1", serial: serial))
  }

  func session(_ server: ModbusServer) -> DeviceSession {
    DeviceSession(
      device: "house", unit: 1, map: .sunSpec,
      bus: ModbusBus(host: "127.0.0.1", port: server.port, timeout: TimeSpan(seconds: 20)))
  }

  @Test("looks for the models anew when the list changes on one connection")
  func changedList() async throws {
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    let session = session(server)
    server.update(image: Self.image(), unit: 1)
    #expect(try await session.read(at: .distantPast).get().gridPower == Power(watts: -300))
    server.update(image: Self.image(models: [1, 120, 103, 203]), unit: 1)
    guard case .failure(.unintelligible(let text)) = await session.read(at: .distantPast) else {
      Issue.record("models that moved are no reading")
      return
    }
    #expect(text.contains("changed its SunSpec models"))
    #expect(try await session.read(at: .distantPast).get().pvPower == Power(watts: 2000))
  }

  @Test("looks for the models anew when another device answers, at the next look at the texts")
  func changedSerial() async throws {
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    let session = session(server)
    server.update(image: Self.image(), unit: 1)
    let start = Instant(rawValue: 0)
    #expect(try await session.read(at: start).get().pvPower == Power(watts: 2000))
    server.update(image: Self.image(watts: 1000, serial: "8"), unit: 1)
    let later = start + TimeSpan(minutes: 1)
    guard case .failure(.unintelligible) = await session.read(at: later) else {
      Issue.record("another serial number is another device")
      return
    }
    #expect(try await session.read(at: later).get().pvPower == Power(watts: 1000))
  }

  @Test("keeps ratings for a minute, and reads powers every time")
  func slow() async throws {
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    let session = session(server)
    server.update(image: Self.image(), unit: 1)
    let start = Instant(rawValue: 0)
    #expect(try await session.read(at: start).get().ratedPower == Power(watts: 5000))
    // 103 ends at 40121, so 120's rating stands at 40125.
    var image = Self.image(watts: 1500)
    image.write([4600], at: 40125, in: .holding)
    server.update(image: image, unit: 1)
    let soon = try await session.read(at: start + TimeSpan(seconds: 59)).get()
    #expect(soon.pvPower == Power(watts: 1500))
    #expect(soon.ratedPower == Power(watts: 5000))
    let later = try await session.read(at: start + TimeSpan(seconds: 60)).get()
    #expect(later.ratedPower == Power(watts: 4600))
    // A clock that was set back is no reason to keep them for ever.
    server.update(image: Self.image(), unit: 1)
    let back = try await session.read(at: start - TimeSpan(minutes: 60)).get()
    #expect(back.ratedPower == Power(watts: 5000))
  }

  @Test("goes on without a model whose registers are refused")
  func refusedModel() async throws {
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    let session = session(server)
    // 203 says that it has 105 registers, and has ten.
    let whole = try #require(Self.image().holding.first?.words)
    var image = RegisterImage()
    image.write(Array(whole.prefix(2 + 68 + 52 + 28 + 10)), at: 40000, in: .holding)
    server.update(image: image, unit: 1)
    let reading = try await session.read(at: .distantPast).get()
    #expect(reading.pvPower == Power(watts: 2000))
    #expect(reading.gridPower == nil)
  }

  /// A battery of 5 kW with its rates, and what was written to its reserve; 124 stands at 40122.
  private func storage(reserve: UInt16?, factor: Int16 = -1) -> RegisterImage {
    var reading = DeviceReading(device: "house", at: .distantPast)
    reading.maximumCharge = Power(watts: 5000)
    reading.stateOfCharge = StateOfCharge(percent: 50)
    var image = SunSpecImage.image(
      of: reading, models: [1, 103, 124],
      nameplate: .init(maker: "x", model: "x", version: "1", serial: "7"))
    if let reserve { image.write([reserve], at: 40129, in: .holding) }
    image.write([UInt16(bitPattern: factor)], at: 40147, in: .holding)
    return image
  }

  @Test("knows a reserve's own value after it was written, over a new connection too")
  func reserve() async throws {
    let server = try ModbusServer(port: 0)
    let port = server.port
    let session = session(server)
    server.update(image: storage(reserve: 70), unit: 1)
    func release() async throws -> ControlRegister.Content? {
      try await session.sunSpecControls().first { $0.control == .reserve }?.release.first?.content
    }
    #expect(try await release() == .constant(70))
    server.update(image: storage(reserve: 400), unit: 1)
    _ = try await session.read(at: .distantPast).get()
    #expect(try await release() == .constant(70))
    server.stop()
    _ = await session.read(at: .distantPast)
    let again = try ModbusServer(port: port)
    defer { again.stop() }
    again.update(image: storage(reserve: 400), unit: 1)
    _ = try await session.read(at: .distantPast).get()
    #expect(try await release() == .constant(70))
  }

  @Test("follows a control's scale factor, and keeps what a sleeping inverter doesn't tell")
  func scales() async throws {
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    let session = session(server)
    func scale() async throws -> RegisterScale? {
      let controls = try await session.sunSpecControls()
      let control = controls.first { $0.control == .batteryPower }
      return control?.write.first { $0.content == .requested }?.scale
    }
    server.update(image: storage(reserve: nil), unit: 1)
    #expect(try await scale() == RegisterScale(5, over: 1))
    server.update(image: storage(reserve: nil, factor: 0), unit: 1)
    _ = try await session.read(at: .distantPast).get()
    #expect(try await scale() == RegisterScale(50, over: 1))
    server.update(image: storage(reserve: nil, factor: Int16.min), unit: 1)
    _ = try await session.read(at: .distantPast).get()
    #expect(try await scale() == RegisterScale(50, over: 1))
  }

  @Test("says which units to try where no SunSpec is")
  func advice() async throws {
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    server.update(image: RegisterImage(), unit: 3)
    let session = DeviceSession(
      device: "house", unit: 3, map: .sunSpec,
      bus: ModbusBus(host: "127.0.0.1", port: server.port))
    guard case .failure(.unintelligible(let text)) = await session.read(at: .distantPast) else {
      Issue.record("nothing was found")
      return
    }
    #expect(
      text == "no SunSpec in unit 3 at 127.0.0.1:\(server.port); check the unit number "
        + "(126 for SMA, 240 or 200 for a Fronius meter), or switch SunSpec on there")
  }
}
