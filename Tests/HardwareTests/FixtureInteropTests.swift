import Glibc
import Hardware
import Quantities
import Sites
import Testing
import Thrown

/// Every profile over a wire that nobody here wrote.
@Suite("Other people's Modbus, with every fixture")
struct FixtureInteropTests {
  @Test("means the same when pymodbus serves it over TCP")
  func network() async throws {
    guard let python = InteropProcess.python() else { return }
    let (names, units) = try Self.devices()
    let server = try InteropProcess(
      python: python, script: "pymodbus_device.py", arguments: ["[\(units)]"])
    defer { server.finish() }
    let port = try #require(UInt16(try server.line()))
    try await Self.check(names, over: .tcp(host: "127.0.0.1", port: port))
  }

  @Test("means the same when pymodbus serves it on a serial line")
  func serialLine() async throws {
    guard let python = InteropProcess.python() else { return }
    guard access("/usr/bin/socat", X_OK) == 0 else {
      return print("SKIPPED: no socat; apt-get install socat")
    }
    let (names, units) = try Self.devices()
    let server = try InteropProcess(
      python: python, script: "pymodbus_device.py",
      arguments: ["{\"serial\": {\"baud\": 115200}, \"units\": [\(units)]}"])
    defer { server.finish() }
    let line = SerialLine(path: try server.line(), format: SerialFormat(baud: 115_200))
    try await Self.check(names, over: .serial(line))
  }

  /// Every profile's fixture, each as a unit of its own from 1 on.
  private static func devices() throws -> (names: [String], units: String) {
    let names = ProfileFixtureTests.profiles
    let descriptions = try names.enumerated().map { index, name in
      description(of: try ProfileFixtureTests.dump(name).image, unit: index + 1)
    }
    return (names, descriptions.joined(separator: ","))
  }

  /// Reads each as its profile says, in the order of their units.
  private static func check(_ names: [String], over endpoint: ModbusEndpoint) async throws {
    #expect(names.count >= 16)
    let bus = ModbusBus(endpoint, timeout: TimeSpan(seconds: 20))
    for (index, name) in names.enumerated() {
      let map = RegisterMap(try BundledProfiles.named(name))
      // At once: what the maker's device wants between two requests is not pymodbus's.
      let image = try await bus.read(
        map.slowPlan + map.plan, numbers: map.numbers, unit: UInt8(index + 1),
        pace: ModbusPace(DeviceProfile.Manners()))
      let reading = map.decode(image, device: name, at: .distantPast)
      for meaning in try ProfileFixtureTests.dump(name).meanings {
        #expect(reading[meaning.quantity] == meaning.value, "\(name): \(meaning.quantity)")
      }
    }
    await bus.disconnect()
  }

  /// What the script is to serve: unit, and the blocks of each table by address.
  private static func description(of image: RegisterImage, unit: Int) -> String {
    let tables = RegisterTable.allCases.map { table in
      let blocks = image.blocks(of: table).map { "\"\($0.address)\": \($0.words)" }
      return "\"\(table.word)\": {\(blocks.joined(separator: ", "))}"
    }
    return "{\"unit\": \(unit), \(tables.joined(separator: ", "))}"
  }
}
