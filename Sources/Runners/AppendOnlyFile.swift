import Glibc

/// A file that grows by whole pieces, each on disk before the append returns.
///
/// With room it goes on in newlines after its last piece. A piece that is written into them changes
/// neither the file's size nor its place on the disk, so the file system has nothing to note in its
/// journal: one write to wait for instead of several, which is quicker and wears a card less. A
/// piece of lines of which only a part got there falls into lines that say nothing.
final class AppendOnlyFile {
  private static let room = [UInt8](repeating: 0x0A, count: 65_536)

  let path: String
  /// Where the last whole piece ends.
  private(set) var length: Int64
  private let hasRoom: Bool
  /// Where the file itself ends: at `length`, or after the room.
  private var end: Int64
  private let descriptor: Int32
  private let witness: (any DiskWitness)?

  /// Opens or makes the file (mode 0640) and cuts it to `length` bytes.
  ///
  /// The name of one that was made is on disk only after `Folder.synchronise`. One with room ends
  /// with its last piece again after `cutRoom`.
  init(
    path: String, length: Int64, hasRoom: Bool = false, witness: (any DiskWitness)? = nil
  ) throws(RunnerError) {
    self.path = path
    self.length = length
    self.hasRoom = hasRoom
    end = length
    self.witness = witness
    let isNew = witness != nil && !Folder.exists(path)
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
    guard descriptor >= 0 else { throw Self.failure("opened", path) }
    guard ftruncate(descriptor, off_t(length)) == 0 else {
      throw Self.failure("cut to its whole lines", path)
    }
    if isNew { witness?.saw(.made(file: path)) }
    witness?.saw(.cut(file: path, length: length))
  }

  deinit { close(descriptor) }

  /// Appends `bytes` and waits until they are on disk; otherwise the file stays as it was.
  func append(_ bytes: [UInt8]) throws(RunnerError) {
    do throws(RunnerError) {
      try write(bytes)
      if hasRoom, length + Int64(bytes.count) > end { makeRoom(at: length + Int64(bytes.count)) }
      try keep()
    } catch {
      drop()
      throw error
    }
    length += Int64(bytes.count)
  }

  /// Where the disk has no place for it, there is less room or none.
  private func makeRoom(at offset: Int64) {
    let wrote = max(0, pwrite(descriptor, Self.room, Self.room.count, off_t(offset)))
    end = offset + Int64(wrote)
    if wrote > 0, let witness {
      witness.saw(.wrote(file: path, offset: offset, bytes: Array(Self.room[..<wrote])))
    }
  }

  /// Has the file end with its last piece, on disk.
  func cutRoom() throws(RunnerError) {
    guard end > length else { return }
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw Self.failure("cut", path) }
    witness?.saw(.cut(file: path, length: length))
    end = length
    try keep()
  }

  private func keep() throws(RunnerError) {
    guard fdatasync(descriptor) == 0 else { throw Self.failure("put on disk", path) }
    witness?.saw(.kept(file: path))
  }

  /// Drops what came after the last whole piece now, or as a torn line at the next start.
  private func drop() {
    _ = ftruncate(descriptor, off_t(length))
    end = length
  }

  /// Starts over with nothing in it.
  func clear() throws(RunnerError) {
    guard ftruncate(descriptor, 0) == 0 else { throw Self.failure("emptied", path) }
    witness?.saw(.cut(file: path, length: 0))
    length = 0
    end = 0
  }

  /// Appends without waiting for the disk: `synchronise` has to follow.
  func extend(_ bytes: [UInt8]) throws(RunnerError) {
    do throws(RunnerError) {
      try write(bytes)
    } catch {
      drop()
      throw error
    }
    length += Int64(bytes.count)
    end = max(end, length)
  }

  func synchronise() throws(RunnerError) {
    guard fsync(descriptor) == 0 else { throw Self.failure("put on disk", path) }
    witness?.saw(.kept(file: path))
  }

  private func write(_ bytes: [UInt8]) throws(RunnerError) {
    var done = 0
    while done < bytes.count {
      let wrote = bytes.withUnsafeBytes { raw in
        pwrite(
          descriptor, raw.baseAddress.map { $0 + done }, bytes.count - done,
          off_t(length) + done)
      }
      if wrote < 0, errno == EINTR { continue }
      guard wrote > 0 else { throw Self.failure("written", path) }
      done += wrote
    }
    witness?.saw(.wrote(file: path, offset: length, bytes: bytes))
  }

  static func failure(_ done: String, _ path: String) -> RunnerError {
    let number = errno
    let full = number == ENOSPC || number == EDQUOT || number == EFBIG
    return RunnerError(
      full ? .diskFull : .storage,
      full
        ? "no room left for \(path) (\(SystemText.error(number))): free some, then start again"
        : "\(path) can't be \(done): \(SystemText.error(number))")
  }
}
