import Glibc

/// The terminal that a tool talks to.
enum Terminal {
  static func say(_ text: String) {
    print(text)
    fflush(nil)
  }

  static func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(2, bytes, bytes.count)
  }

  /// Progress that replaces itself; nothing when nobody looks.
  static func progress(_ text: String) {
    guard isatty(2) == 1 else { return }
    let bytes = Array(("\r\u{1B}[K" + text).utf8)
    _ = write(2, bytes, bytes.count)
  }
}
