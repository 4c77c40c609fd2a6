/// The core never walks a dictionary or a set in its own order, which differs from run to run.
///
/// It knows the names that the files about one type declare as `[Key: Value]`, `Dictionary` or
/// `Set` (properties, variables, parameters), and looks at every chain that starts with such a
/// name: `for … in` it, `Array(…)` of it, or a member that shows its order (`map`, `first`,
/// `forEach`, …) is a finding unless the chain is sorted or ends in something that no order
/// changes (`count`, `max`, `contains`, `reduce(…, +)`, …), or goes into a `Set(…)`.
///
/// It does not see what other types declare (`table.rows` where `rows` is another file's set),
/// nor results of functions. Where order truly does not matter, a comment on the line or the line
/// above says so: `// Any order: …`.
struct IterationRule: Rule {
  /// Names declared as dictionaries or sets, by the type that the declaring file is about.
  let unordered: [String: Set<String>]

  static let revealing: Set = [
    "map", "flatMap", "compactMap", "forEach", "enumerated", "makeIterator", "first", "prefix",
    "dropFirst", "suffix", "joined", "randomElement", "popFirst", "removeFirst", "reduce",
    "firstIndex", "lazy", "reversed",
  ]
  static let ordering: Set = [
    "sorted", "count", "isEmpty", "min", "max", "contains", "allSatisfy",
  ]

  init(files: [SourceFile]) {
    var names: [String: Set<String>] = [:]
    for file in files where Self.isCore(file) {
      names[Self.key(file), default: []].formUnion(Self.declared(in: file))
    }
    unordered = names
  }

  func findings(in file: SourceFile) -> [Finding] {
    guard Self.isCore(file), let names = unordered[Self.key(file)] else { return [] }
    let tokens = file.tokens
    return tokens.indices.compactMap { index in
      let token = tokens[index]
      guard names.contains(token.text), !isExcused(token.line, in: file) else { return nil }
      // `other.name` is someone else's; `self.name` and a bare `name` are ours.
      var start = index
      if index > 1, tokens[index - 1].text == "." {
        guard tokens[index - 2].text == "self" else { return nil }
        start = index - 2
      }
      guard revealsOrder(tokens, name: index, start: start) else { return nil }
      return file.finding(token.line, "\(token.text) has no order: sort it first")
    }
  }

  private func revealsOrder(_ tokens: [Token], name: Int, start: Int) -> Bool {
    let chain = TokenChain(tokens, after: name)
    if chain.members.contains(where: Self.ordering.contains) { return false }
    // What follows a subscript is the element's, not the dictionary's.
    guard !chain.startsWithSubscript else { return false }
    let before = start > 0 ? tokens[start - 1].text : ""
    let beforeThat = start > 1 ? tokens[start - 2].text : ""
    if before == "(" && ["Set", "Dictionary", "formUnion"].contains(beforeThat) { return false }
    let revealing = chain.members.filter(Self.revealing.contains)
    if revealing == ["reduce"] && chain.addsUp { return false }
    if !revealing.isEmpty { return true }
    return before == "in" && chain.endsStatementHead || before == "(" && beforeThat == "Array"
  }

  private func isExcused(_ line: Int, in file: SourceFile) -> Bool {
    let lines = file.lines
    return [line, line - 1].contains { number in
      number > 0 && file.commentLines.contains(number) && lines[number - 1].contains("ny order")
    }
  }

  private static func isCore(_ file: SourceFile) -> Bool {
    file.module.map(ImportRule.core.contains) ?? false
  }

  private static func key(_ file: SourceFile) -> String {
    "\(file.module ?? "")/\(file.subject)"
  }

  /// The names declared with a dictionary's or a set's type, or made from one.
  private static func declared(in file: SourceFile) -> Set<String> {
    let tokens = file.tokens
    var names: Set<String> = []
    for index in tokens.indices.dropFirst() where index + 2 < tokens.count {
      let mark = tokens[index].text
      guard tokens[index - 1].isWord, mark == ":" || mark == "=" else { continue }
      let value = tokens[index + 1].text
      let isNamed =
        ["Set", "Dictionary"].contains(value)
        && (tokens[index + 2].text == "<" || mark == "=" && tokens[index + 2].text == "(")
      let isBracketed =
        value == "[" && holdsColon(tokens, bracket: index + 1)
        && (mark == ":" || tokens[index - 1].text != "default")
      guard isNamed || isBracketed else { continue }
      // `case a: [x: y]` and arguments that are literals are no declarations of types, but
      // counting their labels too costs nothing more than an excuse.
      names.insert(tokens[index - 1].text)
    }
    return names
  }

  private static func holdsColon(_ tokens: [Token], bracket: Int) -> Bool {
    var depth = 0
    for token in tokens[bracket...] {
      switch token.text {
      case "[", "(", "{": depth += 1
      case "]", ")", "}":
        depth -= 1
        if depth == 0 { return false }
      case ":" where depth == 1: return true
      default: break
      }
    }
    return false
  }
}
