import HeliographCore
import Ledger
import Mesh
import Sealing
import Synchronization

/// The node's durable memory: signed records and small values in one SQLite file.
///
/// Blocking: call it from the thread that may wait for the disk.
public final class RecordStore: Sendable {
  public let path: String
  let content: Mutex<Content>

  /// The open database, and what is known of it.
  struct Content: ~Copyable {
    var database: Database
    /// Numbers of the chains that were looked up, by community and author.
    var chains: [ChainName: Int64] = [:]
    /// How far the slow check has come.
    var checked: Int64 = 0
  }

  struct ChainName: Hashable {
    let community: [UInt8]
    let author: PublicKey
  }

  /// Opens `path`, creating and migrating it as needed, and checks that it is whole.
  ///
  /// Throws `.corrupt` for a damaged file, `.foreign` for another program's, `.newer` for one that
  /// a later version wrote, `.older` for an early one's, `.busy` when another process has it open.
  public init(path: String) throws(StorageError) {
    self.path = path
    var database = try Database.open(path: path)
    try Migration.migrate(&database)
    content = Mutex(Content(database: database))
  }

  /// Commits all of `writes`, in their order, in one transaction; none of them when it throws.
  ///
  /// When it returns they survive a power cut.
  public func commit(_ writes: [StoreWrite]) throws(StorageError) {
    guard !writes.isEmpty else { return }
    try content.withLock { content throws(StorageError) in
      do throws(StorageError) {
        try content.database.execute("BEGIN IMMEDIATE", during: "commit")
        for write in writes { try Self.perform(write, &content) }
        try content.database.execute("COMMIT", during: "commit")
      } catch {
        content.database.rollBack()
        // A number that was given in this transaction is nobody's now.
        content.chains = [:]
        throw error
      }
    }
  }

  private static func perform(
    _ write: StoreWrite, _ content: inout Content
  ) throws(StorageError) {
    switch write {
    case .record(let record):
      let chain = try number(
        of: ChainName(community: record.community, author: record.author), &content)
      try content.database.insert(record, chain: chain)
    case .put(let key, let value):
      try content.database.execute(
        "INSERT OR REPLACE INTO entry(key, value) VALUES(?, ?)", [.text(key), .bytes(value)],
        during: "commit")
    case .remove(let key):
      try content.database.execute(
        "DELETE FROM entry WHERE key = ?", [.text(key)], during: "commit")
    case .index(let index): try content.database.replace(index)
    }
  }

  private static func number(
    of chain: ChainName, _ content: inout Content
  ) throws(StorageError) -> Int64 {
    if let known = content.chains[chain] { return known }
    let values: [Database.Value] = [.bytes(chain.community), .bytes(chain.author.bytes)]
    try content.database.execute(
      "INSERT OR IGNORE INTO chain(community, author) VALUES(?, ?)", values, during: "commit")
    guard let number = try existing(chain, &content) else {
      throw StorageError(
        kind: .corrupt, code: 0, message: "a chain's number is not found", operation: "commit",
        path: content.database.path)
    }
    return number
  }

  private static func existing(
    _ chain: ChainName, _ content: inout Content
  ) throws(StorageError) -> Int64? {
    if let known = content.chains[chain] { return known }
    var number: Int64?
    try content.database.rows(
      "SELECT number FROM chain WHERE community = ? AND author = ?",
      [.bytes(chain.community), .bytes(chain.author.bytes)], during: "read"
    ) { number = $0.integer(0) }
    content.chains[chain] = number
    return number
  }

  /// The records of one frame that a neighbour is to get, in order of arrival; damaged ones are
  /// left out, with all of their author's that come after.
  public func records(_ request: RecordRequest) throws(StorageError) -> [[UInt8]] {
    try content.withLock { content throws(StorageError) in
      try request.records(
        arrivals: { (span, limit) throws(StorageError) in
          let name = ChainName(community: request.community, author: span.author)
          guard let chain = try Self.existing(name, &content) else { return [] }
          return try content.database.arrivals(of: chain, span, limit: limit)
        },
        bytes: { (arrival) throws(StorageError) in
          try content.database.record(arrivedAs: arrival)
        })
    }
  }

  /// The small values, in order of key.
  public func entries() throws(StorageError) -> [StoredState.Entry] {
    try content.withLock { content throws(StorageError) in
      var entries: [StoredState.Entry] = []
      try content.database.rows(
        "SELECT key, value FROM entry ORDER BY key", during: "load"
      ) { row in
        entries.append(StoredState.Entry(key: row.text(0), value: row.bytes(1)))
      }
      return entries
    }
  }

  /// Everything stored, the records in order of arrival: for small stores and for tests; a start
  /// reads `restore` and `entries`.
  public func load() throws(StorageError) -> StoredState {
    var state = StoredState(entries: try entries())
    let damaged = try forEachRecord(after: 0) { state.records.append($0) }
    guard damaged == 0 else { throw damage("\(damaged) records", during: "load") }
    return state
  }

  /// Brings the log's pages into the database file, so that a stopped node is one file.
  public func checkpoint() throws(StorageError) {
    try content.withLock { content throws(StorageError) in
      try content.database.execute("PRAGMA wal_checkpoint(TRUNCATE)", during: "checkpoint")
    }
  }

  /// The bytes of the file that hold something; the rest is free for what comes.
  public func usedBytes() throws(StorageError) -> Int {
    try content.withLock { content throws(StorageError) in
      var figures: [Int64] = []
      for pragma in ["page_count", "freelist_count", "page_size"] {
        try content.database.rows("PRAGMA \(pragma)", during: "measure") {
          figures.append($0.integer(0))
        }
      }
      return Int((figures[0] - figures[1]) * figures[2])
    }
  }

  /// Holds the file to `pages` pages of 4 KiB, at least what it has; nil lifts the limit.
  ///
  /// For hosts that give the node a share of a disk, and to rehearse a full one.
  public func limit(pages: Int64?) throws(StorageError) {
    try content.withLock { content throws(StorageError) in
      try content.database.execute(
        "PRAGMA max_page_count=\(pages ?? 4_294_967_294)", during: "limit")
    }
  }

  func damage(_ what: String, during operation: String) -> StorageError {
    StorageError(
      kind: .corrupt, code: 0, message: "\(what) damaged", operation: operation, path: path)
  }
}
