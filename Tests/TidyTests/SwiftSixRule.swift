/// What Swift 6.3 takes and Debian 13's Swift 6.0.3 refuses.
struct SwiftSixRule: Rule {
  func findings(in file: SourceFile) -> [Finding] {
    let tokens = file.tokens
    return tokens.indices.flatMap { index -> [Finding] in
      let token = tokens[index]
      let next = index + 1 < tokens.count ? tokens[index + 1].text : ""
      var found: [Finding] = []
      if token.text == "," && (next == ")" || next == ">") {
        found.append(file.finding(token.line, "a comma before the closing \(next)"))
      }
      if token.text.hasPrefix("`") && token.text.contains(" ") {
        found.append(file.finding(token.line, "a name with spaces in it"))
      }
      if ["withTaskGroup", "withThrowingTaskGroup"].contains(token.text) {
        let label = index + 2 < tokens.count ? tokens[index + 2].text : ""
        if next != "(" || label != "of" {
          found.append(file.finding(token.line, "\(token.text) without of:"))
        }
      }
      if token.text == "=", next == "#", tokens.dropFirst(index + 2).first?.text == "expect",
        tokens.dropFirst(index + 4).first?.text == "throws"
      {
        found.append(file.finding(token.line, "#expect gives errors back from 6.1 on: thrown(…)"))
      }
      if token.text == "InlineArray" {
        found.append(file.finding(token.line, "InlineArray came with Swift 6.2"))
      }
      if token.text == "isolated" && next == "deinit" {
        found.append(file.finding(token.line, "isolated deinit came with Swift 6.2"))
      }
      return found
    }
  }
}
