/// Writes deterministic CBOR straight into bytes.
///
/// For what is long and written often: as a `CBORValue` it takes ten times the room of its bytes
/// for a moment, and most of the time goes into making the values.
public struct CBORWriter {
  /// What was written so far.
  public private(set) var bytes: [UInt8] = []

  /// - Parameter capacity: about how many bytes there will be.
  public init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

  /// Begins an array; its elements are the `count` values that are written next.
  public mutating func beginArray(_ count: Int) { writeHead(major: 4, UInt64(count)) }

  /// Writes a whole value.
  public mutating func write(_ value: CBORValue) {
    switch value {
    case .integer(let integer): write(integer)
    case .bytes(let string): write(string)
    case .text(let text):
      let string = text.utf8
      writeHead(major: 3, UInt64(string.count))
      bytes.append(contentsOf: string)
    case .array(let values):
      beginArray(values.count)
      for value in values { write(value) }
    }
  }

  /// Writes an integer.
  public mutating func write(_ integer: Int64) {
    if integer >= 0 {
      writeHead(major: 0, UInt64(integer))
    } else {
      writeHead(major: 1, UInt64(-1 - integer))
    }
  }

  /// Writes a byte string.
  public mutating func write(_ string: [UInt8]) {
    writeHead(major: 2, UInt64(string.count))
    bytes.append(contentsOf: string)
  }

  /// Writes a digest or key as a byte string.
  @inlinable
  public mutating func write(_ value: some Bytes32) { write(value.words) }

  /// Writes four words as a byte string of 32 bytes.
  public mutating func write(_ words: Words32) {
    writeHead(major: 2, 32)
    let ordered = (
      words.first.bigEndian, words.second.bigEndian, words.third.bigEndian,
      words.fourth.bigEndian
    )
    withUnsafeBytes(of: ordered) { bytes.append(contentsOf: $0) }
  }

  private mutating func writeHead(major: UInt8, _ value: UInt64) {
    let high = major << 5
    switch value {
    case 0..<24: bytes.append(high | UInt8(value))
    case 24...0xFF:
      bytes.append(high | 24)
      bytes.append(UInt8(value))
    case 0x100...0xFFFF:
      bytes.append(high | 25)
      appendBigEndian(value, count: 2)
    case 0x1_0000...0xFFFF_FFFF:
      bytes.append(high | 26)
      appendBigEndian(value, count: 4)
    default:
      bytes.append(high | 27)
      appendBigEndian(value, count: 8)
    }
  }

  private mutating func appendBigEndian(_ value: UInt64, count: Int) {
    for index in stride(from: count - 1, through: 0, by: -1) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(8 * index)))
    }
  }
}
