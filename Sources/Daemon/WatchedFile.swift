import Glibc
import Quantities

/// A file that others write, read again whenever it is another than before.
struct WatchedFile {
  enum Look: Equatable {
    case unchanged
    case changed([UInt8])
    /// Once for each reason.
    case unreadable(reason: String)
  }

  /// What tells one state of a file from another.
  private struct Mark: Equatable {
    let device: UInt64
    let inode: UInt64
    let size: Int64
    let seconds: Int
    let nanoseconds: Int
  }

  let path: String
  private let limit: Int
  private var mark: Mark?
  /// When what was read last was written.
  var writtenAt: Instant? {
    mark.map {
      Instant(
        millisecondsSince1970: Int64($0.seconds) * 1000 + Int64($0.nanoseconds) / 1_000_000)
    }
  }
  private var reason: String?

  init(path: String, atMost limit: Int) {
    self.path = path
    self.limit = limit
  }

  mutating func look() -> Look {
    var status = stat()
    guard stat(path, &status) == 0 else { return complain(String(cString: strerror(errno))) }
    let now = Mark(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size),
      seconds: Int(status.st_mtim.tv_sec), nanoseconds: Int(status.st_mtim.tv_nsec))
    guard now != mark || reason != nil else { return .unchanged }
    // A pipe or a device would keep this thread for ever.
    guard status.st_mode & S_IFMT == S_IFREG else { return complain("no ordinary file") }
    do throws(FileAccess.Failure) {
      let bytes = try FileAccess.read(path, atMost: limit)
      mark = now
      reason = nil
      return .changed(bytes)
    } catch { return complain(error.reason) }
  }

  private mutating func complain(_ new: String) -> Look {
    mark = nil
    guard new != reason else { return .unchanged }
    reason = new
    return .unreadable(reason: new)
  }
}
