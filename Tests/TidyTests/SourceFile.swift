/// One Swift file of the tree, read and split into tokens.
struct SourceFile {
  /// Relative to the root of the tree, such as `Sources/Ledger/Chain.swift`.
  let path: String
  let text: String
  let tokens: [Token]
  let commentLines: Set<Int>
  let documentationLines: Set<Int>

  init(path: String, text: String) {
    let scanner = SourceScanner(text)
    self.path = path
    self.text = text
    tokens = scanner.tokens
    commentLines = scanner.commentLines
    documentationLines = scanner.documentationLines
  }

  /// The lines, without their ends.
  var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }

  /// The module it belongs to when it stands below `Sources`.
  var module: String? {
    let folders = path.split(separator: "/")
    return folders.count > 2 && folders[0] == "Sources" ? String(folders[1]) : nil
  }

  /// The type that it is about: `Chain` for both `Chain.swift` and `Chain+Forks.swift`.
  var subject: String {
    let name = path.split(separator: "/").last ?? ""
    return String(name.prefix { $0 != "+" && $0 != "." })
  }

  func finding(_ line: Int, _ message: String) -> Finding {
    Finding(path: path, line: line, message: message)
  }
}
