/// Reads one JSON value (RFC 8259) from bytes that may come from anyone.
///
/// Bounded: 64 levels deep, 4096 members an object. A key that stands twice in an object is
/// refused, since engines differ in which of the two they take.
struct JSONParser {
  static let maximumDepth = 64
  static let maximumMembers = 4096
  private static let fewMembers = 16

  struct Failure: Error, Hashable {
    /// Position in the bytes, from 0.
    var offset: Int
    var expected: String
  }

  private let bytes: [UInt8]
  private var position = 0

  /// The one value that `bytes` holds, with nothing but white space around it.
  static func parse(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
    var parser = JSONParser(bytes: bytes)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.position == bytes.count else { throw parser.failure("nothing more") }
    return value
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private func failure(_ expected: String) -> Failure {
    Failure(offset: position, expected: expected)
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(Failure) -> JSONValue {
    skipSpace()
    guard depth < Self.maximumDepth else { throw failure("at most 64 levels") }
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ text: String, _ value: JSONValue) throws(Failure) -> JSONValue {
    guard bytes[position...].starts(with: text.utf8) else { throw failure(text) }
    position += text.utf8.count
    return value
  }

  private mutating func object(depth: Int) throws(Failure) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    // Of a few members each is looked at, which is quicker than to hash them.
    var keys: Set<String> = []
    skipSpace()
    if take("}") { return .object(members) }
    members.reserveCapacity(8)
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw failure("a key in quotes") }
      let key = try string()
      if members.count == Self.fewMembers { keys = Set(members.map(\.key)) }
      let isNew =
        members.count < Self.fewMembers
        ? !members.contains { $0.key == key } : keys.insert(key).inserted
      guard isNew else { throw failure("each key once, not \"\(key)\" twice") }
      guard members.count < Self.maximumMembers else { throw failure("at most 4096 members") }
      skipSpace()
      guard take(":") else { throw failure("\":\"") }
      members.append(JSONValue.Member(key: key, value: try value(depth: depth + 1)))
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { throw failure("\",\" or \"}\"") }
    }
  }

  private mutating func array(depth: Int) throws(Failure) -> JSONValue {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(elements) }
      guard take(",") else { throw failure("\",\" or \"]\"") }
    }
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, byte >= 0x30, byte <= 0x39 { position += 1 }
    return position - start
  }

  private mutating func number() throws(Failure) -> JSONValue {
    let start = position
    _ = take("-")
    let leadingZero = next == 0x30
    let whole = digits()
    guard whole > 0, !(leadingZero && whole > 1) else { throw failure("a value") }
    if take(".") {
      guard digits() > 0 else { throw failure("a digit") }
    }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() > 0 else { throw failure("a digit") }
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func string() throws(Failure) -> String {
    position += 1
    let start = position
    var isASCII = true
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
      if byte >= 0x80 { isASCII = false }
      position += 1
    }
    if next == UInt8(ascii: "\"") {
      let slice = bytes[start..<position]
      position += 1
      // Most texts: there is nothing to validate.
      if isASCII { return String(decoding: slice, as: UTF8.self) }
      return try text(slice)
    }
    var content = Array(bytes[start..<position])
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return try text(content[...])
      case UInt8(ascii: "\\"): content += String(Character(try escape())).utf8
      case 0..<0x20: throw failure("control characters written as \\u00XX")
      default: content.append(byte)
      }
    }
    throw failure("a closing quote")
  }

  private func text(_ slice: ArraySlice<UInt8>) throws(Failure) -> String {
    guard let text = String(validating: slice, as: UTF8.self) else { throw failure("UTF-8") }
    return text
  }

  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    guard let byte = next else { throw failure("an escape") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw failure("an escape")
    }
    let first = try hexadecimal()
    guard first >= 0xD800, first < 0xDC00 else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    // A pair of surrogates is one character; half a pair is none, and becomes U+FFFD.
    let mark = position
    guard take("\\"), take("u") else {
      position = mark
      return "\u{FFFD}"
    }
    let second = try hexadecimal()
    guard second >= 0xDC00, second < 0xE000 else {
      position = mark
      return "\u{FFFD}"
    }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw failure("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }
}
