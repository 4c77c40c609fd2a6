/// Cuts a stream of bytes into frames: a big-endian 32-bit length, then that many bytes.
struct FrameReader {
  /// A length above what is accepted; the stream can't be followed any further.
  struct TooLong: Error { let length: Int }

  /// The longest frame accepted.
  let limit: Int
  private var bytes: [UInt8] = []
  private var start = 0

  init(limit: Int) { self.limit = limit }

  mutating func append(_ more: some Collection<UInt8>) { bytes.append(contentsOf: more) }

  /// The next whole frame, empty for a sign of life; nil while more bytes are needed.
  mutating func next() throws(TooLong) -> [UInt8]? {
    guard bytes.count - start >= 4 else {
      compact()
      return nil
    }
    let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
    guard length <= limit else { throw TooLong(length: length) }
    guard bytes.count - start >= 4 + length else {
      compact()
      return nil
    }
    defer { start += 4 + length }
    return Array(bytes[start + 4..<start + 4 + length])
  }

  private mutating func compact() {
    guard start > 0 else { return }
    bytes.removeSubrange(..<start)
    start = 0
  }

  static func frame(_ payload: [UInt8]) -> [UInt8] {
    var frame: [UInt8] = []
    frame.reserveCapacity(4 + payload.count)
    for shift in stride(from: 24, through: 0, by: -8) {
      frame.append(UInt8(truncatingIfNeeded: payload.count >> shift))
    }
    frame.append(contentsOf: payload)
    return frame
  }
}
