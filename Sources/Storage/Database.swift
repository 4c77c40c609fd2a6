import CSQLite
import Glibc

/// One open SQLite database, owned by one place at a time and closed with it.
///
/// Write-ahead log with `synchronous=FULL`: a commit that returned is on the disk. The lock is
/// exclusive, so nobody changes the file behind a running node, and SQLite keeps the log's index
/// in memory rather than in a mapped file, which a full disk would turn into a bus error.
struct Database: ~Copyable {
  /// What can be bound to a statement's parameter.
  enum Value {
    case integer(Int64)
    case bytes([UInt8])
    case text(String)
  }

  /// The row that a statement stands on; valid within the closure that it is handed to.
  struct Row {
    fileprivate let statement: OpaquePointer

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    func bytes(_ column: Int32) -> [UInt8] {
      guard let start = sqlite3_column_blob(statement, column) else { return [] }
      let count = Int(sqlite3_column_bytes(statement, column))
      return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    func text(_ column: Int32) -> String { String(decoding: bytes(column), as: UTF8.self) }
  }

  /// Up to so many pages of 4 KiB a start reads all of the database: 32 MiB.
  static let wholeCheckPages: Int64 = 8192

  let path: String
  private let handle: OpaquePointer
  /// Prepared statements by their text: a handful, all written in this module.
  private var statements: [String: OpaquePointer] = [:]

  private init(path: String, handle: OpaquePointer) {
    self.path = path
    self.handle = handle
  }

  /// Opens the database, creating it where there is none, and checks that it is whole, or that
  /// these tables are.
  static func open(
    path: String, checking tables: [String]? = nil
  ) throws(StorageError) -> Database {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard let handle = opened else {
      throw StorageError(
        kind: .refused, code: code, message: "out of memory", operation: "open", path: path)
    }
    // From here on the handle closes with the value, also when opening failed halfway.
    var database = Database(path: path, handle: handle)
    sqlite3_extended_result_codes(handle, 1)
    guard code == SQLITE_OK else { throw database.failure(code, "open") }
    try database.prepareForUse()
    guard let tables else {
      try database.checkIntegrity()
      return database
    }
    for table in tables { try database.check("'\(table)'") }
    return database
  }

  private mutating func prepareForUse() throws(StorageError) {
    try execute("PRAGMA locking_mode=EXCLUSIVE", during: "open")
    try execute("PRAGMA cache_size=-1024", during: "open")
    var mode = ""
    try rows("PRAGMA journal_mode=WAL", during: "open") { mode = $0.text(0) }
    guard mode == "wal" else {
      throw StorageError(
        kind: .io, code: 0, message: "no write-ahead log on this file system (\(mode))",
        operation: "open", path: path)
    }
    try execute("PRAGMA synchronous=FULL", during: "open")
    try execute("PRAGMA journal_size_limit=4194304", during: "open")
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close_v2(handle)
  }

  /// A small database is read whole. Of a large one the b-trees that a start goes by are read; its
  /// records are checked while the node runs.
  private mutating func checkIntegrity() throws(StorageError) {
    var pages: Int64 = 0
    var tables: Set<String> = []
    try rows("PRAGMA page_count", during: "check") { pages = $0.integer(0) }
    try rows("SELECT name FROM sqlite_schema WHERE type = 'table'", during: "check") {
      tables.insert($0.text(0))
    }
    guard pages > Self.wholeCheckPages, tables.contains("snapshot") else {
      return try check("")
    }
    for table in ["chain", "entry", "segment", "snapshot"] { try check("'\(table)'") }
  }

  private mutating func check(_ table: String) throws(StorageError) {
    var findings: [String] = []
    let pragma = table.isEmpty ? "PRAGMA quick_check(1)" : "PRAGMA quick_check(\(table))"
    try rows(pragma, during: "check") { findings.append($0.text(0)) }
    guard findings == ["ok"] else {
      throw StorageError(
        kind: .corrupt, code: 0, message: findings.prefix(3).joined(separator: "; "),
        operation: "check", path: path)
    }
  }

  /// Runs one statement that gives no rows (rows of a pragma are passed over).
  mutating func execute(
    _ sql: String, _ values: [Value] = [], during operation: String
  ) throws(StorageError) {
    try rows(sql, values, during: operation) { _ in }
  }

  /// Runs one statement and hands each row to `body`.
  mutating func rows(
    _ sql: String, _ values: [Value] = [], during operation: String, _ body: (Row) -> Void
  ) throws(StorageError) {
    let statement = try prepared(sql, operation)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      let position = Int32(index + 1)
      let code =
        switch value {
        case .integer(let number): sqlite3_bind_int64(statement, position, number)
        case .bytes(let bytes):
          heliograph_bind_copied_blob(statement, position, bytes, UInt64(bytes.count))
        case .text(let text): heliograph_bind_copied_text(statement, position, text)
        }
      guard code == SQLITE_OK else { throw failure(code, operation) }
    }
    while true {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE { return }
      guard code == SQLITE_ROW else { throw failure(code, operation) }
      body(Row(statement: statement))
    }
  }

  /// Runs `body` in one transaction: all of it is on the disk afterwards, or none.
  mutating func transaction(
    during operation: String, _ body: (inout Database) throws(StorageError) -> Void
  ) throws(StorageError) {
    try execute("BEGIN IMMEDIATE", during: operation)
    do {
      try body(&self)
      try execute("COMMIT", during: operation)
    } catch {
      rollBack()
      throw error
    }
  }

  /// Undoes what a failed transaction has done so far; nothing where SQLite has done so itself.
  mutating func rollBack() {
    if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK", during: "roll back") }
  }

  private mutating func prepared(
    _ sql: String, _ operation: String
  ) throws(StorageError) -> OpaquePointer {
    if let known = statements[sql] { return known }
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v3(
      handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
    guard code == SQLITE_OK, let statement else { throw failure(code, operation) }
    statements[sql] = statement
    return statement
  }

  private func failure(_ code: Int32, _ operation: String) -> StorageError {
    let systemError = sqlite3_system_errno(handle)
    let kind: StorageError.Kind =
      switch code & 0xFF {
      case SQLITE_FULL: .full
      case SQLITE_IOERR where systemError == ENOSPC || systemError == EDQUOT: .full
      case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH: .io
      case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      default: .refused
      }
    let message = String(cString: sqlite3_errmsg(handle))
    return StorageError(
      kind: kind, code: code, message: message, operation: operation, path: path)
  }
}
