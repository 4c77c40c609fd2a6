/// A few distances into the future, between which what was learned is blended.
struct HorizonScale: Hashable, Sendable {
  /// In slots, rising.
  let slots: [Int]

  /// The step at or before `distance` and how far it is to the next, 0 to 1.
  func place(_ distance: Int) -> (step: Int, share: Double) {
    guard distance > slots[0] else { return (0, 0) }
    var step = 0
    while step < slots.count - 1, slots[step + 1] <= distance { step += 1 }
    guard step < slots.count - 1 else { return (step, 0) }
    return (step, Double(distance - slots[step]) / Double(slots[step + 1] - slots[step]))
  }
}
