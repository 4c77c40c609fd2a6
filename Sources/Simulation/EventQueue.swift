import Quantities

/// What is still to happen, earliest first; what is due at the same moment comes in the order in
/// which it was added, so a run replays exactly.
struct EventQueue<Payload: Sendable>: Sendable {
  private struct Item: Sendable {
    let at: Instant
    let serial: Int64
    let payload: Payload

    func precedes(_ other: Item) -> Bool { (at, serial) < (other.at, other.serial) }
  }

  /// A binary heap: each item precedes the two at twice its position plus one and two.
  private var items: [Item] = []
  private var added: Int64 = 0

  var count: Int { items.count }
  var next: Instant? { items.first?.at }
  /// What comes next.
  var first: Payload? { items.first?.payload }

  mutating func add(_ payload: Payload, at instant: Instant) {
    items.append(Item(at: instant, serial: added, payload: payload))
    added += 1
    var position = items.count - 1
    while position > 0 {
      let parent = (position - 1) / 2
      guard items[position].precedes(items[parent]) else { return }
      items.swapAt(position, parent)
      position = parent
    }
  }

  mutating func removeFirst() -> (at: Instant, payload: Payload)? {
    guard let first = items.first, let last = items.popLast() else { return nil }
    if !items.isEmpty {
      items[0] = last
      sink(from: 0)
    }
    return (first.at, first.payload)
  }

  private mutating func sink(from start: Int) {
    var position = start
    while true {
      var earliest = position
      for child in [2 * position + 1, 2 * position + 2]
      where child < items.count && items[child].precedes(items[earliest]) {
        earliest = child
      }
      guard earliest != position else { return }
      items.swapAt(position, earliest)
      position = earliest
    }
  }
}
