/// A walk along a concave function from a point, down to smaller values or up to larger ones.
struct ConcaveWalk {
  private let slopes: UnsafePointer<Int64>
  private let widths: UnsafePointer<Int64>
  private let isDown: Bool
  private var piece: Int
  private let first: Int
  private let end: Int
  /// What is left of the piece; 0 at the end.
  var width: Int64 = 0
  /// What each further unit less costs, or each more brings.
  var slope: Int64 = 0

  init(_ list: borrowing ConcaveList, _ function: Int, at point: Int64, isDown: Bool) {
    slopes = UnsafePointer(list.slopes)
    widths = UnsafePointer(list.widths)
    first = list.base(function)
    end = first + list.counts[function]
    self.isDown = isDown
    piece = first
    var rest = max(0, point - list.starts[function])
    while piece < end, widths[piece] < rest {
      rest -= widths[piece]
      piece += 1
    }
    guard piece < end else {
      // At the end, or a rounding beyond it.
      if isDown { step() }
      return
    }
    width = isDown ? rest : widths[piece] - rest
    slope = slopes[piece]
    if width == 0 { step() }
  }

  mutating func take(_ amount: Int64) {
    width -= amount
    if width <= 0 { step() }
  }

  private mutating func step() {
    width = 0
    piece += isDown ? -1 : 1
    guard piece >= first, piece < end else {
      piece = min(max(piece, first - 1), end)
      return
    }
    width = widths[piece]
    slope = slopes[piece]
  }
}
