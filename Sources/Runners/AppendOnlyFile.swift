import Glibc

/// A file that grows by whole pieces, each on disk before the append returns.
final class AppendOnlyFile {
  let path: String
  private(set) var length: Int64
  private let descriptor: Int32
  private let witness: (any DiskWitness)?

  /// Opens or makes the file (mode 0640) and cuts it to `length` bytes.
  ///
  /// The name of one that was made is on disk only after `Folder.synchronise`.
  init(
    path: String, length: Int64, witness: (any DiskWitness)? = nil
  ) throws(RunnerError) {
    self.path = path
    self.length = length
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
      guard fdatasync(descriptor) == 0 else { throw Self.failure("put on disk", path) }
      witness?.saw(.kept(file: path))
    } catch {
      // What came after the last whole piece is dropped now, or as a torn line at the next start.
      _ = ftruncate(descriptor, off_t(length))
      throw error
    }
    length += Int64(bytes.count)
  }

  /// Starts over with nothing in it.
  func clear() throws(RunnerError) {
    guard ftruncate(descriptor, 0) == 0 else { throw Self.failure("emptied", path) }
    witness?.saw(.cut(file: path, length: 0))
    length = 0
  }

  /// Appends without waiting for the disk: `synchronise` has to follow.
  func extend(_ bytes: [UInt8]) throws(RunnerError) {
    do throws(RunnerError) {
      try write(bytes)
    } catch {
      _ = ftruncate(descriptor, off_t(length))
      throw error
    }
    length += Int64(bytes.count)
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
