/// One quarter of an hour in UTC, numbered from 1970-01-01 00:00.
public struct TimeSlot: Hashable, Comparable, Sendable {
  /// How long a slot is.
  public static let length = TimeSpan(minutes: 15)
  public static let slotsPerDay: Int64 = 96

  /// Quarters of an hour since 1970-01-01 00:00 UTC.
  public let index: Int64

  public init(index: Int64) { self.index = index }

  /// The slot that `instant` lies in.
  public init(containing instant: Instant) {
    let length = TimeSlot.length.milliseconds
    let milliseconds = instant.millisecondsSince1970
    let quotient = milliseconds / length
    self.index = milliseconds % length < 0 ? quotient - 1 : quotient
  }

  /// The first instant of the slot.
  public var start: Instant {
    Instant(millisecondsSince1970: index * TimeSlot.length.milliseconds)
  }

  /// The first instant after the slot.
  public var end: Instant { start + TimeSlot.length }

  public var next: TimeSlot { TimeSlot(index: index + 1) }

  public func advanced(by slots: Int64) -> TimeSlot { TimeSlot(index: index + slots) }

  public static func < (left: TimeSlot, right: TimeSlot) -> Bool { left.index < right.index }
}

/// Written as `index` and, for whoever reads it elsewhere, `start` in ms since 1970-01-01 00:00
/// UTC; read by its index alone.
extension TimeSlot: Codable {
  private enum CodingKeys: String, CodingKey { case index, start }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(index: try fields.decode(Int64.self, forKey: .index))
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(index, forKey: .index)
    try fields.encode(start.millisecondsSince1970, forKey: .start)
  }
}
