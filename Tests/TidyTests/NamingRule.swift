/// No type has the name of a module: `Ledger.Record` could then no longer be said.
struct NamingRule: Rule {
  let modules: Set<String>

  func findings(in file: SourceFile) -> [Finding] {
    let kinds = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    return zip(file.tokens, file.tokens.dropFirst()).compactMap { kind, name in
      guard kinds.contains(kind.text), modules.contains(name.text),
        !isImport(kind, in: file)
      else { return nil }
      return file.finding(name.line, "type \(name.text) has the name of a module")
    }
  }

  private func isImport(_ token: Token, in file: SourceFile) -> Bool {
    file.tokens.contains { $0.line == token.line && $0.text == "import" }
  }
}
