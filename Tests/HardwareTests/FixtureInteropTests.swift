import Hardware
import Quantities
import Sites
import Testing

/// Every profile over a wire that nobody here wrote.
@Suite("Other people's Modbus, with every fixture")
struct FixtureInteropTests {
  @Test("means the same when pymodbus serves it")
  func pymodbus() async throws {
    guard let python = InteropProcess.python() else { return }
    let profiles = ProfileFixtureTests.profiles
    let descriptions = try profiles.enumerated().map { index, name in
      Self.description(of: try ProfileFixtureTests.dump(name).image, unit: index + 1)
    }
    let server = try InteropProcess(
      python: python, script: "pymodbus_device.py",
      arguments: ["[" + descriptions.joined(separator: ",") + "]"])
    defer { server.finish() }
    let port = try #require(UInt16(try server.line()))
    let bus = ModbusBus(host: "127.0.0.1", port: port, timeout: TimeSpan(seconds: 20))
    for (index, name) in profiles.enumerated() {
      let profile = try BundledProfiles.named(name)
      let map = RegisterMap(profile)
      var image = RegisterImage()
      for span in map.plan + map.slowPlan {
        let words = try await bus.read(
          span, unit: UInt8(index + 1), pace: ModbusPace(DeviceProfile.Manners()))
        image.write(words, at: span.address, in: span.table)
      }
      let reading = map.decode(image, device: name, at: .distantPast)
      for meaning in try ProfileFixtureTests.dump(name).meanings {
        #expect(reading[meaning.quantity] == meaning.value, "\(name): \(meaning.quantity)")
      }
    }
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
