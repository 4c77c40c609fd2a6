import Glibc

/// An engine's words in a file of bounded size; when it is full it is put aside as `….1`, in place
/// of the one before.
final class EngineLog {
  private let path: String
  private let limit: Int64
  private var descriptor: Int32
  private var size: Int64 = 0
  /// The line that is being written, and the last whole one: an engine's reason to end.
  private var line: [UInt8] = []
  private(set) var lastLine = ""

  init(path: String, limit: Int64) throws(RunnerError) {
    self.path = path
    self.limit = max(limit, 4096)
    descriptor = Self.open(path)
    guard descriptor >= 0 else { throw AppendOnlyFile.failure("opened", path) }
    var status = stat()
    if fstat(descriptor, &status) == 0 { size = Int64(status.st_size) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func open(_ path: String) -> Int32 {
    Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o640)
  }

  /// Adds what came from the engine; what can't be written is lost, as no job depends on it.
  func add(_ bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      if byte == 0x0A {
        let text = SystemText.printable(String(decoding: line, as: UTF8.self), limit: 160)
        if text.contains(where: { $0 != " " }) { lastLine = text }
        line = []
      } else if line.count < 512 {
        line.append(byte)
      }
    }
    if size + Int64(bytes.count) > limit { turn() }
    guard descriptor >= 0 else { return }
    let wrote = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    size += Int64(max(wrote, 0))
  }

  private func turn() {
    if descriptor >= 0 { close(descriptor) }
    _ = rename(path, path + ".1")
    descriptor = Self.open(path)
    size = 0
  }
}
