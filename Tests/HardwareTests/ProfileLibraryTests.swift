import FoundationEssentials
import Hardware
import Testing
import Thrown

@Suite("ProfileLibrary")
struct ProfileLibraryTests {
  @Test("loads every profile that ships")
  func shipped() throws {
    let library = try ProfileLibrary(directory: BundledProfiles.directory)
    #expect(library.names == ProfileFixtureTests.profiles)
    #expect(library["growatt-sph"]?.maker == "Growatt")
    #expect(library["nobody"] == nil)
  }

  /// What stands in the file, and what the error says behind the file's name.
  static let mistakes: [(text: String, says: String)] = [
    (
      "{ name: 'x', maker: 'x', devices: 'x',\n functionCode: 5, registers: [] }",
      "line 2: functionCode: expected a whole number from 3 to 4, found 5"
    ),
    (
      "{ name: 'x', maker: 'x', devices: 'x', functionCode: 3 }",
      "line 1: registers: missing: expected a list of registers"
    ),
    (
      "{ name: 'x', maker: 'x', devices: 'x', functionCode: '3', registers: [] }",
      "line 1: functionCode: expected a whole number from 3 to 4, found \"3\""
    ),
    (
      "{ name: 'x', maker: 'x', devices: 'x', functionCode: 3, registers: [] }",
      "line 1: registers: expected 1 to 128 registers"
    ),
    (
      "{ name: 'x',\n makr: 'x', functionCode: 3, registers: [] }",
      "line 2: makr: unknown field: did you mean maker?"
    ),
    (
      with("{ quantity: 'pvPowr', address: 1, type: 'u16' }"),
      "line 2: registers[0].quantity: expected one of pvPower, loadPower, gridPower,"
    ),
    (
      with("{ quantity: 'pvPower', address: 1, type: 'u8' }"),
      "line 2: registers[0].type: expected one of u16, s16, u32, s32, u64, s64, f32, found"
    ),
    (
      with("{ quantity: 'pvPower', address: 1, type: 'u16', scale: '0.1' }"),
      "line 2: registers[0].scale: expected a ratio in quotes"
    ),
    (
      with("{ quantity: 'pvPower', address: 1, type: 'u16', sign: 0 }"),
      "line 2: registers[0].sign: expected 1 or -1, found 0"
    ),
    (
      with("{ quantity: 'pvPower', adress: 1, type: 'u16' }"),
      "line 2: registers[0].adress: unknown field: did you mean address?"
    ),
    (
      with("{ quantity: 'pvPower', address: 1, type: 'u16', note: 'x' }"),
      "line 2: registers[0].note: unknown field: expected one of address, addresses,"
    ),
    (
      with("{ quantity: 'pvPower', address: 65536, type: 'u16' }"),
      "line 2: registers[0].address: expected a whole number from 0 to 65535, found 65536"
    ),
    (
      with("{ quantity: 'pvPower', address: 65535, type: 'u32' }"),
      "line 2: registers[0].address: expected a zero-based register number, 0 to 65534"
    ),
    (
      with("{ quantity: 'pvPower', address: 'one', type: 'u16' }"),
      "line 2: registers[0].address: expected a whole number"
    ),
    (with("{ quantity: 'pvPower', type: 'u16' }"), "line 2: registers[0].address: missing"),
  ]

  static func with(_ register: String) -> String {
    "{ name: 'x', maker: 'x', devices: 'x', functionCode: 3, registers: [\n\(register) ] }"
  }

  @Test("says which field is wrong and what was expected", arguments: mistakes)
  func mistake(text: String, says: String) throws {
    try withFile(text) { path in
      let error = thrown(ProfileError.self) {
        try ProfileLibrary.profile(atPath: path)
      }
      #expect(error?.file == path)
      #expect(error?.problem.hasPrefix(says) == true, "\(error?.problem ?? "")")
    }
  }

  static let slips: [(text: String, says: String)] = [
    ("{\n  name: 'x',\n  maker 'x',\n}", "line 3: expected : after maker, found '''"),
    ("{\n  name: 'x'\n  maker: 'x',\n}", "line 3: expected , or } after name, found 'm'"),
    ("{\n  name: 'x,\n  maker: 'x',\n}", "line 2: text begins here and does not end on its line"),
    ("// why\n/* and\n how */ {\n  name: ,\n}", "line 4: expected a value, found ','"),
    ("{ name: 'x',\n registers: [ {}, {} \n}", "line 3: expected , or ], found '}'"),
    ("{ name: 'x',\n", "line 2: expected a field's name or }, but the file ends here"),
    ("{}\n{}", "line 2: expected the end of the file, found '{'"),
    ("", "line 1: expected a value, but the file ends here"),
  ]

  @Test("says in which line the syntax is wrong", arguments: slips)
  func syntax(text: String, says: String) throws {
    try withFile(text) { path in
      let error = thrown(ProfileError.self) {
        try ProfileLibrary.profile(atPath: path)
      }
      #expect(error?.problem == says)
    }
  }

  @Test("says which file is missing, or called otherwise than its profile")
  func files() throws {
    let missing = thrown(ProfileError.self) {
      try ProfileLibrary(directory: "/nonexistent/profiles")
    }
    #expect(missing?.file == "/nonexistent/profiles")
    try withFile(Self.with("{ quantity: 'pvPower', address: 1, type: 'u16' }")) { path in
      let directory = path.split(separator: "/").dropLast().joined(separator: "/")
      let error = thrown(ProfileError.self) {
        try ProfileLibrary(directory: "/" + directory)
      }
      #expect(error?.problem == "name: expected the file to be called x.json5, as its profile")
    }
  }

  private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
    let directory =
      FileManager.default.temporaryDirectory.path
      + "/heliograph-profiles-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let path = directory + "/profile.json5"
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    try body(path)
  }
}
