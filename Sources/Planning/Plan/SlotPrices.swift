/// What draws cost in each slot of a course that stands still meanwhile: convex and piecewise
/// linear, from no draw at all.
///
/// The pieces are found once and then asked for many times, which is what makes it cheap to try
/// many ways of placing jobs. Each slot's price is exact alone; two draws that both count on the
/// same stored energy cost more together.
final class SlotPrices {
  /// The most pieces of a slot; the last one goes on.
  static let maximumPieces = 24

  private let course: StorageCourse
  private let prices: UnsafeMutablePointer<Int64>
  private let widths: UnsafeMutablePointer<Int64>
  /// Of each slot: how many pieces are known; none before somebody asks.
  private let counts: UnsafeMutablePointer<Int>
  /// What jobs can draw at most at once.
  private let most: Int64

  init(_ course: StorageCourse, most: Int64) {
    self.course = course
    self.most = most
    // Pieces are written before they are read: nothing else is set.
    prices = .allocate(capacity: (course.count + 1) * Self.maximumPieces)
    widths = .allocate(capacity: (course.count + 1) * Self.maximumPieces)
    counts = .allocate(capacity: course.count + 1)
    counts.initialize(repeating: 0, count: course.count + 1)
  }

  deinit {
    prices.deallocate()
    widths.deallocate()
    counts.deallocate()
  }

  /// Forgets all, since the course has changed.
  func forget() { counts.update(repeating: 0, count: course.count + 1) }

  /// Adds what `power` more in each slot alone would cost, times `weight`.
  ///
  /// - Parameter drawn: of each slot: what jobs draw already.
  func addCosts(
    of power: Int64, beyond drawn: UnsafeMutablePointer<Int64>, weight: Int64,
    in slots: Range<Int>, to costs: UnsafeMutablePointer<Int64>
  ) {
    for slot in slots where costs[slot] < JobPlacement.blocked {
      costs[slot] += weight * cost(of: power, beyond: drawn[slot], slot)
    }
  }

  /// What `power` more costs in some slots, times `weight`.
  func cost(
    of power: Int64, beyond drawn: UnsafeMutablePointer<Int64>, weight: Int64, in slots: [Int]
  ) -> Int64 {
    var sum: Int64 = 0
    for slot in slots { sum += cost(of: power, beyond: drawn[slot], slot) }
    return sum * weight
  }

  @inline(__always) private func cost(
    of power: Int64, beyond drawn: Int64, _ slot: Int
  ) -> Int64 {
    if counts[slot] == 0 { find(slot) }
    var piece = slot * Self.maximumPieces
    let last = piece + counts[slot] - 1
    var passed = drawn
    while piece < last, widths[piece] <= passed {
      passed -= widths[piece]
      piece += 1
    }
    var need = power
    var cost: Int64 = 0
    while piece < last, widths[piece] - passed < need {
      let width = widths[piece] - passed
      cost += width * prices[piece]
      need -= width
      passed = 0
      piece += 1
    }
    cost += need * prices[piece]
    let premium = course.model.sunPremium
    guard premium > 0 else { return cost }
    return cost + course.shade(drawn + power, slot) - course.shade(drawn, slot)
  }

  /// Finds a slot's pieces: what jobs draw now is what could be freed, and the rest comes on top.
  private func find(_ slot: Int) {
    let base = slot * Self.maximumPieces
    let drawn = course.draws[slot]
    var count = 0
    course.free(drawn, slot) {
      count = add(width: $0, price: $1, base, count, most: Self.maximumPieces / 2)
    }
    // What is freed first was drawn last.
    var low = base
    var high = base + count - 1
    while low < high {
      swap(low, high)
      low += 1
      high -= 1
    }
    course.meet(max(1, most - drawn), slot) {
      count = add(width: $0, price: $1, base, count, most: Self.maximumPieces)
    }
    counts[slot] = count
  }

  private func swap(_ left: Int, _ right: Int) {
    (prices[left], prices[right]) = (prices[right], prices[left])
    (widths[left], widths[right]) = (widths[right], widths[left])
  }

  /// Appends a piece, or lengthens the last one; returns how many there are then.
  @inline(__always) private func add(
    width: Int64, price: Int64, _ base: Int, _ count: Int, most: Int
  ) -> Int {
    if count > 0, prices[base + count - 1] == price || count == most {
      widths[base + count - 1] += width
      return count
    }
    prices[base + count] = price
    widths[base + count] = width
    return count + 1
  }
}
