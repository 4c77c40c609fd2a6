import Quantities
import Sealing

/// Records of one author that follow one another, of which only their kinds and the digests of
/// their contents are left.
///
/// Their identities follow from these and from the identity before (see `RecordChaining`), and the
/// signed record after them names the last one: so they are proved, gaplessly, by its signature.
public struct FoldedRun: Hashable, Sendable {
  /// What is left of one record.
  public struct Remainder: Hashable, Sendable {
    /// 0 … 65,535, as the record said.
    public let kind: Int64
    /// Digest of the content without the signature.
    public let content: Digest

    static let length = 34

    fileprivate var bytes: [UInt8] {
      [UInt8(truncatingIfNeeded: kind >> 8), UInt8(truncatingIfNeeded: kind)] + content.bytes
    }

    init(kind: Int64, content: Digest) {
      self.kind = kind
      self.content = content
    }

    fileprivate init?(_ bytes: ArraySlice<UInt8>) {
      guard bytes.count == Self.length, let content = Digest(bytes.dropFirst(2)) else {
        return nil
      }
      let start = bytes.startIndex
      self.init(kind: Int64(bytes[start]) << 8 | Int64(bytes[start + 1]), content: content)
    }

    /// Whether records of this kind are parts of contracts: no others can be folded.
    var canBeFolded: Bool { Record.Kind(rawValue: kind)?.canBeFolded ?? false }
  }

  /// The sequence of the first.
  public let first: Int64
  /// Identity of the record before; nil where the chain begins with the run.
  public let previous: Digest?
  /// What is left of each, in order.
  public let remainders: [Remainder]

  /// A run ends at the latest before a multiple of so many records: that one is kept as it is, and
  /// vouches for those before.
  public static let longest: Int64 = 1024
  /// The most bytes of a record together with a run before it.
  public static let maximumBytes =
    SealedContent.maximumBytes + Remainder.length * Int(longest) + 256
  private static let name = "folded1"

  public init(first: Int64, previous: Digest?, remainders: [Remainder]) {
    self.first = first
    self.previous = previous
    self.remainders = remainders
  }

  /// One more than the sequence of the last.
  public var end: Int64 { first + Int64(remainders.count) }

  /// Identities of the records, in order.
  public var identities: [Digest] {
    var identities: [Digest] = []
    identities.reserveCapacity(remainders.count)
    for remainder in remainders {
      identities.append(
        RecordChaining.identity(
          after: identities.last ?? previous, kind: remainder.kind, content: remainder.content))
    }
    return identities
  }

  /// Whether a signed record vouches for this run: it names the last one, none is missing, and all
  /// are of kinds that can be folded.
  func isFollowed(by record: Record) -> Bool {
    end == record.sequence && identities.last == record.previous
      && !(first..<end).contains(where: Self.isKept)
      && remainders.allSatisfy(\.canBeFolded)
  }

  /// Whether a record of this sequence is never folded: it vouches for the run before it.
  public static func isKept(_ sequence: Int64) -> Bool { sequence % longest == longest - 1 }

  /// The run and the record that follows it, as one item of a frame or a file.
  public func item(before record: [UInt8]) -> [UInt8] {
    CBORValue.array([
      .text(Self.name), .integer(first), .bytes(previous?.bytes ?? []),
      .bytes(remainders.flatMap(\.bytes)), .bytes(record),
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
      let packed = fields[3].bytes, !packed.isEmpty, packed.count % Remainder.length == 0,
      let record = fields[4].bytes
    else { return nil }
    let remainders = stride(from: 0, to: packed.count, by: Remainder.length).compactMap {
      Remainder(packed[$0..<$0 + Remainder.length])
    }
    let run = FoldedRun(first: first, previous: Digest(previous), remainders: remainders)
    return (run, record)
  }
}

extension Record.Kind {
  /// Whether records of this kind are parts of contracts: no others can be folded.
  var canBeFolded: Bool {
    switch self {
    case .accept, .confirm, .bind, .settle, .acknowledge, .cancel, .dispute, .commit, .pick: true
    case .limit, .payment, .receipt, .default, .net, .agree, .checkpoint, .countersign: false
    }
  }
}
