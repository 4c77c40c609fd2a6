/// A word, number, string literal or single punctuation mark of Swift source.
struct Token: Equatable {
  /// As written; every string literal is the two characters `""`.
  let text: String
  /// Counted from 1.
  let line: Int
  /// Whether white space, a comment or nothing at all stands before it.
  let followsSpace: Bool

  /// Whether it is an identifier, a keyword or a number.
  var isWord: Bool {
    guard let first = text.unicodeScalars.first else { return false }
    return first == "_" || first == "`" || first == "$" || first.properties.isAlphabetic
      || ("0"..."9").contains(first)
  }
}
