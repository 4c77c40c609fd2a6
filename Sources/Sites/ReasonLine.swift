import Quantities

/// A line that says what happened and why, short enough for any screen and half an SMS.
public enum ReasonLine {
  /// The most characters in a line.
  public static let limit = 120

  /// `text` in one line of at most `limit` characters; what is cut off is marked by "…".
  public static func fit(_ text: String) -> String {
    // Most are short and plain, and characters take long to find.
    if text.utf8.count <= limit, text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
      return text
    }
    let line = String(text.map { $0.isNewline ? " " : $0 })
    return line.count <= limit ? line : String(line.prefix(limit - 1)) + "…"
  }
}

extension Power {
  /// What a house has for jobs: "640 W spare", or "270 W short" when it draws on something.
  public var spareText: String { self < .zero ? "\(magnitude.text) short" : "\(text) spare" }
}

extension TimeSpan {
  /// "45 s", "12 min", "3 h 5 min", "2 d 4 h": rounded down, for a person.
  public var text: String {
    let minutes = self.minutes
    if minutes < 2 { return "\(seconds) s" }
    if minutes < 120 { return "\(minutes) min" }
    if minutes < 48 * 60 { return "\(minutes / 60) h \(minutes % 60) min" }
    return "\(minutes / 1440) d \(minutes % 1440 / 60) h"
  }
}
