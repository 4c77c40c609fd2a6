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

  /// Inputs with names to find them by: written by hand, and what a fuzzer kept, line by line.
  static func inputs(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let path = folder + target.rawValue
    let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    let written = try names.map { name in
      (name, Array(try Data(contentsOf: URL(filePath: path + "/" + name))))
    }
    let found = try String(contentsOf: URL(filePath: path + ".found"), encoding: .utf8)
    let kept = found.split(separator: "\n").enumerated().map { index, line in
      ("line \(index + 1)", bytes(line))
    }
    return written + kept
  }

  private static func bytes(_ line: Substring) -> [UInt8] {
    let digits = line.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count - 1, by: 2).map {
      UInt8(digits[$0] << 4 | digits[$0 + 1])
    }
  }

  @Test("breaks no promise", arguments: FuzzTarget.allCases)
  func corpus(target: FuzzTarget) throws {
    let inputs = try Self.inputs(target)
    #expect(inputs.count >= 40)
    for input in inputs {
      target.run(input.bytes) { holds, words in
        #expect(holds, "\(target.rawValue), \(input.name): \(words)")
      }
    }
  }

  @Test("stays small", arguments: FuzzTarget.allCases)
  func size(target: FuzzTarget) throws {
    #expect(try Self.inputs(target).map(\.bytes.count).reduce(0, +) <= 100_000)
  }

  @Test("begins with a profile that has every field, and is one")
  func everything() throws {
    let path = Self.folder + "profile/everything.json5"
    let profile = try DeviceProfile(json5: Array(try Data(contentsOf: URL(filePath: path))))
    #expect(profile.registers.count == 7)
    #expect(profile.controls.map(\.control) == [.batteryPower, .reserve])
  }
}
