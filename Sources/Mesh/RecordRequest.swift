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

  /// The records for one frame as far as it has room, proofs first, the rest in the order in which
  /// they came here.
  ///
  /// In that order each record comes after the one before it and after what it answers. Author by
  /// author, a neighbour that catches up would have all that one author ever answered wait for the
  /// others' records.
  ///
  /// - Parameters:
  ///   - arrivals: the places in the order of arrival of a span's records, those of the lowest
  ///     sequences, at most so many.
  ///   - bytes: the record at such a place; nil when it is damaged.
  public func records<Failure: Error>(
    arrivals: (Span, Int) throws(Failure) -> [Int64],
    bytes: (Int64) throws(Failure) -> [UInt8]?
  ) throws(Failure) -> [[UInt8]] {
    var batch = RecordBatch(records: Gossip.batch / 2, bytes: Gossip.batchBytes / 2)
    batch.add(loose)
    for span in proofs {
      for arrival in try arrivals(span, batch.left) {
        if let record = try bytes(arrival) { _ = batch.add(record) }
      }
    }
    batch.room = (Gossip.batch, Gossip.batchBytes)
    var places: [(arrival: Int64, span: Int)] = []
    for (number, span) in spans.enumerated() {
      places += try arrivals(span, batch.left).map { ($0, number) }
    }
    places.sort { $0.arrival < $1.arrival }
    // Nothing of an author's can follow a damaged record.
    var broken: Set<Int> = []
    for place in places where !broken.contains(place.span) {
      guard let record = try bytes(place.arrival) else {
        broken.insert(place.span)
        continue
      }
      guard batch.add(record) else { break }
    }
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

  /// Takes a record; returns false when there is no room for it.
  mutating func add(_ record: [UInt8]) -> Bool {
    guard records.count < room.records, bytes + record.count <= room.bytes else { return false }
    records.append(record)
    bytes += record.count
    return true
  }

  mutating func add(_ more: [[UInt8]]) {
    for record in more { _ = add(record) }
  }
}
