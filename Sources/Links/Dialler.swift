import Sealing

/// When a neighbour is dialled next: back-off that doubles, with jitter. Event thread only.
struct Dialler {
  let peer: PeerAddress
  /// Monotonic milliseconds; nil while a dial or a look-up is under way or the link stands.
  var nextAttempt: Int64?
  var attempts = 0
  /// Names may have several addresses; each attempt takes the next.
  var addresses: [SocketAddress] = []
  /// The last reason told, so that each is told once.
  var toldReason: String?

  /// Sets the next attempt after a failure or a lost link.
  mutating func retry(now: Int64, limits: LinkLimits, random: Int64) {
    let doubled = limits.firstRetryMilliseconds << Int64(min(attempts, 10))
    let longest = min(doubled, limits.longestRetryMilliseconds)
    // Half fixed, half random: nodes that lost power together don't come back in step.
    nextAttempt = now + longest / 2 + random % (longest / 2 + 1)
    attempts = min(attempts + 1, 1000)
  }
}
