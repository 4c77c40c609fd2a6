import Quantities

/// A node's own clock, which the beginning of the simulation set right up to its offset.
struct DriftingClock: Hashable, Sendable {
  /// How far it is ahead of true time at the beginning.
  let offset: TimeSpan
  /// How much it gains in a million milliseconds.
  let drift: Int64

  /// What it shows at a true moment.
  func time(at now: Instant, since start: Instant) -> Instant {
    now + offset + now.since(start).scaled(by: drift, over: 1_000_000)
  }

  /// The first true millisecond at which it shows `instant` or later.
  func trueTime(of instant: Instant, since start: Instant) -> Instant {
    // A small offset makes no difference to what it gained, one of decades hours.
    let shown = offset.magnitude > .hour ? instant - offset : instant
    let gained = shown.since(start).scaled(by: drift, over: 1_000_000 + drift)
    var result = instant - offset - gained
    // Rounding may leave it a millisecond early, and a timer must never fire early.
    while time(at: result, since: start) < instant {
      result = result + TimeSpan(milliseconds: 1)
    }
    return result
  }
}
