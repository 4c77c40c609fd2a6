/// What was known at the end of each of the latest slots, found by slot.
///
/// As many as the farthest distance looked back over, and some.
struct RowHistory: Hashable, Sendable {
  static let kept = 208

  /// What was known at the end of one slot.
  struct Row: Hashable, Sendable {
    var slot: Int64
    /// The sun's day that the slot lies in.
    var day: Int64 = 0
    /// Whether that day had shown some light by then.
    var hasLight = false
    /// What estimates are made from.
    var features: [Double]
  }

  private let width: Int
  private var rows: [Row?]
  private(set) var latest: Row?

  init(width: Int) {
    self.width = width
    rows = [Row?](repeating: nil, count: Self.kept)
  }

  private static func index(_ slot: Int64) -> Int {
    Int(((slot % Int64(kept)) + Int64(kept)) % Int64(kept))
  }

  subscript(slot: Int64) -> Row? {
    guard let row = rows[Self.index(slot)], row.slot == slot else { return nil }
    return row
  }

  mutating func append(_ row: Row) {
    rows[Self.index(row.slot)] = row
    latest = row
  }
}

extension RowHistory: NumberStored {
  func store(in column: inout NumberColumn) {
    let present = rows.compactMap { $0 }.sorted { $0.slot < $1.slot }
    column.append(Int64(present.count))
    for row in present + (latest.map { [$0] } ?? []) {
      column.append(row.slot)
      column.append(row.day)
      column.append(Int64(row.hasLight ? 1 : 0))
      column.append(row.features)
    }
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    self = RowHistory(width: width)
    guard let count = reader.whole(in: 0...Int64(Self.kept)) else { return false }
    let limits: ClosedRange<Int64> = -1_000_000_000...1_000_000_000
    // The latest comes last, once more: after a clock was set back it isn't the highest.
    for _ in 0..<(count > 0 ? count + 1 : 0) {
      guard let slot = reader.whole(in: limits), let day = reader.whole(in: limits),
        let light = reader.whole(in: 0...1), let features = reader.numbers(width)
      else { return false }
      append(Row(slot: slot, day: day, hasLight: light == 1, features: features))
    }
    return true
  }
}
