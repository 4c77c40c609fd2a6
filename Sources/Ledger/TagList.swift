/// Tags in order, in pieces of 8 KiB.
///
/// One array would take up to twice the room: it doubles when it is full, and a million tags would
/// be moved to make place for one.
struct TagList: Sendable {
  private static let piece = 1024

  private var pieces: [[RecordTag]] = []
  private(set) var count = 0

  init() {}

  mutating func append(_ tag: RecordTag) {
    if count % Self.piece == 0 {
      pieces.append([])
      pieces[pieces.count - 1].reserveCapacity(count == 0 ? 1 : Self.piece)
    }
    pieces[pieces.count - 1].append(tag)
    count += 1
  }

  mutating func append(contentsOf tags: some Sequence<RecordTag>) {
    for tag in tags { append(tag) }
  }

  subscript(index: Int) -> RecordTag { pieces[index / Self.piece][index % Self.piece] }

  /// The tags of a range, which must be within the list.
  subscript(range: Range<Int>) -> [RecordTag] { range.map { self[$0] } }
}
