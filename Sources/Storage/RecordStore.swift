import HeliographCore
import Sealing
import Synchronization

/// The node's durable memory: signed records and small values in one SQLite file.
///
/// Blocking: call it from the thread that may wait for the disk.
public final class RecordStore: Sendable {
  public let path: String
  private let database: Mutex<Database>

  /// Opens `path`, creating and migrating it as needed, and checks that it is whole.
  ///
  /// Throws `.corrupt` for a damaged file and for another program's, `.newer` for one that a later
  /// version wrote, `.busy` when another process has it open.
  public init(path: String) throws(StorageError) {
    self.path = path
    var database = try Database.open(path: path)
    try Migration.migrate(&database)
    self.database = Mutex(database)
  }

  /// Commits all of `writes`, in their order, in one transaction; none of them when it throws.
  ///
  /// When it returns they survive a power cut. Storing a record again changes nothing, unless its
  /// bytes were damaged on the disk: then it mends them.
  public func commit(_ writes: [StoreWrite]) throws(StorageError) {
    guard !writes.isEmpty else { return }
    try database.withLock { database throws(StorageError) in
      try database.transaction(during: "commit") { database throws(StorageError) in
        for write in writes { try Self.perform(write, &database) }
      }
    }
  }

  private static func perform(
    _ write: StoreWrite, _ database: inout Database
  ) throws(StorageError) {
    switch write {
    case .record(let record):
      try database.execute(
        """
        INSERT OR REPLACE INTO record(community, author, sequence, identity, bytes)
        VALUES(?, ?, ?, ?, ?)
        """,
        [
          .bytes(record.community), .bytes(record.author.bytes), .integer(record.sequence),
          .bytes(record.identity.bytes), .bytes(record.bytes),
        ], during: "commit")
    case .put(let key, let value):
      try database.execute(
        "INSERT OR REPLACE INTO entry(key, value) VALUES(?, ?)", [.text(key), .bytes(value)],
        during: "commit")
    case .remove(let key):
      try database.execute("DELETE FROM entry WHERE key = ?", [.text(key)], during: "commit")
    }
  }

  /// Everything stored, in the order that `StoredState` promises.
  public func load() throws(StorageError) -> StoredState {
    try database.withLock { database throws(StorageError) in
      var state = StoredState()
      var damaged = 0
      try database.rows(
        """
        SELECT community, author, sequence, identity, bytes FROM record
        ORDER BY community, author, sequence, identity
        """, during: "load"
      ) { row in
        guard let author = PublicKey(row.bytes(1)), let identity = Digest(row.bytes(3)) else {
          damaged += 1
          return
        }
        state.records.append(
          StoredRecord(
            community: row.bytes(0), author: author, sequence: row.integer(2),
            identity: identity, bytes: row.bytes(4)))
      }
      try Self.read(&state.entries, &database)
      guard damaged == 0 else {
        throw StorageError(
          kind: .corrupt, code: 0, message: "\(damaged) records without a key or an identity",
          operation: "load", path: database.path)
      }
      return state
    }
  }

  /// The small values alone, in order of key.
  public func entries() throws(StorageError) -> [StoredState.Entry] {
    try database.withLock { database throws(StorageError) in
      var entries: [StoredState.Entry] = []
      try Self.read(&entries, &database)
      return entries
    }
  }

  private static func read(
    _ entries: inout [StoredState.Entry], _ database: inout Database
  ) throws(StorageError) {
    try database.rows("SELECT key, value FROM entry ORDER BY key", during: "load") { row in
      entries.append(StoredState.Entry(key: row.text(0), value: row.bytes(1)))
    }
  }

  /// Brings the log's pages into the database file, so that a stopped node is one file.
  public func checkpoint() throws(StorageError) {
    try database.withLock { database throws(StorageError) in
      try database.execute("PRAGMA wal_checkpoint(TRUNCATE)", during: "checkpoint")
    }
  }

  /// Holds the file to `pages` pages of 4 KiB, at least what it has; nil lifts the limit.
  ///
  /// For hosts that give the node a share of a disk, and to rehearse a full one.
  public func limit(pages: Int64?) throws(StorageError) {
    try database.withLock { database throws(StorageError) in
      try database.execute(
        "PRAGMA max_page_count=\(pages ?? 4_294_967_294)", during: "limit")
    }
  }
}
