import Quantities

/// An answer that a neighbour may come to need again, though it has had it.
///
/// Links lose nothing while they are up, so who lacks the very same records again has not taken
/// them: it knows another branch and won't hear of this one, has no room for a stranger's, or a
/// clock that is behind. It gets them again ever less often; on a link that is paid for by the
/// byte, a whole chain every five minutes would be dear.
struct RepeatedAnswer: Sendable {
  /// The longest wait before the same records are sent again.
  static let longestWait = TimeSpan(minutes: 30)
  /// The wait after they were sent for the first time.
  private static let firstWait = TimeSpan(minutes: 5)

  private let request: RecordRequest
  private var wait = firstWait
  private var again: Instant

  init(_ request: RecordRequest, at now: Instant) {
    self.request = request
    again = now + Self.firstWait
  }

  /// Whether these records are to be sent now; what is answered once more waits twice as long.
  mutating func takes(_ other: RecordRequest, at now: Instant) -> Bool {
    guard other == request else {
      self = RepeatedAnswer(other, at: now)
      return true
    }
    // The wait is no longer for a clock that was set back.
    guard now >= again || again.since(now) > wait else { return false }
    wait = min(Self.longestWait, TimeSpan(milliseconds: 2 * wait.milliseconds))
    again = now + wait
    return true
  }
}
