import Glibc

/// Writes lines to a file descriptor at once: a reader at the other end counts them.
enum Output {
  static func line(_ text: String) { write(text, to: STDOUT_FILENO) }

  static func complaint(_ text: String) { write(text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    let bytes = Array((text + "\n").utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      guard count > 0 else { return }
      written += count
    }
  }
}
