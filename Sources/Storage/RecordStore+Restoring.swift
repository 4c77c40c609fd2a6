import CSQLite
import HeliographCore
import Ledger
import Sealing

/// Reading a ledger from the store at a start, and looking after its records while it runs.
extension RecordStore {
  /// What a start read.
  public struct Restoration: Sendable {
    /// Records that the ledger knows.
    public internal(set) var records = 0
    /// How many of them had to be read one by one.
    public internal(set) var replayed = 0
    /// Records whose bytes are not what was stored: those after the index only.
    public internal(set) var damaged = 0
  }

  /// Fills an empty ledger: from the index, then with the records that came after it.
  ///
  /// An index that is missing, damaged or another key's is passed over, and every record read, one
  /// after the other: a million take some seconds and no more memory than the ledger itself.
  public func restore(_ ledger: inout CommunityLedger) throws(StorageError) -> Restoration {
    var result = Restoration()
    let reach = try restoreIndex(&ledger)
    result.damaged = try forEachRecord(after: reach) { record in
      result.replayed += 1
      _ = ledger.receive(record.bytes, storedAs: record.identity)
    }
    result.records = ledger.recordCount
    // What decoding took for a moment is given back: a node runs for months.
    heliograph_return_free_memory()
    return result
  }

  /// Restores what the index covers; the arrival of the last such record, 0 where nothing is.
  private func restoreIndex(_ ledger: inout CommunityLedger) throws(StorageError) -> Int64 {
    let (reach, snapshot) = try snapshot()
    guard reach > 0, var index = ledger.index(snapshot: snapshot) else { return 0 }
    try forEachSegment { index.take($0) }
    return ledger.restore(index) ? reach : 0
  }

  /// The snapshot, and the arrival of the last record that it covers.
  private func snapshot() throws(StorageError) -> (reach: Int64, bytes: [UInt8]) {
    try content.withLock { content throws(StorageError) in
      var snapshot: (reach: Int64, bytes: [UInt8]) = (0, [])
      try content.database.rows(
        "SELECT reach, bytes FROM snapshot ORDER BY part", during: "load"
      ) { row in
        snapshot.reach = row.integer(0)
        snapshot.bytes += row.bytes(1)
      }
      return snapshot
    }
  }

  /// Hands each segment of tags to `body`, in order; few of them are in memory at once.
  private func forEachSegment(_ body: ([UInt8]) -> Void) throws(StorageError) {
    var reached: Int64 = 0
    while true {
      let page = try content.withLock { content throws(StorageError) in
        var page: [(number: Int64, bytes: [UInt8])] = []
        try content.database.rows(
          "SELECT number, bytes FROM segment WHERE number > ? ORDER BY number LIMIT 16",
          [.integer(reached)], during: "load"
        ) { page.append(($0.integer(0), $0.bytes(1))) }
        return page
      }
      guard let last = page.last else { return }
      reached = last.number
      for segment in page { body(segment.bytes) }
    }
  }

  /// Hands each whole record to `body`, in order of arrival; returns how many are damaged.
  public func forEachRecord(
    after arrival: Int64, _ body: (StoredRecord) -> Void
  ) throws(StorageError) -> Int {
    var damaged = 0
    var reached = arrival
    while true {
      let page = try page(after: reached)
      for row in page {
        reached = row.arrival
        if let record = row.record { body(record) } else { damaged += 1 }
      }
      if page.count < Self.pageRecords { return damaged }
    }
  }

  /// How many records are read at once.
  private static let pageRecords = 500

  /// A row of the table of records; without a record when that is damaged.
  private struct RecordRow {
    let arrival: Int64
    let record: StoredRecord?
  }

  private func page(after arrival: Int64) throws(StorageError) -> [RecordRow] {
    try content.withLock { content throws(StorageError) in
      var page: [RecordRow] = []
      try content.database.rows(
        """
        SELECT community, author, sequence, proof, bytes, arrival
        FROM record CROSS JOIN chain ON chain.number = record.chain
        WHERE arrival > ? ORDER BY arrival LIMIT ?
        """, [.integer(arrival), .integer(Int64(Self.pageRecords))], during: "load"
      ) { row in
        let bytes = row.bytes(4)
        var record: StoredRecord?
        if let author = PublicKey(row.bytes(1)),
          Database.isWhole(bytes, proof: row.bytes(3)),
          let identity = FoldedRun.record(of: bytes)?.identity
        {
          record = StoredRecord(
            community: row.bytes(0), author: author, sequence: row.integer(2),
            identity: identity, bytes: bytes)
        }
        page.append(RecordRow(arrival: row.integer(5), record: record))
      }
      return page
    }
  }

  /// The small values of a damaged database, where their table at least is whole; else none.
  public static func salvagedEntries(path: String) -> [StoredState.Entry] {
    do throws(StorageError) {
      var database = try Database.open(path: path, checking: ["entry"])
      var entries: [StoredState.Entry] = []
      try database.rows("SELECT key, value FROM entry ORDER BY key", during: "salvage") { row in
        entries.append(StoredState.Entry(key: row.text(0), value: row.bytes(1)))
      }
      return entries
    } catch { return [] }
  }

  /// Looks at the next `count` records, signatures and all, going round without end; throws
  /// `.corrupt` for the first that is not what was stored.
  ///
  /// A start checks what it reads; of a large database the rest is checked while the node runs.
  public func check(next count: Int) throws(StorageError) {
    let wrong: Int64? = try content.withLock { content throws(StorageError) in
      var seen = 0
      var last = content.checked
      var wrong: Int64?
      try content.database.rows(
        "SELECT arrival, proof, bytes FROM record WHERE arrival > ? ORDER BY arrival LIMIT ?",
        [.integer(content.checked), .integer(Int64(count))], during: "check"
      ) { row in
        seen += 1
        last = row.integer(0)
        let bytes = row.bytes(2)
        let isWhole = Database.isWhole(bytes, proof: row.bytes(1))
        if !isWhole || FoldedRun.record(of: bytes)?.isGenuine != true { wrong = wrong ?? last }
      }
      content.checked = seen < count ? 0 : last
      return wrong
    }
    if let wrong { throw damage("record \(wrong)", during: "check") }
  }
}
