/// Every public type of its own and every public function says in a line what it is.
///
/// Left out: properties, cases and nested types, where name and type often say it all, and what
/// the standard library's protocols ask for.
struct DocumentationRule: Rule {
  static let types = ["struct", "class", "enum", "actor", "protocol"]
  static let modifiers = [
    "static", "final", "mutating", "nonisolated", "lazy", "weak", "indirect", "consuming",
    "borrowing", "override", "convenience", "required", "internal", "private", "set", "(", ")",
  ]
  static let conformances = [
    "hash", "encode", "next", "makeIterator", "advanced", "distance", "index",
  ]

  func findings(in file: SourceFile) -> [Finding] {
    guard file.module != nil else { return [] }
    let tokens = file.tokens
    return tokens.indices.compactMap { index in
      guard tokens[index].text == "public" else { return nil }
      var position = index + 1
      while position < tokens.count, Self.modifiers.contains(tokens[position].text) {
        position += 1
      }
      guard position + 1 < tokens.count else { return nil }
      let kind = tokens[position].text
      let isOutermost = file.lines[tokens[index].line - 1].first != " "
      guard kind == "func" || Self.types.contains(kind) && isOutermost else { return nil }
      let name = tokens[position + 1]
      guard name.isWord, !Self.conformances.contains(name.text) else { return nil }
      guard !isDocumented(line: tokens[index].line, in: file) else { return nil }
      return file.finding(tokens[index].line, "public \(name.text) says nowhere what it is")
    }
  }

  /// Looks upwards past attributes, which may stand on lines of their own.
  private func isDocumented(line: Int, in file: SourceFile) -> Bool {
    let lines = file.lines
    var above = line - 1
    while above > 0 {
      if file.documentationLines.contains(above) { return true }
      guard lines[above - 1].drop(while: { $0 == " " }).hasPrefix("@") else { return false }
      above -= 1
    }
    return false
  }
}
