import Glibc

/// An open file that is sent to a client piece by piece; closed when it is let go of.
///
/// Its length is what it was when it was opened: what is appended meanwhile is not sent.
final class ServedFile: Sendable {
  let length: Int64
  private let descriptor: Int32

  /// Opens a regular file, never through a symbolic link.
  init(path: String) throws(RunnerError) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw RunnerError(.storage, "\(path) can't be read: \(SystemText.error(errno))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw RunnerError(.storage, "\(path) is not a file")
    }
    length = Int64(status.st_size)
  }

  deinit { close(descriptor) }

  /// At most `limit` bytes from `offset` on; nil when they can't be read.
  func bytes(at offset: Int64, atMost limit: Int) -> [UInt8]? {
    let count = Int(min(Int64(limit), length - offset))
    guard count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: count)
    while true {
      let got = pread(descriptor, &bytes, count, off_t(offset))
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { return nil }
      return Array(bytes.prefix(got))
    }
  }
}
