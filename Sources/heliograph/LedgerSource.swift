import Daemon
import Glibc
import HeliographCore
import Ledger
import Sealing
import Storage

/// Where a ledger's records are: a node's database, or a file that was exported.
struct LedgerSource: Equatable {
  /// What stopped a tool, for a person, and what it ends with.
  struct Failure: Error {
    let text: String
    var code = CommandLineTool.ExitCode.refused
  }

  let path: String
  let isDatabase: Bool

  /// - Parameter path: a database, a node's data directory or an export; nil is the node's own.
  init(_ path: String?, node: String) throws(Failure) {
    var place = path ?? Self.directory(of: node)
    var information = stat()
    if stat(place, &information) == 0, information.st_mode & S_IFMT == S_IFDIR {
      place += "/heliograph.db"
    }
    let file = open(place, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw Failure(text: "\(place): can't be read: \(String(cString: strerror(errno)))")
    }
    defer { close(file) }
    var start = [UInt8](repeating: 0, count: 15)
    let count = read(file, &start, start.count)
    isDatabase = count == start.count && start == Array("SQLite format 3".utf8)
    self.path = place
  }

  /// The data directory, also where its control socket was named.
  private static func directory(of node: String) -> String {
    guard node.hasSuffix(".sock"), let slash = node.lastIndex(of: "/") else { return node }
    return String(node[..<slash])
  }

  /// Hands over each record's bytes, and what a database files it under, in the order of the file
  /// or of arrival.
  func records(
    _ body: ([UInt8], StoredRecord?) throws -> Void
  ) throws {
    guard isDatabase else { return try Self.exported(path) { try body($0, nil) } }
    let store = try Self.stopped(path)
    try Self.stored(in: store) { try body($0.bytes, $0) }
  }

  /// All records of a database: the one place that reads them.
  static func stored(in store: RecordStore, _ body: (StoredRecord) throws -> Void) throws {
    var trouble: (any Error)?
    let damaged = try store.forEachRecord(after: 0) { record in
      guard trouble == nil else { return }
      do { try body(record) } catch { trouble = error }
    }
    if let trouble { throw trouble }
    guard damaged == 0 else {
      throw Failure(
        text: "\(store.path): \(damaged) records are damaged. The node gets them anew "
          + "from its neighbours while it runs")
    }
  }

  /// The database, while no node runs on it.
  static func stopped(_ path: String) throws -> RecordStore {
    // Not `catch where`: of a typed error it crashes the compiler (6.3.1).
    do { return try RecordStore(path: path) } catch {
      guard error.kind == .busy else { throw error }
      throw Failure(
        text: "\(path): a node runs on it. Stop it first (sudo systemctl stop heliograph), and "
          + "start it again afterwards")
    }
  }

  static func exported(_ path: String, _ body: ([UInt8]) throws -> Void) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw Failure(text: "\(path): can't be read: \(String(cString: strerror(errno)))")
    }
    defer { close(file) }
    var sequence = RecordSequence()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    do {
      while true {
        let count = read(file, &chunk, chunk.count)
        guard count >= 0 else {
          throw Failure(text: "\(path): can't be read: \(String(cString: strerror(errno)))")
        }
        if count == 0 { return try sequence.finish() }
        sequence.append(chunk[..<count])
        while let record = try sequence.next() { try body(record) }
      }
    } catch let error as RecordSequence.Failure { throw Failure(text: "\(path): \(error.text)") }
  }

  /// What the head marker beside a database says; nil for a file, and where there is none.
  func ownHead() throws -> StoredState.OwnHead? {
    guard isDatabase, let slash = path.lastIndex(of: "/") else { return nil }
    return try HeadMarker(directory: String(path[..<slash])).read()
  }
}

extension LedgerCheck {
  /// All records of a source, checked; throws the first thing that is wrong.
  init(of source: LedgerSource) throws {
    var check = LedgerCheck()
    do {
      try source.records { bytes, stored in
        let place = stored.map { ($0.author, $0.sequence, $0.identity) }
        try check.take(bytes, filedAs: place)
      }
    } catch let fault as Fault {
      let remedy =
        source.isDatabase
        ? "The node gets such a record anew from its neighbours while it runs"
        : "Nothing was done with it. Have the file exported anew"
      throw LedgerSource.Failure(text: "\(source.path): \(fault.text). \(remedy)")
    }
    self = check
  }
}
