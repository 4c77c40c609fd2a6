import Quantities

/// What is still to happen, earliest first; what is due at the same moment comes in the order in
/// which it was added, so a run replays exactly.
struct EventQueue<Payload: Sendable>: Sendable {
  /// What the heap moves about: payloads are large, and stay where they are.
  private struct Item: Sendable {
    let at: Instant
    let serial: Int64
    let place: Int

    func precedes(_ other: Item) -> Bool {
      at == other.at ? serial < other.serial : at < other.at
    }
  }

  /// A binary heap: each item precedes the two at twice its position plus one and two.
  private var items: [Item] = []
  private var payloads: [Payload?] = []
  /// Places among the payloads that hold none.
  private var free: [Int] = []
  private var added: Int64 = 0

  var count: Int { items.count }
  var next: Instant? { items.first?.at }
  /// What comes next.
  var first: Payload? { items.first.flatMap { payloads[$0.place] } }

  mutating func add(_ payload: Payload, at instant: Instant) {
    let place: Int
    if let last = free.popLast() {
      place = last
      payloads[place] = payload
    } else {
      place = payloads.count
      payloads.append(payload)
    }
    items.append(Item(at: instant, serial: added, place: place))
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
    if !items.isEmpty { sink(last) }
    guard let payload = payloads[first.place] else { return nil }
    payloads[first.place] = nil
    free.append(first.place)
    return (first.at, payload)
  }

  /// Puts an item where the first one was, and what precedes it before it.
  private mutating func sink(_ item: Item) {
    items.withUnsafeMutableBufferPointer { items in
      var position = 0
      while true {
        var child = 2 * position + 1
        guard child < items.count else { break }
        if child + 1 < items.count, items[child + 1].precedes(items[child]) { child += 1 }
        guard items[child].precedes(item) else { break }
        items[position] = items[child]
        position = child
      }
      items[position] = item
    }
  }
}
