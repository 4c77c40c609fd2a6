/// Cuts an answer into screens that a slow terminal without scroll-back can show.
struct Pager {
  let columns: Int
  let rows: Int

  /// Lines wrapped at words to the screen's width.
  func lines(of text: String) -> [String] {
    var result: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var rest = line[...]
      while rest.count > columns {
        let full = rest.prefix(columns)
        // The space may be the very next character: the words before it fill the line exactly.
        let space = rest.prefix(columns + 1).lastIndex(of: " ")
        let end = space.map { $0 > rest.startIndex ? $0 : full.endIndex } ?? full.endIndex
        result.append(String(rest[..<end]))
        rest = rest[end...]
        while rest.first == " " { rest.removeFirst() }
      }
      result.append(String(rest))
    }
    return result
  }

  /// The screens, each leaving a row for the question whether to go on.
  func screens(of text: String) -> [[String]] {
    let lines = lines(of: text)
    guard lines.count > rows - 1 else { return [lines] }
    return stride(from: 0, to: lines.count, by: rows - 1).map {
      Array(lines[$0..<min($0 + rows - 1, lines.count)])
    }
  }
}
