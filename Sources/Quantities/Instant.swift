/// A point in time: milliseconds since 1970-01-01 00:00 UTC.
public struct Instant: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(millisecondsSince1970: Int64) { self.rawValue = millisecondsSince1970 }

  public static let distantPast = Instant(rawValue: -magnitudeLimit)
  public static let distantFuture = Instant(rawValue: magnitudeLimit)

  public var millisecondsSince1970: Int64 { rawValue }

  public static func + (left: Instant, right: TimeSpan) -> Instant {
    Instant(rawValue: left.rawValue + right.rawValue)
  }

  public static func - (left: Instant, right: TimeSpan) -> Instant {
    Instant(rawValue: left.rawValue - right.rawValue)
  }

  /// The time from `earlier` to this instant; negative when `earlier` is later.
  public func since(_ earlier: Instant) -> TimeSpan {
    TimeSpan(milliseconds: rawValue - earlier.rawValue)
  }
}

/// A length of time in milliseconds.
public struct TimeSpan: Quantity {
  public let rawValue: Int64
  public init(rawValue: Int64) { self.rawValue = rawValue }

  public init(milliseconds: Int64) { self.rawValue = milliseconds }
  public init(seconds: Int64) { self.rawValue = seconds * 1000 }
  public init(minutes: Int64) { self.rawValue = minutes * 60_000 }

  public static let minute = TimeSpan(minutes: 1)
  public static let hour = TimeSpan(minutes: 60)
  public static let day = TimeSpan(minutes: 1440)

  public var milliseconds: Int64 { rawValue }
  public var seconds: Int64 { rawValue / 1000 }
  public var minutes: Int64 { rawValue / 60_000 }
}
