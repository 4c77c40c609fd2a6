/// Finds the line where a text stops being JSON5, for people: FoundationEssentials' decoder only
/// says that the whole is wrong.
///
/// Source: spec.json5.org. It knows brackets, commas, colons, names, text and comments; what is
/// inside a number or an escape is the decoder's to judge.
struct JSON5Syntax {
  /// The first mistake, and the line, from 1, that it stands on.
  struct Mistake: Error, Hashable {
    let line: Int
    let expected: String
  }

  /// The deepest nesting followed.
  static let maximumDepth = 32

  private let text: [UInt8]
  private var offset = 0
  private var line = 1

  private init(_ text: [UInt8]) { self.text = text }

  /// Nil when brackets, commas and quotes are in order.
  static func mistake(in text: [UInt8]) -> Mistake? {
    var syntax = JSON5Syntax(text)
    do throws(Mistake) {
      try syntax.value(depth: 0)
      guard syntax.next() == nil else { throw syntax.mistake("nothing more after the last }") }
      return nil
    } catch {
      return error
    }
  }

  private func mistake(_ expected: String) -> Mistake { Mistake(line: line, expected: expected) }

  private var byte: UInt8? { offset < text.count ? text[offset] : nil }

  private mutating func advance() {
    if byte == UInt8(ascii: "\n") { line += 1 }
    offset += 1
  }

  private func stands(_ word: StaticString) -> Bool {
    word.withUTF8Buffer { text[offset...].starts(with: $0) }
  }

  /// The first byte behind white space and comments, not taken yet.
  private mutating func next() -> UInt8? {
    while let byte {
      if byte == 0x20 || (0x09...0x0D).contains(byte) {
        advance()
      } else if stands("//") {
        while let byte = self.byte, byte != UInt8(ascii: "\n") { advance() }
      } else if stands("/*") {
        offset += 2
        while self.byte != nil, !stands("*/") { advance() }
        offset = min(offset + 2, text.count)
      } else {
        return byte
      }
    }
    return nil
  }

  private mutating func value(depth: Int) throws(Mistake) {
    guard depth <= Self.maximumDepth else { throw mistake("less nesting") }
    switch next() {
    case UInt8(ascii: "{"): try members(until: UInt8(ascii: "}"), named: true, depth)
    case UInt8(ascii: "["): try members(until: UInt8(ascii: "]"), named: false, depth)
    case UInt8(ascii: "\""), UInt8(ascii: "'"): try quoted()
    default:
      guard word() else { throw mistake("a value") }
    }
  }

  private mutating func members(
    until end: UInt8, named: Bool, _ depth: Int
  ) throws(Mistake) {
    let bracket = String(UnicodeScalar(end))
    advance()
    while true {
      guard let first = next() else { throw mistake("\(bracket) before the end of the file") }
      if first == end { break }
      if named {
        if first == UInt8(ascii: "\"") || first == UInt8(ascii: "'") {
          try quoted()
        } else if !word() {
          throw mistake("a field's name or \(bracket)")
        }
        guard next() == UInt8(ascii: ":") else { throw mistake("a colon after the field's name") }
        advance()
      }
      try value(depth: depth + 1)
      let after = next()
      if after == UInt8(ascii: ",") {
        advance()
      } else if after != end {
        throw mistake("a comma or \(bracket)")
      }
    }
    advance()
  }

  private mutating func quoted() throws(Mistake) {
    let start = line
    let quote = byte
    advance()
    while let byte, byte != quote {
      guard byte != UInt8(ascii: "\n") else { break }
      if byte == UInt8(ascii: "\\") { advance() }
      advance()
    }
    guard byte == quote else { throw Mistake(line: start, expected: "the text's closing quote") }
    advance()
  }

  /// Passes a name, a number, or `true`, `false`, `null`; false where none stands.
  private mutating func word() -> Bool {
    let start = offset
    while let byte {
      let isLetter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
      let isDigit = byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
      guard isLetter || isDigit || "_$+-.".utf8.contains(byte) || byte >= 0x80 else { break }
      advance()
    }
    return offset > start
  }
}
