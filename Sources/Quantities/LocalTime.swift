/// The household's offsets from UTC, as data: the core knows no zone names.
///
/// The edge reads the changes of the coming years through the C library and hands them in.
public struct LocalTime: Hashable, Sendable, Codable {
  /// From `from` on, local time is UTC plus `offset`.
  public struct Change: Hashable, Sendable, Codable {
    public let from: Instant
    public let offset: TimeSpan

    public init(from: Instant, offset: TimeSpan) {
      self.from = from
      self.offset = offset
    }
  }

  public static let utc = LocalTime(changes: [])

  /// In order of time.
  private let changes: [Change]

  public init(changes: [Change]) { self.changes = changes.sorted { $0.from < $1.from } }

  /// Local time less UTC at `instant`; zero before the first known change.
  public func offset(at instant: Instant) -> TimeSpan {
    changes.last { $0.from <= instant }?.offset ?? .zero
  }

  /// Minutes since local midnight, 0 to 1439.
  public func minuteOfDay(at instant: Instant) -> Int64 {
    let day = TimeSpan.day.milliseconds
    let local = (instant + offset(at: instant)).millisecondsSince1970
    return ((local % day + day) % day) / TimeSpan.minute.milliseconds
  }

  /// Whole local days since 1970-01-01.
  public func dayNumber(at instant: Instant) -> Int64 {
    let day = TimeSpan.day.milliseconds
    let local = (instant + offset(at: instant)).millisecondsSince1970
    return local >= 0 ? local / day : (local - day + 1) / day
  }

  /// The clock on the wall: "15:10".
  public func clock(at instant: Instant) -> String {
    let minute = minuteOfDay(at: instant)
    func twoDigits(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return twoDigits(minute / 60) + ":" + twoDigits(minute % 60)
  }
}
