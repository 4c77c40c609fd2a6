import FoundationEssentials
import FuzzEntries
import Sites
import Testing

/// What a fuzzer kept, tried by the same code in every test run.
@Suite("The fuzzer's corpus")
struct CorpusTests {
  static let folder: String = {
    let path = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return path.dropLast(2).joined(separator: "/") + "/Fuzz/Corpus/"
  }()

  @Test("breaks no promise", arguments: FuzzTarget.allCases)
  func corpus(target: FuzzTarget) throws {
    let folder = Self.folder + target.rawValue
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    #expect(names.count >= 8)
    for name in names {
      let bytes = Array(try Data(contentsOf: URL(filePath: folder + "/" + name)))
      target.run(bytes) { holds, words in
        #expect(holds, "\(target.rawValue)/\(name): \(words)")
      }
    }
  }

  @Test("stays small", arguments: FuzzTarget.allCases)
  func size(target: FuzzTarget) throws {
    let folder = Self.folder + target.rawValue
    var bytes = 0
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      bytes += try Data(contentsOf: URL(filePath: folder + "/" + name)).count
    }
    #expect(bytes <= 400_000)
  }

  @Test("begins with a profile that has every field, and is one")
  func everything() throws {
    let path = Self.folder + "profile/everything.json5"
    let profile = try DeviceProfile(json5: Array(try Data(contentsOf: URL(filePath: path))))
    #expect(profile.registers.count == 7)
    #expect(profile.controls.map(\.control) == [.batteryPower, .reserve])
  }
}
