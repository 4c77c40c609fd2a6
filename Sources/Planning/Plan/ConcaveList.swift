/// Concave piecewise linear functions of energy, one for each slot of a plan.
///
/// A function is kept as its domain's start and its pieces from there on: slope (money per
/// milliwatt-slot) and width (milliwatt-slots), slopes falling. Joining one with what a slot can do
/// (a sup-convolution) is a merge of two such lists by slope, which is what makes the battery's
/// exact optimum cheap: Bellman's recursion on concave functions, without a grid of states.
struct ConcaveList: ~Copyable {
  /// The most pieces of a function; what lies beyond is joined into the last.
  static let maximumPieces = 160

  let slopes: UnsafeMutablePointer<Int64>
  let widths: UnsafeMutablePointer<Int64>
  let counts: UnsafeMutablePointer<Int>
  let starts: UnsafeMutablePointer<Int64>
  /// The function that is being made lies behind the others.
  private let draft: Int

  /// Pieces are written before they are read: nothing else is set.
  init(functions count: Int) {
    draft = count * Self.maximumPieces
    slopes = .allocate(capacity: draft + Self.maximumPieces)
    widths = .allocate(capacity: draft + Self.maximumPieces)
    counts = .allocate(capacity: count)
    starts = .allocate(capacity: count)
    counts.initialize(repeating: 0, count: count)
    starts.initialize(repeating: 0, count: count)
  }

  deinit {
    slopes.deallocate()
    widths.deallocate()
    counts.deallocate()
    starts.deallocate()
  }

  /// The index of the first piece of a function.
  @inline(__always) func base(_ function: Int) -> Int { function * Self.maximumPieces }

  /// Makes a function of pieces in order; empty ones are left out.
  func set(_ function: Int, start: Int64, _ pieces: [(slope: Int64, width: Int64)]) {
    starts[function] = start
    var index = 0
    for piece in pieces where piece.width > 0 {
      slopes[base(function) + index] = piece.slope
      widths[base(function) + index] = piece.width
      index += 1
    }
    counts[function] = index
  }

  /// Makes `target` the join of `source` and a slot's supply, held to 0…`capacity`; false where it
  /// is what it was.
  func join(
    _ source: Int, _ supply: borrowing SlotSupply, into target: Int, capacity: Int64
  ) -> Bool {
    var skip: Int64 = 0
    var start = starts[source] + supply.least
    if start < 0 {
      skip = -start
      start = 0
    }
    var room = capacity - start
    let from = base(source)
    let fromEnd = from + counts[source]
    let into = draft
    var left = from
    var leftWidth = left < fromEnd ? widths[left] : 0
    var right = 0
    var rightWidth = supply.count > 0 ? supply.widths[0] : 0
    var made = 0
    while room > 0 {
      let takesLeft: Bool
      if left < fromEnd {
        takesLeft = right >= supply.count || slopes[left] >= supply.slopes[right]
      } else if right < supply.count {
        takesLeft = false
      } else {
        break
      }
      let slope = takesLeft ? slopes[left] : supply.slopes[right]
      var width = takesLeft ? leftWidth : rightWidth
      if takesLeft {
        left += 1
        if left < fromEnd { leftWidth = widths[left] }
      } else {
        right += 1
        if right < supply.count { rightWidth = supply.widths[right] }
      }
      if skip > 0 {
        let skipped = min(skip, width)
        skip -= skipped
        width -= skipped
      }
      width = min(width, room)
      if width == 0 { continue }
      room -= width
      if made > 0 && (slopes[into + made - 1] == slope || made == Self.maximumPieces) {
        widths[into + made - 1] += width
      } else {
        slopes[into + made] = slope
        widths[into + made] = width
        made += 1
      }
    }
    return keep(made, start: start, as: target)
  }

  /// Takes over the draft's pieces; false where they are what `target` was.
  private func keep(_ made: Int, start: Int64, as target: Int) -> Bool {
    let into = base(target)
    var isNew = counts[target] != made || starts[target] != start
    var index = 0
    while index < made, !isNew {
      isNew = slopes[into + index] != slopes[draft + index]
      isNew = isNew || widths[into + index] != widths[draft + index]
      if !isNew { index += 1 }
    }
    guard isNew else { return false }
    counts[target] = made
    starts[target] = start
    (slopes + into + index).update(from: slopes + draft + index, count: made - index)
    (widths + into + index).update(from: widths + draft + index, count: made - index)
    return true
  }
}
