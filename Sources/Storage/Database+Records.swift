import HeliographCore
import Ledger
import Mesh
import Sealing

/// The statements of schema 2.
extension Database {
  /// The most bytes of a snapshot in one row.
  private static let snapshotPart = 1 << 16

  /// Adds a record at the end of the order of arrival.
  mutating func insert(_ record: StoredRecord, chain: Int64) throws(StorageError) {
    try execute(
      "INSERT INTO record(chain, sequence, proof, bytes) VALUES(?, ?, ?, ?)",
      [
        .integer(chain), .integer(record.sequence),
        .bytes(Self.proof(of: record.bytes)), .bytes(record.bytes),
      ], during: "commit")
  }

  /// Adds an index's segments and writes its snapshot anew; it reaches as far as records go now.
  mutating func replace(_ index: LedgerIndex) throws(StorageError) {
    if index.replacesAll { try execute("DELETE FROM segment", during: "commit") }
    for segment in index.segments {
      try execute("INSERT INTO segment(bytes) VALUES(?)", [.bytes(segment)], during: "commit")
    }
    try execute("DELETE FROM snapshot", during: "commit")
    for start in stride(from: 0, to: index.snapshot.count, by: Self.snapshotPart) {
      let end = min(index.snapshot.count, start + Self.snapshotPart)
      try execute(
        """
        INSERT INTO snapshot(reach, bytes)
        VALUES((SELECT coalesce(max(arrival), 0) FROM record), ?)
        """, [.bytes(Array(index.snapshot[start..<end]))], during: "commit")
    }
  }

  /// Where a chain's records from a sequence on, on all branches, lie in the order of arrival:
  /// those of the lowest sequences.
  mutating func arrivals(
    of chain: Int64, _ span: RecordRequest.Span, limit: Int
  ) throws(StorageError) -> [Int64] {
    let end = span.sequences.map { span.from + $0 } ?? .max
    var arrivals: [Int64] = []
    try rows(
      """
      SELECT arrival FROM record WHERE chain = ? AND sequence >= ? AND sequence < ?
      ORDER BY sequence, arrival LIMIT ?
      """,
      [.integer(chain), .integer(span.from), .integer(end), .integer(Int64(limit))],
      during: "read"
    ) { arrivals.append($0.integer(0)) }
    guard arrivals.isEmpty, span.sequences != nil else { return arrivals }
    // They were folded: into the one that follows.
    try rows(
      """
      SELECT arrival FROM record WHERE chain = ? AND sequence >= ?
      ORDER BY sequence, arrival LIMIT 1
      """, [.integer(chain), .integer(end)], during: "read"
    ) { arrivals.append($0.integer(0)) }
    return arrivals
  }

  /// Bytes of the record that came as that one; nil when they are damaged.
  mutating func record(arrivedAs arrival: Int64) throws(StorageError) -> [UInt8]? {
    var record: [UInt8]?
    try rows(
      "SELECT proof, bytes FROM record WHERE arrival = ?", [.integer(arrival)], during: "read"
    ) { row in
      let bytes = row.bytes(1)
      if Self.isWhole(bytes, proof: row.bytes(0)) { record = bytes }
    }
    return record
  }

  /// The first 8 bytes of the digest of a record's content: they tell damaged bytes.
  static func proof(of record: [UInt8]) -> [UInt8] {
    RecordChaining.content(of: record).map { Array($0.bytes.prefix(8)) } ?? []
  }

  /// Whether a record's bytes are those that `proof` was made of.
  static func isWhole(_ record: [UInt8], proof: [UInt8]) -> Bool {
    !proof.isEmpty && Self.proof(of: record) == proof
  }
}
