/// Data flows one way: who may import whom.
///
/// A core module imports only core modules before it; edge modules import the core, never each
/// other; the simulation imports only the core; the daemon and the programs join both. Full
/// Foundation is nowhere: it would add 42 MB to each program.
struct ImportRule: Rule {
  static let core = [
    "Quantities", "Sealing", "Sites", "Planning", "Market", "Ledger", "Mesh", "Texting",
    "HeliographCore",
  ]
  static let edge = ["Hardware", "Storage", "Links", "Runners"]
  static let libraries = [
    "Sealing": ["CSodium"], "Hardware": ["CModbus", "CGPIO"], "Storage": ["CSQLite"],
    "Links": ["CGnuTLS"], "Runners": ["CCurl"],
  ]
  static let system = ["Glibc", "Dispatch", "FoundationEssentials", "Synchronization"]
  /// The one file of the core that may reach the C library: it wraps its trigonometry.
  static let trigonometry = "Sources/Planning/Sun/Trigonometry.swift"

  func findings(in file: SourceFile) -> [Finding] {
    imports(of: file).compactMap { name, line in
      if ["Foundation", "FoundationNetworking"].contains(name) {
        return file.finding(line, "imports \(name): FoundationEssentials at the edge, no more")
      }
      guard let module = file.module, !allowed(in: module).contains(name) else { return nil }
      if name == "Glibc" && file.path == Self.trigonometry { return nil }
      return file.finding(line, "\(module) must not import \(name)")
    }
  }

  private func allowed(in module: String) -> [String] {
    let own = Self.libraries[module] ?? []
    if Self.core.contains(module) { return Self.core.prefix { $0 != module } + own }
    if Self.edge.contains(module) { return Self.core + own + Self.system }
    switch module {
    case "Simulation": return Self.core
    case "Daemon": return Self.core + Self.edge + Self.system
    default: return Self.core + Self.edge + Self.system + ["Daemon", "Simulation"]
    }
  }

  private func imports(of file: SourceFile) -> [(name: String, line: Int)] {
    let kinds = ["struct", "class", "enum", "protocol", "typealias", "func", "var", "let", "actor"]
    return file.tokens.indices.compactMap { index in
      guard file.tokens[index].text == "import", index + 1 < file.tokens.count else { return nil }
      var named = file.tokens[index + 1]
      if kinds.contains(named.text), index + 2 < file.tokens.count {
        named = file.tokens[index + 2]
      }
      return (named.text, named.line)
    }
  }
}
