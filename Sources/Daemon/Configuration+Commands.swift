import Quantities
import Runners

/// Commands of the owner's that may be run as jobs.
extension Configuration {
  /// The most commands that a household names.
  static let maximumCommands = 32

  /// `commands` of the section `jobs`, each with a name and, if they are known, `watts`, `minutes`
  /// and `program`; without `program` it is the unit `heliograph-job@NAME`.
  static func commands(
    _ jobs: inout ConfigurationReader, power: Power
  ) throws(ConfigurationError) -> [OwnerCommand] {
    var commands: [OwnerCommand] = []
    for var entry in try jobs.objects("commands", atMost: maximumCommands) {
      let expected = "1 to 12 letters, digits, - or _"
      let name = try entry.requiredText("name", expected)
      guard isInstanceName(name) else {
        throw entry.error("name", "expected \(expected), found \"\(name.prefix(40))\"")
      }
      guard !commands.contains(where: { $0.name == name }) else {
        throw entry.error("name", "expected another name, found a second \"\(name)\"")
      }
      let watts = try entry.integer("watts", in: 1...100_000, unit: "watts")
      let minutes = try entry.integer("minutes", in: 1...43_200, unit: "minutes")
      let words = try program("program", &entry)
      try entry.finish()
      commands.append(
        OwnerCommand(
          name: name, power: watts.map { Power(watts: $0) } ?? power,
          span: TimeSpan(minutes: minutes ?? 60),
          kind: words.map { .command($0) } ?? .unit(OwnerCommand.unit(of: name))))
    }
    return commands
  }

  /// A program and its arguments; nil where the field is not there.
  static func program(
    _ field: String, _ entry: inout ConfigurationReader
  ) throws(ConfigurationError) -> [String]? {
    let words = try entry.texts(field, "a program or an argument", atMost: 128)
    guard let program = words.first else { return nil }
    guard !program.isEmpty, !program.contains("/") || program.hasPrefix("/") else {
      throw entry.error(
        field, "expected a program's name or absolute path first, found \"\(program.prefix(80))\"")
    }
    guard words.allSatisfy({ !$0.utf8.contains(0) }) else {
      throw entry.error(field, "expected words without the character NUL")
    }
    return words
  }

  /// Whether the package's templates take it: a longer one would make a name of a user that is too
  /// long for the system.
  static func isInstanceName(_ name: some StringProtocol) -> Bool {
    (1...12).contains(name.utf8.count)
      && name.utf8.allSatisfy { isAlphanumeric($0) || "_-".utf8.contains($0) }
  }

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
