import Quantities

/// One day's job in a backtest, and what became of it.
public struct BacktestJob: Hashable, Sendable {
  /// The UTC day, counted from 1970-01-01.
  public let day: Int64
  public let power: Power
  /// How long it still has to run.
  public internal(set) var remaining: TimeSpan
  public internal(set) var startedAt: Instant?
  public internal(set) var finishedAt: Instant?
  /// How often it was begun or gone on with.
  public internal(set) var starts = 0
  /// Where its energy came from.
  public internal(set) var supply = JobSupply()

  init(day: Int64, pattern: JobPattern) {
    self.day = day
    power = pattern.power
    remaining = pattern.duration
  }

  /// It is given at the beginning of its day…
  public var submitted: Instant {
    Instant(millisecondsSince1970: day * TimeSpan.day.milliseconds)
  }

  /// …and due at its end.
  public var deadline: Instant { submitted + .day }

  /// Whether it was done in time.
  public var isInTime: Bool { finishedAt.map { $0 <= deadline } ?? false }
}
