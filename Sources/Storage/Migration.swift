/// One step of the schema, from a version to the next.
struct Migration {
  /// `PRAGMA user_version` once these statements have run.
  let version: Int64
  let statements: [String]

  /// "HELI": tells our file from any other SQLite database.
  static let applicationIdentifier: Int64 = 0x4845_4C49

  /// Every step since the first, in order; a step that was ever released is never edited.
  ///
  /// Schema 2 names each chain by a number and keeps records in the order of arrival, which is the
  /// order that accounts were made in: what came after an index is the end of one table. `proof` is
  /// the first 8 bytes of the content's digest and tells damaged bytes. Records of one place are several
  /// where their author forked.
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
      ]),
    Migration(
      version: 2,
      statements: [
        """
        CREATE TABLE chain(
          number INTEGER PRIMARY KEY, community BLOB NOT NULL, author BLOB NOT NULL,
          UNIQUE(community, author))
        """,
        """
        INSERT INTO chain(community, author)
        SELECT DISTINCT community, author FROM record ORDER BY community, author
        """,
        "ALTER TABLE record RENAME TO earlier",
        """
        CREATE TABLE record(
          arrival INTEGER PRIMARY KEY, chain INTEGER NOT NULL, sequence INTEGER NOT NULL,
          proof BLOB NOT NULL, bytes BLOB NOT NULL)
        """,
        """
        INSERT INTO record(chain, sequence, proof, bytes)
        SELECT chain.number, earlier.sequence, substr(earlier.identity, 1, 8), earlier.bytes
        FROM earlier JOIN chain USING(community, author)
        ORDER BY chain.number, earlier.sequence, earlier.identity
        """,
        "DROP TABLE earlier",
        "CREATE INDEX place ON record(chain, sequence)",
        "CREATE TABLE segment(number INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
        """
        CREATE TABLE snapshot(
          part INTEGER PRIMARY KEY, reach INTEGER NOT NULL, bytes BLOB NOT NULL)
        """,
      ]),
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
        kind: .foreign, code: 0, message: "this is a database of another program",
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
