/// Files that can be read in one sitting: 400 lines at most, of 100 columns at most.
struct LengthRule: Rule {
  static let mostLines = 400
  static let mostColumns = 100

  func findings(in file: SourceFile) -> [Finding] {
    var found: [Finding] = []
    let lines = file.lines
    // A newline at the end closes the last line and starts none.
    let count = lines.count - (lines.last == "" ? 1 : 0)
    if count > Self.mostLines {
      found.append(file.finding(count, "\(count) lines: split it, \(Self.mostLines) are the most"))
    }
    for (index, line) in lines.enumerated() where line.count > Self.mostColumns {
      let message = "\(line.count) columns: \(Self.mostColumns) are the most"
      found.append(file.finding(index + 1, message))
    }
    return found
  }
}
