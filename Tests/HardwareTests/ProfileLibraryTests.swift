import FoundationEssentials
import Hardware
import Testing
import Thrown

@Suite("ProfileLibrary")
struct ProfileLibraryTests {
  @Test("loads every profile that ships")
  func shipped() throws {
    let library = try ProfileLibrary(directory: BundledProfiles.directory)
    #expect(library.names == ["eastron-sdm630", "growatt-spf", "growatt-sph", "victron-gx"])
    #expect(library["growatt-sph"]?.maker == "Growatt")
    #expect(library["nobody"] == nil)
  }

  /// What stands in the file, and what the error says behind the file's name.
  static let mistakes: [(text: String, says: String)] = [
    (
      "{ name: 'x', maker: 'x', devices: 'x', functionCode: 5, registers: [] }",
      "functionCode: expected 3 or 4"
    ),
    ("{ name: 'x', maker: 'x', devices: 'x', functionCode: 3 }", "registers: missing"),
    (
      "{ name: 'x', maker: 'x', devices: 'x', functionCode: '3', registers: [] }",
      "functionCode: expected a whole number"
    ),
    (
      "{ name: 'x', maker: 'x', devices: 'x', functionCode: 3, registers: [] }",
      "registers: expected 1 to 64 registers"
    ),
    (
      "{ name: 'x', makr: 'x', functionCode: 3, registers: [] }",
      "makr: expected one of the fields name, maker,"
    ),
    (
      with("{ quantity: 'sunshine', address: 1, type: 'u16' }"),
      "registers[0].quantity: expected one of pvPower,"
    ),
    (
      with("{ quantity: 'pvPower', address: 1, type: 'u64' }"),
      "registers[0].type: expected one of u16, s16, u32, s32, f32"
    ),
    (
      with("{ quantity: 'pvPower', address: 1, type: 'u16', scale: '0.1' }"),
      "registers[0].scale: expected a ratio in quotes"
    ),
    (
      with("{ quantity: 'pvPower', address: 1, type: 'u16', sign: 0 }"),
      "registers[0].sign: expected 1 or -1"
    ),
    (
      with("{ quantity: 'pvPower', adress: 1, type: 'u16' }"),
      "registers[0].adress: expected one of the fields quantity, address,"
    ),
    (
      with("{ quantity: 'pvPower', address: 65536, type: 'u16' }"),
      "registers[0].address: expected a zero-based register number, 0 to 65535"
    ),
    (
      with("{ quantity: 'pvPower', address: 'one', type: 'u16' }"),
      "registers[0].address: expected a whole number"
    ),
    (with("{ quantity: 'pvPower', type: 'u16' }"), "registers[0].address: missing"),
  ]

  static func with(_ register: String) -> String {
    "{ name: 'x', maker: 'x', devices: 'x', functionCode: 3, registers: [ \(register) ] }"
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
      #expect(error?.problem == "name: expected \"profile\", as the file is called")
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
