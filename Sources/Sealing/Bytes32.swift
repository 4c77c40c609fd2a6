/// Thirty-two bytes held in place: cheap to copy, hash and compare.
///
/// Order is that of the bytes read as one big-endian number, so it is the same on every machine.
public protocol Bytes32: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  var words: Words32 { get }
  init(words: Words32)
}

/// Four big-endian 64-bit words: the storage of `Bytes32`.
public struct Words32: Hashable, Comparable, Sendable {
  public let first: UInt64
  public let second: UInt64
  public let third: UInt64
  public let fourth: UInt64

  public static let zero = Words32(first: 0, second: 0, third: 0, fourth: 0)

  public init(first: UInt64, second: UInt64, third: UInt64, fourth: UInt64) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
  }

  public static func < (left: Words32, right: Words32) -> Bool {
    (left.first, left.second, left.third, left.fourth)
      < (right.first, right.second, right.third, right.fourth)
  }
}

extension Bytes32 {
  /// Feeds all of the bytes.
  @inlinable
  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.first)
    hasher.combine(words.second)
    hasher.combine(words.third)
    hasher.combine(words.fourth)
  }

  /// What sets and dictionaries of keys and digests find their place by: `hash(into:)` takes ten
  /// times as many instructions.
  @inlinable
  public func _rawHashValue(seed: Int) -> Int { TableHash.secret(words, seed: seed) }

  /// Nothing but zeros: stands for "none", never for a real digest or key.
  public static var zero: Self { Self(words: .zero) }

  /// Reads exactly 32 bytes; nil when `bytes` has another length.
  @inlinable
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    // Counted by hand and inlinable: through `enumerated()` and unspecialised generics this was a
    // fifth of all the time that a simulation took.
    var position = 0
    for byte in bytes {
      switch position / 8 {
      case 0: words.0 = words.0 << 8 | UInt64(byte)
      case 1: words.1 = words.1 << 8 | UInt64(byte)
      case 2: words.2 = words.2 << 8 | UInt64(byte)
      default: words.3 = words.3 << 8 | UInt64(byte)
      }
      position += 1
    }
    self.init(
      words: Words32(first: words.0, second: words.1, third: words.2, fourth: words.3))
  }

  /// Reads 64 hexadecimal digits of either case; nil for anything else.
  public init?(hexadecimal text: String) {
    guard let bytes = Hexadecimal.bytes(text) else { return nil }
    self.init(bytes)
  }

  /// The 32 bytes, most significant first.
  public var bytes: [UInt8] {
    // In one piece: appended one by one they were seen in the profile of a node that catches up.
    let words = words
    let inOrder = (
      words.first.bigEndian, words.second.bigEndian, words.third.bigEndian,
      words.fourth.bigEndian
    )
    return withUnsafeBytes(of: inOrder) { [UInt8]($0) }
  }

  /// All 64 hexadecimal digits, lower case.
  public var hexadecimal: String { Hexadecimal.text(bytes) }

  /// The first 8 hexadecimal digits: enough for a person, never for a decision.
  public var short: String { String(hexadecimal.prefix(8)) }

  public var description: String { short }

  public static func < (left: Self, right: Self) -> Bool { left.words < right.words }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let value = Self(hexadecimal: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "expected 64 hexadecimal digits")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hexadecimal)
  }
}

/// Hexadecimal text of bytes.
public enum Hexadecimal {
  /// Two lower-case digits for each byte.
  public static func text(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var result: [UInt8] = []
    for byte in bytes {
      result.append(digits[Int(byte >> 4)])
      result.append(digits[Int(byte & 15)])
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The bytes that `text` spells; nil for an odd count or another character.
  public static func bytes(_ text: String) -> [UInt8]? {
    var result: [UInt8] = []
    var high: UInt8?
    for character in text.utf8 {
      let digit: UInt8
      switch character {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = character - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = character - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = character - UInt8(ascii: "A") + 10
      default: return nil
      }
      if let first = high {
        result.append(first << 4 | digit)
        high = nil
      } else {
        high = digit
      }
    }
    return high == nil ? result : nil
  }
}
