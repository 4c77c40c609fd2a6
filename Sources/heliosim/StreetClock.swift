import Quantities

/// The street's time, the same that its nodes compute from their configuration.
struct StreetClock {
  /// 2026-06-21 00:00 UTC: midsummer.
  static let midnight = Instant(millisecondsSince1970: 1_782_000_000_000)

  let startsAt: Instant
  let realStart: Instant
  let speed: Int64

  var now: Instant {
    startsAt
      + TimeSpan(milliseconds: StreetSystem.realTime().since(realStart).milliseconds * speed)
  }
}
