import Glibc
import Quantities
import Synchronization

/// The files that clients have uploaded, in a folder of the store's own.
///
/// A file is there when its description `<id>.json` is, which is renamed into place as the last
/// step of an upload, after the content is on disk. What a crash leaves half made has no
/// description and is removed at the next start. Deleting removes the description first.
final class FileStore: Sendable {
  let directory: String
  let limits: StorageLimits
  private let content = Mutex(Content())

  private struct Content {
    /// In order of time, then name.
    var files: [StoredFile] = []
    /// Bytes of files under way.
    var underWay: Int64 = 0
    var uploads = 0

    var total: Int64 { files.reduce(underWay) { $0 + $1.bytes } }
  }

  /// Opens the store, making its folder, and removes what a crash left half made.
  init(directory: String, limits: StorageLimits) throws(RunnerError) {
    self.directory = directory
    self.limits = limits
    try Folder.make(directory)
    var files: [StoredFile] = []
    let names = Folder.names(in: directory)
    for name in names where name.hasSuffix(".json") {
      if let file = read(name) { files.append(file) }
    }
    let known = Set(files.flatMap { [$0.id, $0.id + ".json"] })
    for name in names where !known.contains(name) { Folder.remove(directory + "/" + name) }
    files.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    content.withLock { $0.files = files }
  }

  private func read(_ name: String) -> StoredFile? {
    guard let bytes = Folder.read(directory + "/" + name, atMost: 64 << 10),
      let value = try? JSONParser.parse(bytes), let file = StoredFile(record: value),
      file.id + ".json" == name, Folder.size(path(of: file.id)) == file.bytes
    else { return nil }
    return file
  }

  /// Where the content of a file lies.
  func path(of id: String) -> String { directory + "/" + id }

  func file(_ id: String) -> StoredFile? {
    content.withLock { $0.files.first { $0.id == id } }
  }

  /// All files, in order of time.
  var files: [StoredFile] { content.withLock { $0.files } }

  // MARK: Uploading

  /// Begins a file; it ends with `finish`, or is forgotten when the upload is let go of.
  func begin() throws(RunnerError) -> FileUpload {
    let isFull = content.withLock { content in
      guard content.files.count + content.uploads < limits.files else { return true }
      content.uploads += 1
      return false
    }
    guard !isFull else {
      throw RunnerError(.full, "there are \(limits.files) files: delete some first")
    }
    let id = FileName.random(FileName.filePrefix)
    do throws(RunnerError) {
      let file = try AppendOnlyFile(path: directory + "/" + id + ".partial", length: 0)
      return FileUpload(store: self, id: id, file: file)
    } catch {
      content.withLock { $0.uploads -= 1 }
      throw error
    }
  }

  /// Makes room for more of an upload.
  fileprivate func reserve(_ count: Int, beyond length: Int64) throws(RunnerError) {
    guard length + Int64(count) <= limits.fileBytes else {
      throw RunnerError(
        .tooLarge, "the file has more than \(limits.fileBytes / 1_000_000) MB: split it")
    }
    guard Folder.free(directory) ?? .max > limits.freeBytes else {
      throw RunnerError(.full, "the disk has no room to spare: free some")
    }
    let hasRoom = content.withLock { content in
      guard content.total + Int64(count) <= limits.totalBytes else { return false }
      content.underWay += Int64(count)
      return true
    }
    guard hasRoom else {
      throw RunnerError(
        .full,
        "all files together would have more than \(limits.totalBytes / 1_000_000) MB: delete some")
    }
  }

  /// Gives an upload's room back and, where it came to its end, takes the file in.
  fileprivate func end(_ bytes: Int64, _ file: StoredFile?) {
    content.withLock { content in
      content.underWay -= bytes
      content.uploads -= 1
      guard let file else { return }
      content.files.append(file)
      content.files.sort { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    }
  }

  /// Removes a file; false where there is none. Gone for good when this returns.
  func delete(_ id: String) throws(RunnerError) -> Bool {
    guard file(id) != nil else { return false }
    Folder.remove(path(of: id) + ".json")
    try Folder.synchronise(directory)
    Folder.remove(path(of: id))
    content.withLock { $0.files.removeAll { $0.id == id } }
    return true
  }
}

/// A file that is coming in; its bytes go to disk as they come.
final class FileUpload {
  let id: String
  private let store: FileStore
  private let file: AppendOnlyFile
  private var isEnded = false

  fileprivate init(store: FileStore, id: String, file: AppendOnlyFile) {
    self.store = store
    self.id = id
    self.file = file
  }

  deinit {
    guard !isEnded else { return }
    Folder.remove(file.path)
    store.end(reserved, nil)
  }

  private var reserved: Int64 = 0

  var length: Int64 { file.length }

  func append(_ bytes: ArraySlice<UInt8>) throws(RunnerError) {
    try store.reserve(bytes.count, beyond: file.length)
    reserved += Int64(bytes.count)
    try file.extend(Array(bytes))
  }

  /// Puts the file on disk and takes it in; it stays, whatever happens, when this returns.
  ///
  /// Takes as long as the disk does: not for the server's thread.
  func finish(
    fileName: String, purpose: String, at now: Instant
  ) throws(RunnerError) -> StoredFile {
    let stored = StoredFile(
      id: id, bytes: file.length, createdAt: now, fileName: fileName, purpose: purpose)
    try file.synchronise()
    try Folder.rename(id + ".partial", to: id, in: store.directory)
    do throws(RunnerError) {
      try Folder.replace(id + ".json", with: stored.record.bytes, in: store.directory)
    } catch {
      Folder.remove(store.path(of: id))
      throw error
    }
    isEnded = true
    store.end(reserved, stored)
    return stored
  }
}
