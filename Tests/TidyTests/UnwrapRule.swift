/// No operation that stops the program where an error could be handled.
struct UnwrapRule: Rule {
  func findings(in file: SourceFile) -> [Finding] {
    let tokens = file.tokens
    return tokens.indices.compactMap { index in
      let token = tokens[index]
      guard token.text == "!", !token.followsSpace, index > 0 else { return nil }
      let before = tokens[index - 1]
      if before.text == "try" || before.text == "as" {
        return file.finding(token.line, "\(before.text)! stops the program: handle the failure")
      }
      if index + 1 < tokens.count, tokens[index + 1].text == "=", !tokens[index + 1].followsSpace {
        return nil  // a != b without spaces
      }
      guard before.isWord || [")", "]", "}", ">", "?", "\"\""].contains(before.text) else {
        return nil
      }
      return file.finding(token.line, "force unwrap: say what happens when there is nothing")
    }
  }
}
