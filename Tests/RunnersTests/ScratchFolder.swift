import Glibc

/// A folder of one test's own, removed when the test lets go of it.
final class ScratchFolder {
  let path: String

  /// In memory where the machine has a place for that, for tests that put much on disk.
  static func inMemory() throws -> ScratchFolder {
    let root = "/dev/shm"
    return try ScratchFolder(in: access(root, W_OK) == 0 ? root : "/tmp")
  }

  init(in root: String = "/tmp") throws {
    var template = Array("\(root)/heliograph-runners-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(message: "no scratch folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { Self.remove(path) }

  struct Failure: Error {
    var message: String
  }

  // Closed in children: a daemon that another test starts would hold it open for writing.
  func write(_ text: String, to name: String, appending: Bool = false) throws {
    let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
    let descriptor = open(path + "/" + name, flags, 0o600)
    guard descriptor >= 0 else { throw Failure(message: "can't write \(name)") }
    defer { close(descriptor) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let wrote = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard wrote > 0 else { throw Failure(message: "can't write \(name): errno \(errno)") }
      bytes = bytes.dropFirst(wrote)
    }
  }

  /// The file's text; nil where there is none.
  func read(_ name: String) -> String? {
    let descriptor = open(path + "/" + name, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let got = Glibc.read(descriptor, &chunk, chunk.count)
      guard got > 0 else { return String(decoding: content, as: UTF8.self) }
      content += chunk.prefix(got)
    }
  }

  func names(in folder: String) -> [String] { Self.names(path + "/" + folder) }

  static func names(_ path: String) -> [String] {
    guard let listing = opendir(path) else { return [] }
    defer { closedir(listing) }
    var names: [String] = []
    while let entry = readdir(listing) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func remove(_ path: String) {
    for name in names(path) where unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
    rmdir(path)
  }
}
