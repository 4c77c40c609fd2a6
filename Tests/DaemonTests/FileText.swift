import Glibc

/// The bytes of a small file, for a test.
enum FileText {
  static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    let count = Glibc.read(file, &buffer, buffer.count)
    return count < 0 ? nil : Array(buffer.prefix(count))
  }
}
