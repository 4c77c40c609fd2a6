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

  /// Since when a job runs on the estimate and the panels have not answered.
  private var trialSince: Instant?
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
    restsUntil = min(restsUntil, now + Self.longestRest)
    guard let measured, let expected, isCurtailed || trialSince != nil else {
      trialSince = nil
      return nil
    }
    judge(measured: measured, jobsPower: jobsPower, at: now)
    guard isCurtailed || trialSince != nil, now >= restsUntil, expected > measured else {
      return nil
    }
    return expected
  }

  private mutating func judge(measured: Power, jobsPower: Power, at now: Instant) {
    let isCarried = measured >= jobsPower.scaled(by: 3, over: 4)
    guard jobsPower > .zero, !isCarried else {
      if jobsPower > .zero { rest = Self.firstRest }
      trialSince = nil
      return
    }
    let since = min(trialSince ?? now, now)
    trialSince = since
    guard now.since(since) >= Self.patience else { return }
    trialSince = nil
    restsUntil = now + rest
    rest = min(rest + rest, Self.longestRest)
  }
}
