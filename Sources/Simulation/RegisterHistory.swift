import Quantities

/// A house's true meter registers at moments of the last days, at least one a minute.
struct RegisterHistory: Sendable {
  private struct Mark: Sendable {
    let at: Instant
    let imported: Energy
    let exported: Energy
  }

  /// Marks kept, room for days of minutes and records; then the older half is dropped.
  private static let capacity = 20_000
  private var marks: [Mark] = []

  mutating func append(at instant: Instant, imported: Energy, exported: Energy) {
    if marks.count >= Self.capacity { marks.removeFirst(Self.capacity / 2) }
    marks.append(Mark(at: instant, imported: imported, exported: exported))
  }

  /// What was exported from `start` to `end`, at most; nil when that is not remembered.
  func exported(from start: Instant, to end: Instant) -> Energy? {
    guard let (first, last) = marks(around: start, end) else { return nil }
    return last.exported - first.exported
  }

  /// What was imported from `start` to `end`, at most; nil when that is not remembered.
  func imported(from start: Instant, to end: Instant) -> Energy? {
    guard let (first, last) = marks(around: start, end) else { return nil }
    return last.imported - first.imported
  }

  /// The latest mark not after `start` and the earliest not before `end` (or the newest).
  private func marks(around start: Instant, _ end: Instant) -> (Mark, Mark)? {
    guard let first = marks.last(where: { $0.at <= start }), let newest = marks.last else {
      return nil
    }
    return (first, marks.first { $0.at >= end } ?? newest)
  }
}
