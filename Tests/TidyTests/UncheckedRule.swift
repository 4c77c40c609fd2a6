/// `@unchecked` and `nonisolated(unsafe)` stand only below or beside a comment that proves them.
struct UncheckedRule: Rule {
  func findings(in file: SourceFile) -> [Finding] {
    let tokens = file.tokens
    return tokens.indices.dropFirst(2).compactMap { index in
      let token = tokens[index]
      let before = tokens[index - 2].text + tokens[index - 1].text + token.text
      guard before.hasSuffix("@unchecked") || before == "nonisolated(unsafe" else { return nil }
      guard !file.commentLines.contains(token.line), !file.commentLines.contains(token.line - 1)
      else { return nil }
      return file.finding(token.line, "\(token.text): prove it in a comment on the line above")
    }
  }
}
