/// Splits Swift source into tokens, leaving out comments and what strings say.
///
/// Code inside string interpolations is kept as tokens between parentheses. Nested block comments,
/// multi-line strings and raw strings are understood; regular expression literals are not, and
/// one with a quotation mark in it would confuse what follows.
struct SourceScanner {
  private let bytes: [UInt8]
  private var position = 0
  private var line = 1
  private var followsSpace = true

  private(set) var tokens: [Token] = []
  /// The lines that a comment touches.
  private(set) var commentLines: Set<Int> = []
  /// The lines that a `///` or `/** */` comment touches.
  private(set) var documentationLines: Set<Int> = []

  init(_ text: String) {
    bytes = Array(text.utf8)
    scanCode(insideInterpolation: false)
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  private func starts(with text: StaticString, at offset: Int = 0) -> Bool {
    text.withUTF8Buffer { wanted in
      wanted.indices.allSatisfy { byte(offset + $0) == wanted[$0] }
    }
  }

  private mutating func advance() {
    if byte() == UInt8(ascii: "\n") { line += 1 }
    position += 1
  }

  private mutating func append(_ text: String) {
    tokens.append(Token(text: text, line: line, followsSpace: followsSpace))
    followsSpace = false
  }

  /// Scans to the end, or past the parenthesis that closes an interpolation.
  private mutating func scanCode(insideInterpolation: Bool) {
    var depth = 0
    while position < bytes.count {
      if starts(with: "//") {
        scanLineComment()
      } else if starts(with: "/*") {
        scanBlockComment()
      } else if byte() == UInt8(ascii: "\"") || startsRawString() {
        scanString()
      } else if isWordByte(byte()) {
        scanWord()
      } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte()) {
        followsSpace = true
        advance()
      } else {
        let mark = byte()
        append(String(decoding: [mark], as: UTF8.self))
        advance()
        if mark == UInt8(ascii: "(") { depth += 1 }
        if mark == UInt8(ascii: ")") {
          if insideInterpolation && depth == 0 { return }
          depth -= 1
        }
      }
    }
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "`"),
      UInt8(ascii: "$"), 0x80...0xFF:
      return true
    default:
      return false
    }
  }

  private mutating func scanWord() {
    let start = position
    if byte() == UInt8(ascii: "`") {
      repeat { advance() } while position < bytes.count && byte() != UInt8(ascii: "`")
      advance()
    } else {
      while isWordByte(byte()) { position += 1 }
    }
    append(String(decoding: bytes[start..<min(position, bytes.count)], as: UTF8.self))
  }

  private mutating func scanLineComment() {
    commentLines.insert(line)
    if starts(with: "///") { documentationLines.insert(line) }
    while position < bytes.count && byte() != UInt8(ascii: "\n") { position += 1 }
    followsSpace = true
  }

  private mutating func scanBlockComment() {
    let documents = starts(with: "/**")
    var depth = 0
    repeat {
      commentLines.insert(line)
      if documents { documentationLines.insert(line) }
      if starts(with: "/*") {
        depth += 1
        position += 2
      } else if starts(with: "*/") {
        depth -= 1
        position += 2
      } else {
        advance()
      }
    } while depth > 0 && position < bytes.count
    followsSpace = true
  }

  private func startsRawString() -> Bool {
    var marks = 0
    while byte(marks) == UInt8(ascii: "#") { marks += 1 }
    return marks > 0 && byte(marks) == UInt8(ascii: "\"")
  }

  private mutating func scanString() {
    append("\"\"")
    var marks = 0
    while byte() == UInt8(ascii: "#") {
      marks += 1
      position += 1
    }
    let quotes = starts(with: "\"\"\"") ? 3 : 1
    position += quotes
    while position < bytes.count {
      if byte() == UInt8(ascii: "\\") && hasMarks(marks, at: 1) {
        position += 1 + marks
        if byte() == UInt8(ascii: "(") {
          append("(")
          position += 1
          scanCode(insideInterpolation: true)
        } else {
          advance()
        }
      } else if byte() == UInt8(ascii: "\"") && (quotes == 1 || starts(with: "\"\"\""))
        && hasMarks(marks, at: quotes)
      {
        position += quotes + marks
        break
      } else {
        advance()
      }
    }
    followsSpace = false
  }

  private func hasMarks(_ count: Int, at offset: Int) -> Bool {
    (0..<count).allSatisfy { byte(offset + $0) == UInt8(ascii: "#") }
  }
}
