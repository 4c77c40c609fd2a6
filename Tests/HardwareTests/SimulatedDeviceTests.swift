import Hardware
import Quantities
import Sites
import Testing
import Thrown

@Suite("Simulated devices over Modbus TCP")
struct SimulatedDeviceTests {
  static var afternoon: DeviceReading {
    var reading = DeviceReading(device: "house", at: Instant(rawValue: 42))
    reading.pvPower = Power(watts: 3100)
    reading.loadPower = Power(watts: 450)
    reading.gridPower = Power(watts: -1650)
    reading.batteryPower = Power(watts: 1000)
    reading.stateOfCharge = StateOfCharge(percent: 71)
    return reading
  }

  /// The same, and plausible values for what else the profile reads.
  static func whole(_ reading: DeviceReading, by profile: DeviceProfile) -> DeviceReading {
    var whole = reading
    for register in profile.registers where whole[register.quantity] == nil {
      whole[register.quantity] =
        register.quantity == .operatingState
        ? OperatingState.producing.rawValue : 1200 * register.quantity.base
    }
    return whole
  }

  @Test("are read as their profile says", arguments: ["growatt-sph", "victron-gx"])
  func profile(name: String) async throws {
    let profile = try BundledProfiles.named(name)
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    let afternoon = Self.whole(Self.afternoon, by: profile)
    server.update(image: RegisterMap(profile).encode(afternoon), unit: 100)
    let bus = ModbusBus(host: "127.0.0.1", port: server.port)
    let session = DeviceSession(device: "house", unit: 100, map: .profile(profile), bus: bus)
    #expect(await session.read(at: Instant(rawValue: 42)) == .success(afternoon))
    var evening = afternoon
    evening.pvPower = .zero
    evening.batteryPower = Power(watts: -450)
    evening.gridPower = .zero
    server.update(image: RegisterMap(profile).encode(evening), unit: 100)
    #expect(await session.read(at: Instant(rawValue: 42)) == .success(evening))
  }

  @Test("share one connection when they share an address")
  func sharedBus() async throws {
    let inverter = try BundledProfiles.named("growatt-sph")
    let meter = try BundledProfiles.named("eastron-sdm630")
    var metered = DeviceReading(device: "meter", at: Instant(rawValue: 42))
    metered.gridPower = Power(watts: -1650)
    metered.importedTotal = Energy(wattHours: 1_500)
    metered.exportedTotal = Energy(wattHours: 2_250)
    metered.totalResolution = Energy(wattHours: 10)
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    let afternoon = Self.whole(Self.afternoon, by: inverter)
    server.update(image: RegisterMap(inverter).encode(afternoon), unit: 1)
    server.update(image: RegisterMap(meter).encode(metered), unit: 2)
    let bus = ModbusBus(host: "127.0.0.1", port: server.port)
    let first = DeviceSession(device: "house", unit: 1, map: .profile(inverter), bus: bus)
    let second = DeviceSession(device: "meter", unit: 2, map: .profile(meter), bus: bus)
    async let one = first.read(at: Instant(rawValue: 42))
    async let two = second.read(at: Instant(rawValue: 42))
    #expect(await one == .success(afternoon))
    #expect(await two == .success(metered))
    #expect(try await bus.connect() == 1)
  }

