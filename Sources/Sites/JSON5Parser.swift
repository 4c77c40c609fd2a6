/// Reads JSON5 (spec.json5.org), the form of configurations and device profiles, into nodes that
/// know their lines.
///
/// Comments, trailing commas, single quotes, bare names and hexadecimal integers are taken;
/// exponents, Infinity and NaN are not: no field needs them.
public struct JSON5Parser {
  /// A place where the text is not JSON5.
  public struct Failure: Error, Hashable, Sendable {
    /// From 1.
    public let line: Int
    /// What was expected there, and what was found.
    public let message: String
  }

  /// The deepest nesting accepted.
  public static let maximumDepth = 16

  private let text: [UInt8]
  private var offset = 0
  private var line = 1

  private init(_ text: [UInt8]) { self.text = text }

  /// The one value that makes up all of `text`, which is UTF-8.
  public static func parse(_ text: [UInt8]) throws(Failure) -> JSON5Node {
    var parser = JSON5Parser(text.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(text[3...]) : text)
    let node = try parser.node(depth: 0)
    try parser.skipSpace()
    guard parser.peek == nil else { throw parser.unexpected("the end of the file") }
    return node
  }

  private var peek: UInt8? { offset < text.count ? text[offset] : nil }

  private mutating func advance() {
    if text[offset] == UInt8(ascii: "\n") { line += 1 }
    offset += 1
  }

  private func unexpected(_ wanted: String) -> Failure {
    guard let byte = peek else {
      return Failure(line: line, message: "expected \(wanted), but the file ends here")
    }
    guard byte > 0x20, byte != 0x7F else {
      return Failure(line: line, message: "expected \(wanted), found character code \(byte)")
    }
    let rest = String(decoding: text[offset...].prefix(16), as: UTF8.self)
    let shown = rest.first.map { "'\($0)'" } ?? ""
    // Word processors and web pages put them where the straight ones belong.
    let advice = rest.first.map { "“”„‘’«»".contains($0) } == true ? ": type straight quotes" : ""
    return Failure(line: line, message: "expected \(wanted), found \(shown)\(advice)")
  }

  private mutating func skipSpace() throws(Failure) {
    while let byte = peek {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"):
        advance()
      case UInt8(ascii: "/") where text.dropFirst(offset + 1).first == UInt8(ascii: "/"):
        while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
      case UInt8(ascii: "/") where text.dropFirst(offset + 1).first == UInt8(ascii: "*"):
        try skipBlockComment()
      default: return
      }
    }
  }

  private mutating func skipBlockComment() throws(Failure) {
    let start = line
    offset += 2
    while offset + 1 < text.count {
      if text[offset] == UInt8(ascii: "*"), text[offset + 1] == UInt8(ascii: "/") {
        offset += 2
        return
      }
      advance()
    }
    throw Failure(line: start, message: "a comment begins here and never ends: expected */")
  }

  private mutating func node(depth: Int) throws(Failure) -> JSON5Node {
    try skipSpace()
    let start = line
    guard depth <= Self.maximumDepth else {
      throw Failure(line: line, message: "nested more than \(Self.maximumDepth) deep")
    }
    guard let byte = peek else { throw unexpected("a value") }
    switch byte {
    case UInt8(ascii: "{"): return JSON5Node(line: start, value: .object(try object(depth)))
    case UInt8(ascii: "["): return JSON5Node(line: start, value: .array(try array(depth)))
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      return JSON5Node(line: start, value: .string(try string(quote: byte)))
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."):
      return JSON5Node(line: start, value: .number(try number()))
    default:
      switch name() {
      case "true": return JSON5Node(line: start, value: .boolean(true))
      case "false": return JSON5Node(line: start, value: .boolean(false))
      case "null": return JSON5Node(line: start, value: .null)
      case "": throw unexpected("a value")
      case let word:
        throw Failure(line: start, message: "expected a value, found \(word): text needs quotes")
      }
    }
  }

  private mutating func object(_ depth: Int) throws(Failure) -> [JSON5Node.Member] {
    advance()
    var members: [JSON5Node.Member] = []
    while true {
      try skipSpace()
      if peek == UInt8(ascii: "}") {
        advance()
        return members
      }
      let start = line
      let key: String
      if let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
        key = try string(quote: quote)
      } else {
        key = name()
        if key.isEmpty { throw unexpected("a field's name or }") }
      }
      if let earlier = members.first(where: { $0.name == key }) {
        throw Failure(line: start, message: "\(key) stands on line \(earlier.line) already")
      }
      try skipSpace()
      guard peek == UInt8(ascii: ":") else { throw unexpected(": after \(key)") }
      advance()
      members.append(.init(name: key, line: start, node: try node(depth: depth + 1)))
      try skipSpace()
      if peek == UInt8(ascii: ",") {
        advance()
      } else if peek != UInt8(ascii: "}") {
        throw unexpected(", or } after \(key)")
      }
    }
  }

  private mutating func array(_ depth: Int) throws(Failure) -> [JSON5Node] {
    advance()
    var elements: [JSON5Node] = []
    while true {
      try skipSpace()
      if peek == UInt8(ascii: "]") {
        advance()
        return elements
      }
      elements.append(try node(depth: depth + 1))
      try skipSpace()
      if peek == UInt8(ascii: ",") {
        advance()
      } else if peek != UInt8(ascii: "]") {
        throw unexpected(", or ]")
      }
    }
  }

  private mutating func name() -> String {
    let start = offset
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"):
        advance()
      default: return String(decoding: text[start..<offset], as: UTF8.self)
      }
    }
    return String(decoding: text[start..<offset], as: UTF8.self)
  }

  private mutating func number() throws(Failure) -> String {
    let start = offset
    if peek == UInt8(ascii: "-") || peek == UInt8(ascii: "+") { advance() }
    var digits = 0
    var points = 0
    while let byte = peek {
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        digits += 1
      } else if byte == UInt8(ascii: ".") {
        points += 1
      } else {
        break
      }
      advance()
    }
    let written = String(decoding: text[start..<offset], as: UTF8.self)
    let next = name()
    if written == "0" || written == "-0", let mark = next.first, mark == "x" || mark == "X",
      let value = UInt64(next.dropFirst(), radix: 16)
    {
      return (written == "0" ? "" : "-") + String(value)
    }
    guard digits > 0, points <= 1, next.isEmpty else {
      throw Failure(line: line, message: "expected a number, found \(written)\(next)")
    }
    return written
  }

  private mutating func string(quote: UInt8) throws(Failure) -> String {
    let start = line
    advance()
    var bytes: [UInt8] = []
    while let byte = peek, byte != UInt8(ascii: "\n") {
      advance()
      if byte == quote {
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw Failure(line: start, message: "expected UTF-8 text")
        }
        return text
      }
      if byte == UInt8(ascii: "\\") {
        bytes.append(contentsOf: try escape())
      } else {
        bytes.append(byte)
      }
    }
    throw Failure(line: start, message: "text begins here and does not end on its line")
  }

  private mutating func escape() throws(Failure) -> [UInt8] {
    guard let byte = peek else { throw unexpected("a character after \\") }
    advance()
    switch byte {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "\n"): return []
    case UInt8(ascii: "u"):
      let digits = String(decoding: text[offset..<min(offset + 4, text.count)], as: UTF8.self)
      guard digits.utf8.count == 4, let code = UInt32(digits, radix: 16),
        let scalar = UnicodeScalar(code)
      else { throw Failure(line: line, message: "expected four hexadecimal digits after \\u") }
      offset += 4
      return Array(String(Character(scalar)).utf8)
    default: return [byte]
    }
  }
}
