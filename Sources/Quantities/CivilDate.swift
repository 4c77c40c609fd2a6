/// A day of the Gregorian calendar, wherever its midnight falls.
public struct CivilDate: Hashable, Comparable, Sendable {
  /// Whole days since 1970-01-01.
  public let dayNumber: Int64
  public let year: Int64
  /// 1 to 12.
  public let month: Int64
  /// 1 to 31.
  public let day: Int64

  /// The date of a day counted from 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date
  /// Algorithms", civil_from_days); years begin in March there, so leap days come last.
  public init(dayNumber: Int64) {
    let shifted = dayNumber + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let leaps = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
    let yearOfEra = (dayOfEra - leaps) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    self.dayNumber = dayNumber
    day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// The date written `2026-06-21`, from 1970 to 9999; nil for any other text, and for a day that
  /// its month lacks.
  public init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, parts.map(\.utf8.count) == [4, 2, 2],
      text.utf8.allSatisfy({ $0 == 45 || (48...57).contains($0) }),
      let year = Int64(parts[0]), let month = Int64(parts[1]), let day = Int64(parts[2]),
      year >= 1970, (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    let marchYear = month <= 2 ? year - 1 : year
    let era = marchYear / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    self.init(dayNumber: era * 146_097 + dayOfEra - 719_468)
    guard self.month == month, self.day == day else { return nil }
  }

  /// "2026-06-21".
  public var text: String {
    func padded(_ value: Int64, _ width: Int) -> String {
      let digits = "\(value)"
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// "Sunday 21 June 2026".
  public var longText: String { "\(weekday) \(day) \(monthName) \(year)" }

  /// "Sun 21 June".
  public var shortText: String { "\(weekday.prefix(3)) \(day) \(monthName)" }

  public var weekday: String {
    // The first of January 1970 was a Thursday.
    let names = [
      "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
    ]
    return names[Int((dayNumber % 7 + 7) % 7)]
  }

  public var monthName: String {
    let names = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September",
      "October", "November", "December",
    ]
    return names[Int(month) - 1]
  }

  public static func < (left: CivilDate, right: CivilDate) -> Bool {
    left.dayNumber < right.dayNumber
  }
}

extension LocalTime {
  /// The day on the wall at `instant`.
  public func date(at instant: Instant) -> CivilDate {
    CivilDate(dayNumber: dayNumber(at: instant))
  }

  /// "10:15", "tomorrow 10:15", "Tue 10:15", "3 Jul 10:15": the clock on the wall, with the day
  /// unless it is that of `now`.
  ///
  /// A weekday alone says which day is meant for six days ahead; beyond them it is the date.
  public func clock(at instant: Instant, seenFrom now: Instant) -> String {
    let clock = clock(at: instant)
    let day = dayNumber(at: instant)
    let date = CivilDate(dayNumber: day)
    switch day - dayNumber(at: now) {
    case 0: return clock
    case -1: return "yesterday \(clock)"
    case 1: return "tomorrow \(clock)"
    case 2...6: return "\(date.weekday.prefix(3)) \(clock)"
    default: return "\(date.day) \(date.monthName.prefix(3)) \(clock)"
    }
  }

  /// `end` after `start` has been named: with its day only where it lies beyond the day of `start`
  /// and the midnight that ends that.
  public func clock(
    atEnd end: Instant, of start: Instant, seenFrom now: Instant
  ) -> String {
    let isSameDay = dayNumber(at: end - TimeSpan(milliseconds: 1)) <= dayNumber(at: start)
    return isSameDay ? clock(at: end) : clock(at: end, seenFrom: now)
  }
}
