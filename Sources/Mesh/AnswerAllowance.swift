import Quantities

/// How often a neighbour is answered with records of the store.
///
/// One that catches up asks again after each thousand records that it has taken, as fast as it
/// can; one that only asks gets no more than this of a node's time.
struct AnswerAllowance: Sendable {
  /// Answers that may follow one another at once…
  static let most: Int64 = 64
  /// …and the time after which there is one more: twenty thousand records a second.
  static let interval = TimeSpan(milliseconds: 50)

  private var left = most
  private var countedAt: Instant

  init(at now: Instant) { countedAt = now }

  /// Whether there is an answer left; it is used up then.
  mutating func take(at now: Instant) -> Bool {
    let gained = now.since(countedAt).milliseconds / Self.interval.milliseconds
    if gained < 0 {
      // The clock was set back.
      countedAt = now
    } else if left + gained >= Self.most {
      left = Self.most
      countedAt = now
    } else {
      left += gained
      countedAt = countedAt + TimeSpan(milliseconds: gained * Self.interval.milliseconds)
    }
    guard left > 0 else { return false }
    left -= 1
    return true
  }
}
