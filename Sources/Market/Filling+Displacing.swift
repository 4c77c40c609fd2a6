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
      spread.hasFar[author] = true
      queueNears(before: author, &spread)
    }
    mark(-1, &spread)
    for order in (0..<count).reversed() {
      let author = near.authors[order]
      guard last[author] == order, !spread.hasNear[author] else { continue }
      spread.hasNear[author] = true
      spread.queue.append(author)
      mark(order, &spread)
    }
    return spread.orders
  }

  private struct Spread {
    var hasNear: [Bool]
    var hasFar: [Bool]
    var queue: [Int] = []
    var orders: [Int]

    init(_ nearCount: Int, _ farCount: Int) {
      hasNear = [Bool](repeating: false, count: nearCount)
      hasFar = [Bool](repeating: false, count: farCount)
      orders = [Int](repeating: -1, count: farCount)
    }
  }

  /// Goes backwards from those queued and marks every far author that comes to them.
  private func mark(_ order: Int, _ spread: inout Spread) {
    while let author = spread.queue.popLast() {
      for place in near.starts[author]..<near.starts[author + 1] {
        let other = Int(near.others[place])
        guard other < farCount else { break }
        guard !spread.hasFar[other], trades[Int(near.pairs[place])].flow > 0 else { continue }
        spread.hasFar[other] = true
        spread.orders[other] = order
        queueNears(before: other, &spread)
      }
    }
  }

  private func queueNears(before author: Int, _ spread: inout Spread) {
    for place in far.starts[author]..<far.starts[author + 1] {
      let other = Int(far.others[place])
      guard other < nearCount else { break }
      let pair = Int(far.pairs[place])
      guard !spread.hasNear[other], trades[pair].left > 0 else { continue }
      spread.hasNear[other] = true
      spread.queue.append(other)
    }
  }
}
