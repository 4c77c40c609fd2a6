import Glibc

/// An empty directory for one test, removed with everything in it when the test ends.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/heliograph-daemon-XXXXXX".utf8CString)
    precondition(mkdtemp(&template) != nil, "no temporary directory: errno \(errno)")
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  func write(_ name: String, _ text: String, mode: mode_t = 0o600) -> String {
    let path = file(name)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode)
    let bytes = Array(text.utf8)
    precondition(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    close(descriptor)
    return path
  }

  private static func remove(_ directory: String) {
    guard let stream = opendir(directory) else { return }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    closedir(stream)
    for name in names where unlink("\(directory)/\(name)") != 0 { remove("\(directory)/\(name)") }
    rmdir(directory)
  }
}
