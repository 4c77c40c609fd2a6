import Runners

/// How the engine of inference jobs is started and stopped.
extension Configuration {
  /// `unit` or `command` of the section `jobs`; nil where neither is there: an engine that runs is
  /// used as it is found.
  static func engineProcess(
    _ entry: inout ConfigurationReader
  ) throws(ConfigurationError) -> EngineProcess.Kind? {
    let unit = try entry.text("unit", expectedUnit)
    let words = try entry.texts("command", "a program or an argument", atMost: 128)
    if let unit {
      guard isUnit(unit) else {
        throw entry.error("unit", "expected \(expectedUnit), found \"\(unit.prefix(80))\"")
      }
      guard words.isEmpty else {
        throw entry.error("command", "expected unit or command: the engine is started by one")
      }
      return .unit(unit)
    }
    guard let program = words.first else { return nil }
    guard !program.isEmpty, !program.contains("/") || program.hasPrefix("/") else {
      throw entry.error(
        "command",
        "expected a program's name or absolute path first, found \"\(program.prefix(80))\"")
    }
    guard words.allSatisfy({ !$0.utf8.contains(0) }) else {
      throw entry.error("command", "expected words without the character NUL")
    }
    return .command(words)
  }

  private static let expectedUnit = "a service such as heliograph-engine@llama.service"
  /// What comes before the names of engines that the package's template runs.
  private static let template = "heliograph-engine@"
  /// A longer one would make a name of a user that is too long for the system.
  private static let longestEngineName = 12

  /// Whether it can be a service's name (systemd.unit(5)), and of the package's template one that
  /// its rules let the node start.
  private static func isUnit(_ text: String) -> Bool {
    let suffix = ".service"
    guard text.hasSuffix(suffix), text.utf8.count <= 255 else { return false }
    let name = text.dropLast(suffix.count)
    guard let first = name.utf8.first, first != UInt8(ascii: "-"), name.last != "@",
      name.utf8.allSatisfy({ isAlphanumeric($0) || ":_.@-\\".utf8.contains($0) })
    else { return false }
    guard name.hasPrefix(template) else { return true }
    let engine = name.dropFirst(template.count)
    return (1...longestEngineName).contains(engine.utf8.count)
      && engine.utf8.allSatisfy { isAlphanumeric($0) || "_-".utf8.contains($0) }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}
