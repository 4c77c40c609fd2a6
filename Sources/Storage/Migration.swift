/// One step of the schema, from a version to the next.
struct Migration {
  /// `PRAGMA user_version` once these statements have run.
  let version: Int64
  let statements: [String]

  /// "HELI": tells our file from any other SQLite database.
  static let applicationIdentifier: Int64 = 0x4845_4C49

  /// Every step since the first that can be carried over, in order; a step that was ever released
  /// is never edited.
  ///
  /// Schema 3 names each chain by a number and keeps records in the order of arrival, which is the
  /// order that accounts were made in: what came after an index is the end of one table. `bytes`
  /// are a record's, or an item's that has what is left of the records before it too; `proof` is
  /// the first 8 bytes of a digest of them and tells damaged ones. Records of one place are several
  /// where their author forked.
  static let all: [Migration] = [
    Migration(
      version: 3,
      statements: [
        "CREATE TABLE entry(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
        """
        CREATE TABLE chain(
          number INTEGER PRIMARY KEY, community BLOB NOT NULL, author BLOB NOT NULL,
          UNIQUE(community, author))
        """,
        """
        CREATE TABLE record(
          arrival INTEGER PRIMARY KEY, chain INTEGER NOT NULL, sequence INTEGER NOT NULL,
          proof BLOB NOT NULL, bytes BLOB NOT NULL)
        """,
        "CREATE INDEX place ON record(chain, sequence)",
        "CREATE TABLE segment(number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        """
        CREATE TABLE snapshot(
          part INTEGER PRIMARY KEY, reach INTEGER NOT NULL, bytes BLOB NOT NULL)
        """,
      ])
  ]

  /// Before it records named those before them by another digest: chains can't be carried over.
  private static let firstCarried: Int64 = 3

  /// Brings the schema to the newest version, in one transaction a step.
  static func migrate(_ database: inout Database) throws(StorageError) {
    var version: Int64 = 0
    var application: Int64 = 0
    var tables: Int64 = 0
    try database.rows("PRAGMA user_version", during: "open") { version = $0.integer(0) }
    try database.rows("PRAGMA application_id", during: "open") { application = $0.integer(0) }
    try database.rows("SELECT count(*) FROM sqlite_schema", during: "open") {
      tables = $0.integer(0)
    }
    guard application == applicationIdentifier || (application == 0 && tables == 0) else {
      throw StorageError(
        kind: .foreign, code: 0, message: "this is a database of another program",
        operation: "open", path: database.path)
    }
    let newest = all.last?.version ?? 0
    guard version <= newest else {
      throw StorageError(
        kind: .newer, code: 0, message: "schema \(version), and this version knows \(newest)",
        operation: "open", path: database.path)
    }
    guard version == 0 || version >= firstCarried else {
      throw StorageError(
        kind: .older, code: 0,
        message: "schema \(version), whose ledger this version can't carry over",
        operation: "open", path: database.path)
    }
    for step in all where step.version > version {
      try database.transaction(during: "migrate to schema \(step.version)") {
        database throws(StorageError) in
        for statement in step.statements { try database.execute(statement, during: "migrate") }
        try database.execute(
          "PRAGMA application_id=\(applicationIdentifier)", during: "migrate")
        try database.execute("PRAGMA user_version=\(step.version)", during: "migrate")
      }
    }
  }
}
