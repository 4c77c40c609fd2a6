import Quantities

/// Reads and writes points in time as `2026-06-21T04:30:00Z`, for configuration and journal.
public enum TimestampText {
  /// The instant that `text` names, from the year 1970 to 9999; nil for any other form.
  public static func instant(_ text: String) -> Instant? {
    let bytes = Array(text.utf8)
    guard bytes.count == 20, bytes[10] == UInt8(ascii: "T"), bytes[19] == UInt8(ascii: "Z"),
      bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
      let date = CivilDate(String(decoding: bytes[..<10], as: UTF8.self)),
      let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
      let second = number(bytes[17..<19]), hour < 24, minute < 60, second < 60
    else { return nil }
    let minutes = (date.dayNumber * 24 + hour) * 60 + minute
    return Instant(millisecondsSince1970: minutes * 60_000 + second * 1000)
  }

  /// `instant` in UTC, whole seconds (rounded down).
  public static func text(_ instant: Instant) -> String {
    let dayLength = TimeSpan.day.milliseconds
    let milliseconds = instant.millisecondsSince1970
    let days = (milliseconds - (milliseconds < 0 ? dayLength - 1 : 0)) / dayLength
    let seconds = (milliseconds - days * dayLength) / 1000
    return CivilDate(dayNumber: days).text + "T"
      + "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))Z"
  }

  private static func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    return Int64(String(decoding: digits, as: UTF8.self))
  }
}
