import Glibc

/// Whole small files, read and replaced so that a crash leaves the old or the new one.
enum FileAccess {
  /// What the operating system answered.
  struct Failure: Error, Hashable, CustomStringConvertible {
    let path: String
    let operation: String
    let code: Int32
    var reason: String { "\(operation): \(String(cString: strerror(code)))" }
    var description: String { "\(path): \(reason)" }
  }

  /// The bytes of a file of at most `limit` bytes.
  static func read(_ path: String, atMost limit: Int) throws(Failure) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Failure(path: path, operation: "open", code: errno) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = Glibc.read(file, &chunk, chunk.count)
      if count == 0 { return bytes }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw Failure(path: path, operation: "read", code: errno)
      }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= limit else {
        throw Failure(path: path, operation: "read", code: EFBIG)
      }
    }
  }

  /// Replaces `path` with `bytes`, on the disk when this returns; permissions are `mode`.
  static func replace(
    _ path: String, with bytes: [UInt8], mode: mode_t
  ) throws(Failure) {
    let temporary = path + ".new"
    unlink(temporary)
    do throws(Failure) {
      try write(temporary, bytes, mode: mode)
      guard rename(temporary, path) == 0 else {
        throw Failure(path: path, operation: "rename", code: errno)
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try synchronise(directoryOf: path)
  }

  private static func write(
    _ path: String, _ bytes: [UInt8], mode: mode_t
  ) throws(Failure) {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    guard file >= 0 else { throw Failure(path: path, operation: "create", code: errno) }
    defer { close(file) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else {
        if count < 0, errno == EINTR { continue }
        throw Failure(path: path, operation: "write", code: errno)
      }
      written += count
    }
    guard fsync(file) == 0 else { throw Failure(path: path, operation: "sync", code: errno) }
  }

  private static func synchronise(directoryOf path: String) throws(Failure) {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    let directory = path[..<slash].isEmpty ? "/" : String(path[..<slash])
    let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Failure(path: directory, operation: "open", code: errno) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw Failure(path: directory, operation: "sync", code: errno)
    }
  }

  /// Makes a directory and those above it, as far as they are missing; on the disk when this
  /// returns, unless those above may not be read.
  static func makeDirectory(_ path: String, mode: mode_t = 0o750) throws(Failure) {
    var made = ""
    for part in path.split(separator: "/") {
      made += "/" + part
      guard mkdir(made, mode) != 0 else {
        try? synchronise(directoryOf: made)
        continue
      }
      if errno == EEXIST { continue }
      // A read-only or foreign ancestor that exists is no trouble.
      var information = stat()
      let code = errno
      guard stat(made, &information) == 0 else {
        throw Failure(path: made, operation: "make directory", code: code)
      }
    }
  }
}
