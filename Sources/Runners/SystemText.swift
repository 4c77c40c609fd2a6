import Glibc

/// Words and times from the C library.
enum SystemText {
  /// What error number `code` means.
  static func error(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Milliseconds of a clock that nobody sets.
  static func monotonicMilliseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// `text` fit for a screen or an SMS: printable ASCII, at most `limit` characters.
  static func printable(_ text: String, limit: Int) -> String {
    let shown = text.unicodeScalars.map { $0.value >= 0x20 && $0.value < 0x7F ? $0 : "?" }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: shown.prefix(limit))
    return String(result)
  }
}
