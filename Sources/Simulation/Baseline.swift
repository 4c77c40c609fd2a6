/// A simple way of running the day's job, without a station.
public enum Baseline: String, CaseIterable, Sendable {
  /// From 00:00 UTC on.
  case atOnce = "at once"
  /// From 10:00 local time on, to its end.
  case timer = "10:00 timer"
  /// On when the panels cover it for a minute, off when they haven't for three, in time at last.
  case threshold = "threshold"
  /// In what were the best moments of the day before.
  case persistence = "persistence"
  /// Where it costs least, nearly: perfect foresight for money.
  case foresightCheapest = "foresight, cheapest"
  /// In the best unbroken stretch of the day: perfect foresight for a job that can't be paused.
  case foresightUnbroken = "foresight, unbroken"
  /// In the best moments of the day: perfect foresight; the most sun that there is.
  case foresight = "foresight"

  /// Whether it knows what nobody can.
  public var isForesight: Bool {
    switch self {
    case .atOnce, .timer, .threshold, .persistence: false
    case .foresightCheapest, .foresightUnbroken, .foresight: true
    }
  }
}
