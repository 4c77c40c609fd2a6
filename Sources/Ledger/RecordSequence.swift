import Sealing

/// Signed records as a file: a CBOR sequence (RFC 8742) of byte strings, one a record.
///
/// Nothing goes before them and nothing between, so files can be joined end to end and read while
/// they come.
public struct RecordSequence: Sendable {
  /// What is no such sequence.
  public enum Failure: Error, Hashable, Sendable {
    /// At this offset of the file begins no byte string in its shortest form.
    case noByteString(offset: Int)
    /// A byte string longer than signed content may be begins at this offset.
    case tooLong(Int, offset: Int)
    /// The file ends inside a record.
    case truncated

    public var text: String {
      switch self {
      case .noByteString(let offset):
        "at byte \(offset) there is no CBOR byte string: this is no export of records"
      case .tooLong(let count, let offset):
        "the record at byte \(offset) has \(count) bytes: at most \(FoldedRun.maximumBytes) are "
          + "accepted"
      case .truncated: "the file ends inside a record: it was cut off"
      }
    }
  }

  private var pending: [UInt8] = []
  private var position = 0
  private var offset = 0

  public init() {}

  /// One record's place in the file: its bytes after the head of a byte string.
  public static func item(_ record: [UInt8]) -> [UInt8] { CBORValue.bytes(record).encoded }

  /// Adds what was read next.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    pending.removeFirst(position)
    position = 0
    pending.append(contentsOf: bytes)
  }

  /// The next record's bytes; nil when more must be read first.
  public mutating func next() throws(Failure) -> [UInt8]? {
    guard position < pending.count else { return nil }
    let first = pending[position]
    let widths: [UInt8: Int] = [0x58: 1, 0x59: 2, 0x5A: 4]
    let width = widths[first] ?? 0
    guard (0x40...0x57).contains(first) || width > 0 else { throw .noByteString(offset: offset) }
    guard position + 1 + width <= pending.count else { return nil }
    let argument = pending[position + 1..<position + 1 + width].reduce(0) { $0 << 8 | Int($1) }
    let count = width == 0 ? Int(first - 0x40) : argument
    let least = [1: 24, 2: 0x100, 4: 0x1_0000][width] ?? 0
    guard count >= least else { throw .noByteString(offset: offset) }
    guard count <= FoldedRun.maximumBytes else { throw .tooLong(count, offset: offset) }
    let start = position + 1 + width
    guard start + count <= pending.count else { return nil }
    position = start + count
    offset += 1 + width + count
    return Array(pending[start..<position])
  }

  /// Call when nothing more is to be read.
  public func finish() throws(Failure) {
    guard position == pending.count else { throw .truncated }
  }
}
