import FoundationEssentials
import Hardware
import Quantities
import Sites
import Testing

/// Each shipped profile against a dump of the registers of a device of its kind.
@Suite("Profile fixtures")
struct ProfileFixtureTests {
  static let directory = BundledProfiles.root + "/Tests/HardwareTests/Fixtures"

  static let profiles: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: BundledProfiles.directory)) ?? [])
    .filter { $0.hasSuffix(".json5") }.map { String($0.dropLast(6)) }.sorted()

  @Test("there is one for every profile that ships, and none for others")
  func complete() throws {
    #expect(!Self.profiles.isEmpty)
    let dumps = try FileManager.default.contentsOfDirectory(atPath: Self.directory)
      .filter { $0.hasSuffix(".dump") }.map { String($0.dropLast(5)) }.sorted()
    #expect(Self.profiles.filter { !dumps.contains($0) } == [])
    for name in dumps where !Self.profiles.contains(name) {
      #expect(try Self.dump(name).device == "sunspec", "\(name) is no profile")
    }
  }

  @Test("mean what they state, and are served as they are read", arguments: profiles)
  func decode(_ name: String) throws {
    let dump = try Self.dump(name)
    #expect(dump.device == name)
    #expect(!dump.remarks.isEmpty, "say where the numbers come from")
    let profile = try BundledProfiles.named(name)
    #expect(!profile.source.isEmpty, "say where the registers were read")
    let map = RegisterMap(profile)
    let reading = map.decode(dump.image, device: "x", at: .distantPast)
    for meaning in dump.meanings {
      #expect(reading[meaning.quantity] == meaning.value, "\(meaning.quantity)")
    }
    let stated = Set(dump.meanings.map(\.quantity))
    for quantity in DeviceQuantity.allCases {
      let isRead = profile.registers.contains { $0.quantity == quantity }
      #expect(stated.contains(quantity) == isRead, "\(quantity)")
    }
    // Every register of the profile is in the dump, so that none is unknown by accident.
    for register in profile.registers {
      let table = register.table ?? profile.manners.table
      for address in register.wordAddresses + (register.reversedBy.map { [$0.address] } ?? []) {
        let span = RegisterSpan(table: table, address: address, count: 1)
        #expect(dump.image.words(in: span) != nil, "\(table.word) \(address)")
      }
    }
    #expect(map.decode(map.encode(reading), device: "x", at: .distantPast) == reading)
  }

  @Test("read back as they were written", arguments: profiles)
  func text(_ name: String) throws {
    let dump = try Self.dump(name)
    #expect(try RegisterDump(text: Array(dump.text.utf8)) == dump)
  }

  static func dump(_ name: String) throws -> RegisterDump {
    let path = directory + "/" + name + ".dump"
    let text = try #require(FileManager.default.contents(atPath: path), "no fixture at \(path)")
    return try RegisterDump(text: Array(text))
  }
}
