import Glibc

/// Which file a path leads to, whatever its name.
struct FileIdentity: Hashable, Sendable {
  let device: UInt64
  let number: UInt64

  /// Nil when nothing is there.
  init?(path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    device = UInt64(status.st_dev)
    number = UInt64(status.st_ino)
  }
}
