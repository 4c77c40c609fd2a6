import Testing

/// Each rule finds a bad sample and leaves a good one alone.
@Suite struct RuleTests {
  private func count(
    _ rule: some Rule, _ text: String, path: String = "Sources/Ledger/Sample.swift"
  ) -> Int {
    rule.findings(in: SourceFile(path: path, text: text)).count
  }

  private func iterationCount(_ text: String, path: String = "Sources/Ledger/Sample.swift") -> Int {
    let file = SourceFile(path: path, text: text)
    return IterationRule(files: [file]).findings(in: file).count
  }

  @Test(
    "refuses an import against the direction",
    arguments: [
      ("Ledger", "import Mesh"), ("Ledger", "import Glibc"), ("Hardware", "import Storage"),
      ("Storage", "import CModbus"), ("Simulation", "import Daemon"),
      ("Links", "import Foundation"),
      ("Quantities", "import struct Sites.Meter"), ("Daemon", "@preconcurrency import Simulation"),
    ])
  func badImports(module: String, line: String) {
    #expect(count(ImportRule(), line, path: "Sources/\(module)/Sample.swift") == 1)
  }

  @Test(
    "lets an import with the direction pass",
    arguments: [
      ("Ledger", "import Sealing"), ("Sealing", "import CSodium"), ("Hardware", "import CModbus"),
      ("Daemon", "import Links"), ("Ledger", "// import Mesh"), ("heliosim", "import Simulation"),
    ])
  func goodImports(module: String, line: String) {
    #expect(count(ImportRule(), line, path: "Sources/\(module)/Sample.swift") == 0)
  }

  @Test("lets one file of the planner alone reach the C library")
  func trigonometry() {
    #expect(count(ImportRule(), "import Glibc", path: ImportRule.trigonometry) == 0)
    #expect(count(ImportRule(), "import Glibc", path: "Sources/Planning/Planner.swift") == 1)
  }

  @Test("refuses long files and long lines")
  func lengths() {
    #expect(count(LengthRule(), String(repeating: "x\n", count: 401)) == 1)
    #expect(count(LengthRule(), String(repeating: "x\n", count: 400)) == 0)
    #expect(count(LengthRule(), String(repeating: "x", count: 101)) == 1)
    #expect(count(LengthRule(), String(repeating: "é", count: 100)) == 0)
  }

  @Test(
    "refuses what stops the program",
    arguments: [
      "let a = b!", "b!.c()", "f()!", "a[0]!", "try! f()", "x as! Int", "var a: Int!",
      #""\(a!)""#, "#\"\"\"\n \\#(a!) \"\"\"#",
    ])
  func badUnwraps(sample: String) {
    #expect(count(UnwrapRule(), sample) == 1)
  }

  @Test(
    "leaves negation, comparison, comments and text alone",
    arguments: [
      "if !a { }", "a != b", "a!=b", "// b!", "/* a! /* b! */ c! */", #""try! it \"now!""#,
      "\"\"\"\n wow! \"quoted!\" \n\"\"\"", ##"#"a! "b!" "#"##, "f(!a)", "#if !os(Linux)",
    ])
  func goodUnwraps(sample: String) {
    #expect(count(UnwrapRule(), sample) == 0)
  }

  @Test(
    "refuses to walk a dictionary or a set in its own order",
    arguments: [
      "var a: [Int: Int]; for (k, v) in a { }", "let a: Set<Int>; let b = a.map { $0 }",
      "var a = [Int: [String]](); for x in self.a.values { }", "var a = Set([1]); let b = Array(a)",
      "func f(a: Dictionary<Int, Int>) { a.forEach { g($0) } }", "var a: [Int: Int] = [:]; a.first",
      "var a: [Int: Int]; let b = a.values.filter { $0 > 1 }.map { $0 }",
      "var a: Set<Int>?; for x in a where x > 1 { }",
    ])
  func badIteration(sample: String) {
    #expect(iterationCount(sample) == 1)
  }

  @Test(
    "lets sorted walks and what no order changes pass",
    arguments: [
      "var a: [Int: Int]; for (k, v) in a.sorted(by: <) { }", "var a: Set<Int>; a.contains(1)",
      "var a: [Int: Int]; let b = a.values.reduce(0, +)", "var a: [Int: Int]; a[1]?.map { $0 }",
      "var a: [Int]; for x in a { }", "var a: Set<Int>; let b = Set(a.map { $0 + 1 })",
      "var a: [Int: Int]; for k in a.keys.sorted() { }", "var a: Set<Int>; b.a.map { $0 }",
      "var a: Set<Int>\n// Any order: the sum is the same.\nfor x in a { sum += x }",
      "var a: Set<Int>; let b = a.map { $0 }.max()",
    ])
  func goodIteration(sample: String) {
    #expect(iterationCount(sample) == 0)
  }

  @Test("looks at the order in the core alone, and knows what a type's other files declare")
  func iterationScope() {
    let declaring = SourceFile(path: "Sources/Mesh/Peer.swift", text: "var a: Set<Int>")
    let using = SourceFile(path: "Sources/Mesh/Peer+Links.swift", text: "for x in a { }")
    #expect(IterationRule(files: [declaring, using]).findings(in: using).count == 1)
    #expect(iterationCount("var a: Set<Int>\nfor x in a { }", path: "Sources/Links/X.swift") == 0)
  }

  @Test("refuses a type with a module's name")
  func naming() {
    let rule = NamingRule(modules: ["Ledger", "Mesh"])
    #expect(count(rule, "public struct Mesh { }") == 1)
    #expect(count(rule, "import enum Ledger.Kind\nstruct Chain { let mesh: Int }") == 0)
  }

  @Test("wants a proof beside what is unchecked")
  func unchecked() {
    #expect(count(UncheckedRule(), "\nfinal class A: @unchecked Sendable { }") == 1)
    #expect(count(UncheckedRule(), "// Proof.\nclass A: @unchecked Sendable { }") == 0)
    #expect(count(UncheckedRule(), "nonisolated(unsafe) var a = 1") == 1)
  }

  @Test(
    "refuses what Swift 6.0.3 refuses",
    arguments: [
      "f(a,\n b, // c\n)", "func `a b`() { }", "withTaskGroup { }", "let a: InlineArray<3, Int>",
      "isolated deinit { }", "let a: Pair<Int, Int,>", "let a = #expect(throws: B.self) { }",
    ])
  func swiftSix(sample: String) {
    #expect(count(SwiftSixRule(), sample) == 1)
  }

  @Test("lets what Swift 6.0.3 takes pass")
  func swiftSixGood() {
    #expect(count(SwiftSixRule(), "let a = [1, 2,]\nwithTaskGroup(of: Int.self) { }") == 0)
  }

  @Test("refuses marks of unfinished work")
  func unfinished() {
    #expect(count(UnfinishedRule(), "// \(UnfinishedRule.marks[0]): later") == 1)
    #expect(count(UnfinishedRule(), "// done") == 0)
  }

  @Test("wants a line on each public thing")
  func documentation() {
    #expect(count(DocumentationRule(), "public struct A { }") == 1)
    #expect(count(DocumentationRule(), "/// It.\n@frozen\npublic struct A { }") == 0)
    #expect(count(DocumentationRule(), "  public static func a() { }") == 1)
    #expect(count(DocumentationRule(), "  public func hash(into: inout Hasher) { }") == 0)
    #expect(count(DocumentationRule(), "struct A { }") == 0)
  }
}
