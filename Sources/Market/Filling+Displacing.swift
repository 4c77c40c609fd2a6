extension Filling {
  /// For each author of the far side the near order that would lose if he had a little less: the
  /// last served of those from which trades can be shifted to him; −1 where none would.
  ///
  /// - Parameters:
  ///   - count: how many orders were served so far, the first ones.
  ///   - last: of each near author the last order that got something; −1 where none did.
  func displaced(_ count: Int, last: [Int]) -> [Int] {
    var spread = Spread(nearCount, farCount)
    for author in 0..<farCount where room[author] > 0 {
      spread.losers[author] = -1
      queueNears(before: author, &spread)
    }
    mark(-1, &spread)
    for order in (0..<count).reversed() {
      let author = near.authors[order]
      guard last[author] == order, !spread.isReached[author] else { continue }
      spread.reach(author)
      mark(order, &spread)
    }
    for author in 0..<farCount { spread.losers[author] = max(-1, spread.losers[author]) }
    return spread.losers
  }

  /// How far the way back from those who lose has come.
  private struct Spread {
    /// Of each far author the order that loses; `unknown` before he is reached.
    var losers: [Int]
    /// Which near authors are reached.
    private(set) var isReached: [Bool]
    /// Those of them whose partners are still to be looked at.
    private var queue: [Int]
    private var queued = 0

    static let unknown = -2

    init(_ nearCount: Int, _ farCount: Int) {
      losers = [Int](repeating: Self.unknown, count: farCount)
      isReached = [Bool](repeating: false, count: nearCount)
      queue = [Int](repeating: 0, count: nearCount)
    }

    mutating func reach(_ author: Int) {
      isReached[author] = true
      queue[queued] = author
      queued += 1
    }

    mutating func next() -> Int? {
      guard queued > 0 else { return nil }
      queued -= 1
      return queue[queued]
    }
  }

  /// Goes backwards from those queued and marks every far author that comes to them.
  private func mark(_ order: Int, _ spread: inout Spread) {
    while let author = spread.next() {
      for place in near.starts[author]..<near.starts[author + 1] {
        let other = Int(near.others[place])
        guard other < farCount else { break }
        guard trades[Int(near.pairs[place])].flow > 0, spread.losers[other] == Spread.unknown
        else { continue }
        spread.losers[other] = order
        queueNears(before: other, &spread)
      }
    }
  }

  private func queueNears(before author: Int, _ spread: inout Spread) {
    for place in far.starts[author]..<far.starts[author + 1] {
      let other = Int(far.others[place])
      guard other < nearCount else { break }
      guard !spread.isReached[other], trades[Int(far.pairs[place])].left > 0 else { continue }
      spread.reach(other)
    }
  }
}
