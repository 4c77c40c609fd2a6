import FoundationEssentials
import Testing

/// The READMEs' tables of faults name the tests that show what they say.
@Suite("The tables of faults")
struct FaultTableTests {
  /// `FileTests` "name of a test".
  struct Reference: Hashable {
    let file: String
    let name: String
  }

  static func references(in text: String) -> [Reference] {
    let pieces = text.split(separator: "`", omittingEmptySubsequences: false)
    return pieces.indices.dropLast().compactMap { index in
      let file = pieces[index]
      let rest = pieces[index + 1]
      guard file.hasSuffix("Tests"), rest.hasPrefix(" \"") else { return nil }
      let name = rest.dropFirst(2).prefix { $0 != "\"" }
      return Reference(file: String(file), name: String(name))
    }
  }

  private static func text(_ path: String) throws -> String {
    let data = try #require(FileManager.default.contents(atPath: path), "\(path)")
    return String(decoding: data, as: UTF8.self)
  }

  @Test("name tests that there are", arguments: [("Hardware", 40), ("Runners", 20)])
  func namesTests(module: String, atLeast count: Int) throws {
    let table = try Self.text(BundledProfiles.root + "/Sources/\(module)/README.md")
    let references = Self.references(in: table)
    #expect(references.count >= count)
    let tests = BundledProfiles.root + "/Tests"
    var sources: [String: String] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: tests)
    where path.hasSuffix("Tests.swift") {
      let name = path.split(separator: "/").last.map { String($0.dropLast(6)) } ?? path
      // Two targets may have a file of one name.
      sources[name, default: ""] += try Self.text(tests + "/" + path)
    }
    for reference in references {
      let source = sources[reference.file] ?? ""
      #expect(source.contains("\"\(reference.name)\""), "\(reference.file): \(reference.name)")
    }
  }

  @Test("has a row for each of the thirteen field failures, and for each fault of the simulator")
  func isWhole() throws {
    let table = try Self.text(BundledProfiles.root + "/Sources/Hardware/README.md")
    for number in 1...13 { #expect(table.contains("\n| \(number). "), "\(number)") }
    let faults = try Self.text(BundledProfiles.root + "/Sources/Simulation/HouseFault.swift")
    let words = faults.split(separator: "\n").compactMap { line -> String? in
      let line = line.drop { $0 == " " }
      guard line.hasPrefix("case "), !line.contains(".") else { return nil }
      let parts = line.dropFirst(5).split(separator: "\"", omittingEmptySubsequences: false)
      return parts.count == 3 ? String(parts[1]) : String(parts[0])
    }
    #expect(words.count == 16)
    for word in words { #expect(table.contains("`\(word)`"), "\(word)") }
  }
}
