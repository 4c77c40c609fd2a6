import Glibc

/// Holds a data directory for one daemon; the kernel lets go of it when the process ends.
///
/// Two daemons with one key would sign two records of one sequence: a fork that shuts them out.
public struct LockFile: ~Copyable, Sendable {
  private let descriptor: Int32

  /// Takes the lock on `<directory>/lock`, or throws who has it.
  public init(directory: String) throws(ConfigurationError) {
    let path = directory + "/lock"
    let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard file >= 0 else {
      throw ConfigurationError(
        file: path, line: nil, field: "", message: String(cString: strerror(errno)))
    }
    guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? FileAccess.read(path, atMost: 64)) ?? []
      close(file)
      let identifier = String(decoding: holder.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
      throw ConfigurationError(
        file: path, line: nil, field: "",
        message: "another heliographd (process \(identifier)) runs on this data directory; "
          + "stop it first")
    }
    descriptor = file
    ftruncate(file, 0)
    let text = Array("\(getpid())\n".utf8)
    pwrite(file, text, text.count, 0)
  }

  deinit { close(descriptor) }
}
