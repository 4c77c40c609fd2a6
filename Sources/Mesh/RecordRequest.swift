import Sealing

/// Records that a neighbour is to get, for whoever has the store at hand to read and send.
///
/// The core knows which they are and not their bytes: those lie in the store.
public struct RecordRequest: Hashable, Sendable {
  /// Records of one author, on all branches.
  public struct Span: Hashable, Sendable {
    public let author: PublicKey
    public let from: Int64
    /// How many sequences from there; nil to the end.
    public let sequences: Int64?

    public init(author: PublicKey, from: Int64, sequences: Int64? = nil) {
      self.author = author
      self.from = from
      self.sequences = sequences
    }
  }

  public let community: [UInt8]
  /// Halves of proofs that have no place in the store's chains yet.
  public var loose: [[UInt8]] = []
  /// Proofs of forks: they go first, in at most half of the frame.
  public var proofs: [Span] = []
  public var spans: [Span] = []

  public init(community: [UInt8]) { self.community = community }

  public var isEmpty: Bool { loose.isEmpty && proofs.isEmpty && spans.isEmpty }

  /// The records for one frame as far as it has room, each author's in order and without a gap.
  ///
  /// - Parameter read: the records of a span in order of sequence, at most so many.
  public func records<Failure: Error>(
    _ read: (Span, Int) throws(Failure) -> [[UInt8]]
  ) throws(Failure) -> [[UInt8]] {
    var batch = RecordBatch(records: Gossip.batch / 2, bytes: Gossip.batchBytes / 2)
    batch.add(loose)
    for span in proofs { batch.add(try read(span, batch.left)) }
    batch.room = (Gossip.batch, Gossip.batchBytes)
    for span in spans where batch.left > 0 { batch.add(try read(span, batch.left)) }
    return batch.records
  }
}

/// Records of one frame, as far as it has room.
private struct RecordBatch {
  var records: [[UInt8]] = []
  var room: (records: Int, bytes: Int)
  private var bytes = 0

  init(records: Int, bytes: Int) { room = (records, bytes) }

  /// How many more records it may take.
  var left: Int { room.records - records.count }

  mutating func add(_ more: [[UInt8]]) {
    for record in more {
      guard records.count < room.records, bytes + record.count <= room.bytes else { return }
      records.append(record)
      bytes += record.count
    }
  }
}
