/// The members called one after the other on a name: `sorted` and `map` in `x.sorted().map { … }`.
struct TokenChain {
  private(set) var members: [String] = []
  /// Whether the name is subscripted before anything else happens to it.
  private(set) var startsWithSubscript = false
  /// Whether one of the calls has `+` as its last argument: `reduce(0, +)`.
  private(set) var addsUp = false
  /// Whether a body or a condition follows: the chain is all that a `for … in` walks over.
  private(set) var endsStatementHead = false

  init(_ tokens: [Token], after name: Int) {
    var index = name + 1
    startsWithSubscript = index < tokens.count && tokens[index].text == "["
    chain: while index < tokens.count {
      switch tokens[index].text {
      case "." where index + 1 < tokens.count:
        members.append(tokens[index + 1].text)
        index += 2
      case "?":
        index += 1
      case "(", "[":
        let end = Self.closing(tokens, from: index)
        if end > 1, tokens[end - 1].text == "+" { addsUp = true }
        index = end + 1
      case "{" where members.last.map(Self.takesClosure) ?? false:
        index = Self.closing(tokens, from: index) + 1
      default:
        break chain
      }
    }
    if index < tokens.count { endsStatementHead = ["{", "where"].contains(tokens[index].text) }
  }

  /// A brace after these is a trailing closure; after any other member it is a loop's body.
  private static func takesClosure(_ member: String) -> Bool {
    [
      "map", "flatMap", "compactMap", "forEach", "filter", "sorted", "reduce", "first", "contains",
      "allSatisfy", "min", "max", "mapValues", "compactMapValues",
    ].contains(member)
  }

  private static func closing(_ tokens: [Token], from opening: Int) -> Int {
    var depth = 0
    for index in tokens.indices[opening...] {
      if ["(", "[", "{"].contains(tokens[index].text) { depth += 1 }
      if [")", "]", "}"].contains(tokens[index].text) { depth -= 1 }
      if depth == 0 { return index }
    }
    return tokens.count - 1
  }
}
