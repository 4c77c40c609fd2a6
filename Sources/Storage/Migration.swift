/// One step of the schema, from a version to the next.
struct Migration {
  /// `PRAGMA user_version` once these statements have run.
  let version: Int64
  let statements: [String]

  /// "HELI": tells our file from any other SQLite database.
  static let applicationIdentifier: Int64 = 0x4845_4C49

  /// Every step since the first, in order; a step that was ever released is never edited.
  ///
  /// The identity is a digest of content that includes community, author and sequence, so a key of
  /// all four is as unique as the identity alone, keeps the forks of one sequence side by side,
  /// and is the order that a start reads in: one B-tree does it all.
  static let all: [Migration] = [
    Migration(
      version: 1,
      statements: [
        """
        CREATE TABLE record(
          community BLOB NOT NULL, author BLOB NOT NULL, sequence INTEGER NOT NULL,
          identity BLOB NOT NULL, bytes BLOB NOT NULL,
          PRIMARY KEY(community, author, sequence, identity)) WITHOUT ROWID
        """,
        "CREATE TABLE entry(key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
      ])
  ]

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
        kind: .corrupt, code: 0, message: "this is a database of another program",
        operation: "open", path: database.path)
    }
    let newest = all.last?.version ?? 0
    guard version <= newest else {
      throw StorageError(
        kind: .newer, code: 0, message: "schema \(version), and this version knows \(newest)",
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
