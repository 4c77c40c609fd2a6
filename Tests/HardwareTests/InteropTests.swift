import FoundationEssentials
import Hardware
import Quantities
import Sites
import Testing
import Thrown

@Suite("Other people's Modbus")
struct InteropTests {
  @Test("reads a device that pymodbus makes")
  func pymodbus() async throws {
    guard let python = InteropProcess.python() else { return }
    let dump = try ProfileFixtureTests.dump("growatt-sph")
    let blocks = dump.image.blocks(of: .input).map { "\"\($0.address)\": \($0.words)" }
    let description = "{\"unit\": 1, \"input\": {\(blocks.joined(separator: ", "))}}"
    let device = try InteropProcess(
      python: python, script: "pymodbus_device.py", arguments: [description])
    defer { device.finish() }
    let port = try #require(UInt16(try device.line()))
    let session = DeviceSession(
      device: "inverter", unit: 1, map: .profile(try BundledProfiles.named("growatt-sph")),
      bus: ModbusBus(host: "127.0.0.1", port: port, timeout: TimeSpan(seconds: 20)))
    let reading = try await session.read(at: Instant(rawValue: 1)).get()
    #expect(reading.pvPower == Power(milliwatts: 4_198_700))
    #expect(reading.batteryPower == Power(milliwatts: 1_523_400))
    #expect(reading.stateOfCharge == StateOfCharge(percent: 87))
    #expect(reading.gridPower == Power(watts: -7000))
    #expect(reading.loadPower == Power(milliwatts: 675_300))
    #expect(reading.importedTotal == nil)
    let absent = DeviceSession(
      device: "meter", unit: 1, map: .profile(try BundledProfiles.named("victron-gx")),
      bus: ModbusBus(host: "127.0.0.1", port: port, timeout: TimeSpan(seconds: 20)))
    guard case .failure(.unintelligible(let text)) = await absent.read(at: .distantPast) else {
      Issue.record("registers that pymodbus doesn't have are no reading")
      return
    }
    #expect(text.contains("exception 2"))
  }

  struct Scan: Decodable {
    var models: [Int]
    var points: [String: Point]

    /// A point's value: a number, a text, or nothing where it is not implemented.
    struct Point: Decodable, Equatable {
      var number: Double?
      var text: String?

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        number = try? container.decode(Double.self)
        text = try? container.decode(String.self)
      }
    }
  }

  @Test(
    "is discovered and read by pysunspec2",
    arguments: [SunSpecImage.StoreModel.battery, .controls])
  func pysunspec2(storage: SunSpecImage.StoreModel) throws {
    guard let python = InteropProcess.python() else { return }
    var reading = SimulatedDeviceTests.afternoon
    reading.batteryCapacity = Energy(wattHours: 9_600)
    reading.importedTotal = Energy(wattHours: 123_456)
    reading.exportedTotal = Energy(wattHours: 654_321)
    let nameplate = SunSpecImage.Nameplate(
      maker: "Heliograph", model: "Simulated house", version: "0.1", serial: "42")
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    server.update(
      image: SunSpecImage.image(of: reading, storage: storage, nameplate: nameplate), unit: 1)
    let client = try InteropProcess(
      python: python, script: "sunspec_scan.py", arguments: ["\(server.port)", "1"])
    defer { client.finish() }
    let scan = try JSONDecoder().decode(Scan.self, from: Data(try client.line().utf8))
    #expect(scan.models == [1, 103, Int(storage.rawValue), 203])
    #expect(scan.points["1.Mn"]?.text == "Heliograph")
    #expect(scan.points["1.Md"]?.text == "Simulated house")
    #expect(scan.points["1.SN"]?.text == "42")
    func number(_ point: String) -> Double? { scan.points[point]?.number }
    #expect(number("103.W") == 2100)
    #expect(number("103.DCW") == 3100)
    #expect(number("103.St") == 4)
    #expect(scan.points.keys.contains("103.Hz") && number("103.Hz") == nil)
    #expect(number("203.W") == -1650)
    #expect(number("203.TotWhExp") == 654_321)
    #expect(number("203.TotWhImp") == 123_456)
    #expect(scan.points.keys.contains("203.VAR") && number("203.VAR") == nil)
    switch storage {
    case .battery:
      #expect(number("802.SoC") == 71)
      #expect(number("802.W") == -1000)
      #expect(number("802.WHRtg") == 9600)
      #expect(scan.points.keys.contains("802.SoH") && number("802.SoH") == nil)
    case .controls:
      #expect(number("124.ChaState") == 71)
      #expect(scan.points.keys.contains("124.WChaMax") && number("124.WChaMax") == nil)
    }
  }
}
