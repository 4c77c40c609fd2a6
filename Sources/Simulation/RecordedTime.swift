import Quantities

/// Reads the times of a record: ISO 8601, quickly.
enum RecordedTime {
  /// `2016-01-31T12:15`, with seconds or not, with `Z`, an offset such as `+01:00` or neither,
  /// which is UTC; a space may stand for the `T`. Nil for anything else.
  static func instant(_ field: ArraySlice<UInt8>) -> Instant? {
    var text = Digits(field)
    guard let year = text.number(4), text.take("-"), let month = text.number(2), text.take("-"),
      let day = text.number(2), text.take("T") || text.take(" "), let hour = text.number(2),
      text.take(":"), let minute = text.number(2)
    else { return nil }
    var second: Int64 = 0
    if text.take(":") {
      guard let number = text.number(2) else { return nil }
      second = number
      if text.take(".") { text.skipZeros() }
    }
    guard let offset = offsetMinutes(&text), text.isAtEnd, year >= 1970, hour < 24, minute < 60,
      second < 60, let days = dayNumber(year, month, day)
    else { return nil }
    let minutes = (days * 24 + hour) * 60 + minute - offset
    return Instant(millisecondsSince1970: minutes * 60_000 + second * 1000)
  }

  private static func offsetMinutes(_ text: inout Digits) -> Int64? {
    if text.isAtEnd || text.take("Z") { return 0 }
    let sign: Int64
    if text.take("+") { sign = 1 } else if text.take("-") { sign = -1 } else { return nil }
    guard let hours = text.number(2), hours < 24 else { return nil }
    if text.isAtEnd { return sign * hours * 60 }
    _ = text.take(":")
    guard let minutes = text.number(2), minutes < 60 else { return nil }
    return sign * (hours * 60 + minutes)
  }

  /// Days since 1970-01-01; nil for a day that its month lacks.
  static func dayNumber(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64? {
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard (1...12).contains(month), (1...lengths[Int(month) - 1]).contains(day) else { return nil }
    let before = year - 1
    let every4: Int64 = before / 4 - 1969 / 4
    let every100: Int64 = before / 100 - 1969 / 100
    let every400: Int64 = before / 400 - 1969 / 400
    let leaps = every4 - every100 + every400
    let inYear = lengths.prefix(Int(month) - 1).reduce(0, +)
    return (year - 1970) * 365 + leaps + inYear + day - 1
  }
}

/// Reads decimal numbers of a record without going through text.
enum RecordedNumber {
  /// The number in thousandths, rounded down beyond; nil for anything but digits with a point.
  static func thousandths(_ field: ArraySlice<UInt8>) -> Int64? {
    var rest = field
    var isNegative = false
    if let first = rest.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      rest = rest.dropFirst()
    }
    var value: Int64 = 0
    var digits = 0
    var decimals: Int?
    for byte in rest {
      if byte == UInt8(ascii: "."), decimals == nil {
        decimals = 0
        continue
      }
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      digits += 1
      if let places = decimals {
        decimals = places + 1
        if places >= 3 { continue }
      }
      guard value < 1_000_000_000_000 else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    guard digits > 0 else { return nil }
    for _ in min(3, decimals ?? 0)..<3 { value *= 10 }
    return isNegative ? -value : value
  }
}

/// Takes numbers and signs off the front of a field.
private struct Digits {
  private var rest: ArraySlice<UInt8>

  init(_ field: ArraySlice<UInt8>) { rest = field }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func number(_ count: Int) -> Int64? {
    guard rest.count >= count else { return nil }
    var value: Int64 = 0
    for byte in rest.prefix(count) {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    rest = rest.dropFirst(count)
    return value
  }

  mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: sign) else { return false }
    rest = rest.dropFirst()
    return true
  }

  mutating func skipZeros() {
    rest = rest.drop { $0 == UInt8(ascii: "0") }
  }
}