  @Test("are discovered by SunSpec, and looked at anew after they were away")
  func sunSpec() async throws {
    let nameplate = SunSpecImage.Nameplate(maker: "x", model: "x", version: "1", serial: "1")
    var reading = Self.afternoon
    reading.loadPower = nil
    reading.inverterPower = Power(watts: 2100)
    reading.operatingState = .producing
    reading.batteryCapacity = Energy(wattHours: 9_600)
    reading.importedTotal = Energy(wattHours: 10)
    reading.exportedTotal = Energy(wattHours: 20)
    reading.totalResolution = Energy(wattHours: 1)
    let server = try ModbusServer(port: 0)
    let port = server.port
    server.update(
      image: SunSpecImage.image(of: reading, storage: .battery, nameplate: nameplate), unit: 1)
    let bus = ModbusBus(host: "127.0.0.1", port: port)
    let session = DeviceSession(device: "house", unit: 1, map: .sunSpec, bus: bus)
    #expect(await session.read(at: reading.at) == .success(reading))
    #expect(await session.read(at: reading.at) == .success(reading))
    server.stop()
    guard case .failure(.unreachable) = await session.read(at: reading.at) else {
      Issue.record("a device that is gone is unreachable")
      return
    }
    // It comes back with other models at other places.
    let again = try ModbusServer(port: port)
    defer { again.stop() }
    again.update(
      image: SunSpecImage.image(of: reading, storage: nil, nameplate: nameplate), unit: 1)
    let bare = try await session.read(at: reading.at).get()
    #expect(bare.pvPower == Power(watts: 2100))
    #expect(bare.batteryPower == nil)
    #expect(bare.exportedTotal == reading.exportedTotal)
  }

  @Test("are looked for at the other SunSpec addresses too, and need no end marker")
  func sunSpecElsewhere() async throws {
    let nameplate = SunSpecImage.Nameplate(maker: "x", model: "x", version: "1", serial: "1")
    let image = SunSpecImage.image(of: Self.afternoon, storage: nil, nameplate: nameplate)
    var moved = RegisterImage()
    let words = try #require(image.holding.first?.words)
    moved.write(words.dropLast(2), at: 50000, in: .holding)
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    server.update(image: moved, unit: 126)
    let bus = ModbusBus(host: "127.0.0.1", port: server.port)
    let session = DeviceSession(device: "house", unit: 126, map: .sunSpec, bus: bus)
    #expect(try await session.read(at: .distantPast).get().gridPower == Power(watts: -1650))
  }

  @Test("say what to check when the unit, the registers or SunSpec are missing")
  func absences() async throws {
    let profile = try BundledProfiles.named("growatt-sph")
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    server.update(image: RegisterImage(), unit: 1)
    let bus = ModbusBus(host: "127.0.0.1", port: server.port)
    func fault(unit: UInt8, _ map: DeviceSession.Map) async -> String {
      let session = DeviceSession(device: "house", unit: unit, map: map, bus: bus)
      guard case .failure(.unintelligible(let text)) = await session.read(at: .distantPast) else {
        return ""
      }
      return text
    }
    let place = "127.0.0.1:\(server.port)"
    #expect(
      await fault(unit: 1, .profile(profile))
        == "93 input registers at 0 of unit 1 at \(place) refused: exception 2, "
        + "illegal data address; check unit and profile")
    #expect(
      await fault(unit: 9, .profile(profile)).contains(
        "exception 11, gateway target did not answer"))
    #expect(
      await fault(unit: 1, .sunSpec).hasPrefix(
        "no SunSpec in unit 1 at \(place)"))
    // Refusals are answers: one connection served them all.
    #expect(try await bus.connect() == 1)
  }

  @Test("are unreachable when nothing listens")
  func nobody() async throws {
    let server = try ModbusServer(port: 0)
    server.stop()
    server.stop()
    let session = DeviceSession(
      device: "house", unit: 1, map: .sunSpec,
      bus: ModbusBus(host: "127.0.0.1", port: server.port))
    guard case .failure(.unreachable(let text)) = await session.read(at: .distantPast) else {
      Issue.record("nobody can't answer")
      return
    }
    #expect(text.contains("can't connect to 127.0.0.1:\(server.port)"))
  }

  @Test("can't share a port, and say so")
  func portTaken() throws {
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    let error = thrown(ModbusError.self) { try ModbusServer(port: server.port) }
    #expect(error?.message.hasPrefix("can't listen at 127.0.0.1:\(server.port)") == true)
  }
}
