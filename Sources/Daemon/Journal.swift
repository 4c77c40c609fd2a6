import Glibc
import Quantities

/// Writes the node's lines to standard error: to systemd's journal with levels, else with the time.
public struct Journal: Sendable {
  /// Severity as in syslog (RFC 5424 §6.2.1).
  public enum Level: Int, Sendable {
    case error = 3
    case warning = 4
    case notice = 5
    case information = 6
  }

  /// The longest line, in bytes; the rest is cut.
  public static let maximumLineLength = 500

  private let sink: @Sendable (Level, String) -> Void

  /// Hands every line to `sink`.
  public init(sink: @escaping @Sendable (Level, String) -> Void) { self.sink = sink }

  /// Standard error, as the process was started: `<6>` before the line if the journal reads it.
  public static func standardError() -> Journal {
    let journal = getenv("JOURNAL_STREAM") != nil
    return Journal { level, line in
      let text =
        journal
        ? "<\(level.rawValue)>\(line)\n" : "\(TimestampText.text(NodeClock.realTime())) \(line)\n"
      let bytes = Array(text.utf8)
      _ = write(STDERR_FILENO, bytes, bytes.count)
    }
  }

  /// Writes to standard error what stands in the way of a start, as it is.
  public static func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
  }

  /// Writes one line; what could pass for another line or steer a terminal is replaced.
  public func line(_ level: Level, _ text: String) {
    let plain = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
    var line = String(String.UnicodeScalarView(plain))
    if line.utf8.count > Self.maximumLineLength {
      line = String(decoding: line.utf8.prefix(Self.maximumLineLength - 3), as: UTF8.self) + "..."
    }
    sink(level, line)
  }
}
