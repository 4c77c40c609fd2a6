/// A value of the deterministic CBOR subset that Heliograph signs and sends.
///
/// RFC 8949 §4.2.1: shortest integers, definite lengths. Only integers (Int64), byte strings, text
/// strings (UTF-8) and arrays; anything else is refused, so bytes have one meaning and one form.
public enum CBORValue: Hashable, Sendable {
  case integer(Int64)
  case bytes([UInt8])
  case text(String)
  case array([CBORValue])
}

/// Why bytes are not deterministic CBOR of the accepted kind.
public enum CBORError: Error, Hashable, Sendable {
  /// The bytes end inside a value.
  case truncated
  /// A major type, length form or integer that the subset leaves out, at this offset.
  case notAllowed(offset: Int)
  /// An integer or length that is not in its shortest form, at this offset.
  case notShortest(offset: Int)
  /// A text string that is not UTF-8, at this offset.
  case notText(offset: Int)
  /// Arrays nested deeper than `CBORValue.maximumDepth`.
  case tooDeep
  /// Bytes are left after the value.
  case trailing(count: Int)
}

extension CBORValue {
  /// The deepest nesting of arrays accepted.
  public static let maximumDepth = 8

  /// The one encoding of this value.
  public var encoded: [UInt8] {
    var writer = CBORWriter()
    writer.write(self)
    return writer.bytes
  }

  /// Decodes one value that takes up all of `bytes`.
  public init(decoding bytes: some Sequence<UInt8>) throws(CBORError) {
    var reader = CBORReader(bytes: Array(bytes))
    self = try reader.value(depth: 0)
    if reader.remaining > 0 { throw .trailing(count: reader.remaining) }
  }

  public var integer: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }

  public var bytes: [UInt8]? {
    if case .bytes(let value) = self { value } else { nil }
  }

  public var text: String? {
    if case .text(let value) = self { value } else { nil }
  }

  public var array: [CBORValue]? {
    if case .array(let value) = self { value } else { nil }
  }
}

/// Reads the elements of a long array one after the other, so that they are never all in memory as
/// values: those take ten times the room of their bytes.
public struct CBORWalk {
  private var reader: CBORReader

  public init(_ bytes: [UInt8]) { reader = CBORReader(bytes: bytes) }

  /// Goes into the array that comes next; how many elements it has.
  public mutating func enterArray() throws(CBORError) -> Int { try reader.arrayHead() }

  /// Reads the whole value that comes next.
  public mutating func next() throws(CBORError) -> CBORValue { try reader.value(depth: 0) }

  /// Whether nothing is left.
  public var isAtEnd: Bool { reader.remaining == 0 }
}

/// Reads values from the front of a byte array.
private struct CBORReader {
  let bytes: [UInt8]
  var offset = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  var remaining: Int { bytes.count - offset }

  mutating func value(depth: Int) throws(CBORError) -> CBORValue {
    let start = offset
    let (major, argument) = try head()
    switch major {
    case 0, 1:
      guard argument <= UInt64(Int64.max) else { throw .notAllowed(offset: start) }
      return .integer(major == 0 ? Int64(argument) : -1 - Int64(argument))
    case 2: return .bytes(Array(try take(argument)))
    case 3:
      guard let text = String(validating: try take(argument), as: UTF8.self) else {
        throw .notText(offset: start)
      }
      return .text(text)
    case 4:
      guard depth < CBORValue.maximumDepth else { throw .tooDeep }
      // Every element takes at least a byte, so a huge count can't make us reserve memory.
      guard argument <= UInt64(remaining) else { throw .truncated }
      var values: [CBORValue] = []
      // At most a few: what is claimed and not sent must cost nothing.
      values.reserveCapacity(Int(min(argument, 64)))
      for _ in 0..<argument { values.append(try value(depth: depth + 1)) }
      return .array(values)
    default: throw .notAllowed(offset: start)
    }
  }

  mutating func arrayHead() throws(CBORError) -> Int {
    let start = offset
    let (major, argument) = try head()
    guard major == 4 else { throw .notAllowed(offset: start) }
    // Every element takes at least a byte.
    guard argument <= UInt64(remaining) else { throw .truncated }
    return Int(argument)
  }

  private mutating func head() throws(CBORError) -> (major: UInt8, argument: UInt64) {
    let start = offset
    guard remaining > 0 else { throw .truncated }
    let first = bytes[offset]
    offset += 1
    let low = first & 31
    guard low >= 24 else { return (first >> 5, UInt64(low)) }
    guard low <= 27 else { throw .notAllowed(offset: start) }
    let count = 1 << Int(low - 24)
    guard count <= remaining else { throw .truncated }
    var argument: UInt64 = 0
    for place in offset..<offset + count { argument = argument << 8 | UInt64(bytes[place]) }
    offset += count
    // What half as many bytes could hold is not in its shortest form.
    let smallest: UInt64 = low == 24 ? 24 : 1 << UInt64(4 * count)
    guard argument >= smallest else { throw .notShortest(offset: start) }
    return (first >> 5, argument)
  }

  private mutating func take(_ count: UInt64) throws(CBORError) -> ArraySlice<UInt8> {
    guard count <= UInt64(remaining) else { throw .truncated }
    defer { offset += Int(count) }
    return bytes[offset..<offset + Int(count)]
  }
}
