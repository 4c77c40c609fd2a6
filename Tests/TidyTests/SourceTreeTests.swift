import Testing

/// The project's own sources keep the project's own rules.
@Suite struct SourceTreeTests {
  let tree: SourceTree

  init() throws {
    tree = try SourceTree()
  }

  private func found(_ rule: some Rule) -> String {
    tree.files.flatMap(rule.findings).map(\.description).joined(separator: "\n")
  }

  @Test("reads the tree it was compiled from")
  func readsTree() {
    #expect(tree.files.contains { $0.path == "Sources/Quantities/Energy.swift" })
    #expect(tree.modules.isSuperset(of: ImportRule.core))
  }

  @Test("imports only what the design lets each module import")
  func imports() { #expect(found(ImportRule()) == "") }

  @Test("keeps files and lines short")
  func lengths() { #expect(found(LengthRule()) == "") }

  @Test("never stops the program where an error could be handled")
  func unwraps() { #expect(found(UnwrapRule()) == "") }

  @Test("never walks a dictionary or a set of the core in its own order")
  func iteration() { #expect(found(IterationRule(files: tree.files)) == "") }

  @Test("names no type like a module")
  func naming() { #expect(found(NamingRule(modules: tree.modules)) == "") }

  @Test("proves what the compiler is told not to check")
  func unchecked() { #expect(found(UncheckedRule()) == "") }

  @Test("uses nothing that Swift 6.0.3 refuses")
  func swiftSix() { #expect(found(SwiftSixRule()) == "") }

  @Test("holds each text that a planted fault replaces, once")
  func plantedFaults() {
    #expect(tree.faults.count >= 10)
    for fault in tree.faults {
      var path = ""
      for part in fault.text.split(separator: "--- ") {
        if part.hasPrefix("from\n"), part.hasSuffix("\n") {
          let text = part.dropFirst(5).dropLast()
          let file = tree.files.first { $0.path == path }
          let found = file?.text.ranges(of: text).count ?? 0
          #expect(found == 1, "\(fault.name): \(path)")
        }
        let line = part.split(separator: "\n").last { $0.hasPrefix("file: ") }
        if let line { path = String(line.dropFirst(6)) }
      }
    }
  }

  @Test("carries no marks of unfinished work")
  func unfinished() { #expect(found(UnfinishedRule()) == "") }

  @Test("says of each public thing what it is")
  func documentation() { #expect(found(DocumentationRule()) == "") }
}
