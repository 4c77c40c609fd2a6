import Runners

/// How the engine of inference jobs is started and stopped.
extension Configuration {
  /// `unit` or `command` of the section `jobs`; nil where neither is there: an engine that runs is
  /// used as it is found.
  static func engineProcess(
    _ entry: inout ConfigurationReader
  ) throws(ConfigurationError) -> EngineProcess.Kind? {
    let unit = try entry.text("unit", expectedUnit)
    let words = try program("command", &entry)
    guard let unit else { return words.map { .command($0) } }
    guard isUnit(unit) else {
      throw entry.error("unit", "expected \(expectedUnit), found \"\(unit.prefix(80))\"")
    }
    guard words == nil else {
      throw entry.error("command", "expected unit or command: the engine is started by one")
    }
    return .unit(unit)
  }

  private static let expectedUnit = "a service such as heliograph-engine@llama.service"
  /// What comes before the names of engines that the package's template runs.
  private static let template = "heliograph-engine@"

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
    return isInstanceName(name.dropFirst(template.count))
  }
}
