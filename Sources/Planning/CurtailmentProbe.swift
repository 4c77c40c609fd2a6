import Quantities

/// Finds out what panels that are held back could give, by a job's load.
///
/// Nothing measured says how strong the sun is while a house throttles; the forecast's clear sky
/// and roof do, roughly. A job that starts on that word shows the truth within minutes: the panels
/// rise and carry it, or battery and grid do. If they do, the estimate is not believed again for a
/// while, the longer the more often it was wrong that day.
public struct CurtailmentProbe: Hashable, Sendable {
  /// How long the panels have to answer.
  static let patience = TimeSpan(minutes: 2)
  static let firstRest = TimeSpan(minutes: 15)
  static let longestRest = TimeSpan(minutes: 120)

  /// Since when jobs run on the estimate.
  private var since: Instant?
  private var restsUntil = Instant.distantPast
  private var rest = firstRest

  public init() {}

  /// What may be taken to be spare; nil when what is measured counts alone.
  ///
  /// - Parameters:
  ///   - expected: what the forecast says the panels give beyond the household.
  ///   - measured: what is spare by the meter, jobs' own draw included.
  ///   - jobsPower: what running jobs draw.
  public mutating func possible(
    expected: Power?, measured: Power?, isCurtailed: Bool, jobsPower: Power, at now: Instant
  ) -> Power? {
    // A clock that was set back does not stretch a rest.
    if restsUntil.since(now) > Self.longestRest { restsUntil = now }
    guard let measured else {
      since = nil
      return nil
    }
    let isAhead = jobsPower > .zero && measured < jobsPower.scaled(by: 3, over: 4)
    if let began = since {
      if jobsPower == .zero {
        since = nil
      } else if !isAhead {
        // The sun carries it: nothing was overrated.
        rest = Self.firstRest
        if !isCurtailed { since = nil }
      } else if now.since(began) >= Self.patience {
        since = nil
        restsUntil = now + rest
        rest = min(rest + rest, Self.longestRest)
      }
    }
    guard isCurtailed || since != nil, now >= restsUntil, let expected, expected > measured else {
      return nil
    }
    if jobsPower > .zero, isAhead, since == nil { since = now }
    return expected
  }
}
