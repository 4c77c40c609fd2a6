import Quantities
import Sealing

/// Records of one author that follow one another, of which only the digests of their contents are
/// left.
///
/// Their identities follow from these and from the identity before (see `RecordChaining`), and the
/// signed record after them names the last one: so they are proved, gaplessly, by its signature.
public struct FoldedRun: Hashable, Sendable {
  /// The sequence of the first.
  public let first: Int64
  /// Identity of the record before; nil where the chain begins with the run.
  public let previous: Digest?
  /// Digests of the contents, in order.
  public let contents: [Digest]

  /// A run ends at the latest before a multiple of so many records: that one is kept as it is, and
  /// vouches for those before.
  public static let longest: Int64 = 1024
  /// The most bytes of a record together with a run before it.
  public static let maximumBytes = SealedContent.maximumBytes + 32 * Int(longest) + 256
  private static let name = "folded1"

  public init(first: Int64, previous: Digest?, contents: [Digest]) {
    self.first = first
    self.previous = previous
    self.contents = contents
  }

  /// One more than the sequence of the last.
  public var end: Int64 { first + Int64(contents.count) }

  /// Identities of the records, in order.
  public var identities: [Digest] {
    var identities: [Digest] = []
    identities.reserveCapacity(contents.count)
    for content in contents {
      identities.append(
        RecordChaining.identity(after: identities.last ?? previous, content: content))
    }
    return identities
  }

  /// Whether a signed record vouches for this run: it names the last one, and none is missing.
  func isFollowed(by record: Record) -> Bool {
    end == record.sequence && identities.last == record.previous
      && !(first..<end).contains(where: Self.isKept)
  }

  /// Whether a record of this sequence is never folded: it vouches for the run before it.
  public static func isKept(_ sequence: Int64) -> Bool { sequence % longest == longest - 1 }

  /// The run and the record that follows it, as one item of a frame or a file.
  public func item(before record: [UInt8]) -> [UInt8] {
    CBORValue.array([
      .text(Self.name), .integer(first), .bytes(previous?.bytes ?? []),
      .bytes(contents.flatMap(\.bytes)), .bytes(record),
    ]).encoded
  }

  /// The record of an item, or of bytes that are one; its signature is not checked.
  public static func record(of item: [UInt8]) -> Record? {
    try? Record(decoding: parts(of: item)?.record ?? item, verifying: false)
  }

  /// The parts of such an item; nil for anything else.
  public static func parts(of item: [UInt8]) -> (run: FoldedRun, record: [UInt8])? {
    // The heads of an array of five and of a text of seven: no record begins so.
    guard item.starts(with: [0x85, 0x67]), item.count <= maximumBytes,
      let fields = (try? CBORValue(decoding: item))?.array, fields.count == 5,
      fields[0].text == name, let first = fields[1].integer, (0...magnitudeLimit).contains(first),
      let previous = fields[2].bytes, previous.count == (first == 0 ? 0 : 32),
      let packed = fields[3].bytes, !packed.isEmpty, packed.count % 32 == 0,
      let record = fields[4].bytes
    else { return nil }
    let contents = stride(from: 0, to: packed.count, by: 32).compactMap {
      Digest(packed[$0..<$0 + 32])
    }
    return (FoldedRun(first: first, previous: Digest(previous), contents: contents), record)
  }
}
