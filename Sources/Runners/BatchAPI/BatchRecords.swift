import Synchronization

/// The batches that the API knows, each in a file of its own that is on disk before it is told of.
///
/// Beside a record whose file is still to be checked lies a second name of the uploaded file, so
/// that a client may delete that as soon as its batch was made.
final class BatchRecords: Sendable {
  /// The most that are kept; of those that are over the oldest goes first.
  static let maximumRecords = 2000
  /// The most that are not over.
  static let maximumLive = 200

  let directory: String
  private let content = Mutex<[BatchRecord]>([])

  /// Opens the records, making their folder; one that can't be read is left alone.
  init(directory: String) throws(RunnerError) {
    self.directory = directory
    try Folder.make(directory)
    var records: [BatchRecord] = []
    for name in Folder.names(in: directory) {
      if name.hasSuffix(".new") { Folder.remove(directory + "/" + name) }
      guard name.hasSuffix(".json"),
        let bytes = Folder.read(directory + "/" + name, atMost: 1 << 20),
        let value = try? JSONParser.parse(bytes), let record = BatchRecord(stored: value),
        record.id + ".json" == name
      else { continue }
      records.append(record)
    }
    records.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    let open = Set(records.filter { $0.check == nil && !$0.isOver }.map { $0.id + ".input" })
    for name in Folder.names(in: directory) where name.hasSuffix(".input") {
      if !open.contains(name) { Folder.remove(directory + "/" + name) }
    }
    content.withLock { $0 = records }
  }

  /// In order of time.
  var all: [BatchRecord] { content.withLock { $0 } }

  var live: [BatchRecord] { content.withLock { $0.filter { !$0.isOver } } }

  func record(_ id: String) -> BatchRecord? {
    content.withLock { $0.last { $0.id == id } }
  }

  /// The batch, and which part of its results, that a file's id belongs to.
  func result(_ fileID: String) -> (record: BatchRecord, part: String)? {
    content.withLock { records in
      for record in records.reversed() where record.outcome != nil {
        for part in BatchRecord.parts where record.fileID(part) == fileID {
          return record.lines(part) > 0 ? (record, part) : nil
        }
      }
      return nil
    }
  }

  /// Takes a new record in with its input; on disk when this returns.
  func add(_ record: BatchRecord, input: String) throws(RunnerError) {
    // A disk without links will do too: then the file must stay until it is checked.
    try? Folder.link(input, to: record.id + ".input", in: directory)
    try write(record)
    let forgotten = content.withLock { records in
      records.append(record)
      let excess = records.count - Self.maximumRecords
      let old = records.filter(\.isOver).prefix(max(0, excess)).map(\.id)
      records.removeAll { old.contains($0.id) }
      return old
    }
    for id in forgotten { Folder.remove(directory + "/" + id + ".json") }
  }

  /// Changes a record; on disk when this returns, and unchanged where it can't be.
  func change(_ id: String, _ body: (inout BatchRecord) -> Void) throws(RunnerError) {
    guard let before = record(id) else { return }
    var after = before
    body(&after)
    guard after != before else { return }
    try write(after)
    content.withLock { records in
      guard let place = records.lastIndex(where: { $0.id == id }) else { return }
      records[place] = after
    }
    if after.check != nil || after.isOver { Folder.remove(inputPath(id)) }
  }

  /// Where the input of a batch lies that is still to be checked.
  func inputPath(_ id: String) -> String { directory + "/" + id + ".input" }

  private func write(_ record: BatchRecord) throws(RunnerError) {
    try Folder.replace(record.id + ".json", with: record.stored.bytes, in: directory)
  }
}
