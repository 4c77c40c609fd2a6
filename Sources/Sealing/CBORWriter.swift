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
  public mutating func beginArray(_ count: Int) {
    CBORValue.appendHead(major: 4, UInt64(count), to: &bytes)
  }

  /// Writes an integer.
  public mutating func write(_ integer: Int64) {
    if integer >= 0 {
      CBORValue.appendHead(major: 0, UInt64(integer), to: &bytes)
    } else {
      CBORValue.appendHead(major: 1, UInt64(-1 - integer), to: &bytes)
    }
  }

  /// Writes a whole value.
  public mutating func write(_ value: CBORValue) { value.append(to: &bytes) }

  /// Writes a byte string.
  public mutating func write(_ string: [UInt8]) {
    CBORValue.appendHead(major: 2, UInt64(string.count), to: &bytes)
    bytes.append(contentsOf: string)
  }

  /// Writes a digest or key as a byte string.
  @inlinable
  public mutating func write(_ value: some Bytes32) { write(value.words) }

  /// Writes four words as a byte string of 32 bytes.
  public mutating func write(_ words: Words32) {
    CBORValue.appendHead(major: 2, 32, to: &bytes)
    let ordered = (
      words.first.bigEndian, words.second.bigEndian, words.third.bigEndian,
      words.fourth.bigEndian
    )
    withUnsafeBytes(of: ordered) { bytes.append(contentsOf: $0) }
  }
}
