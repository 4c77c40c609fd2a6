/// The course and the prices of a battery that can't be told: it takes what is left over as soon as
/// it is, until it is full, whatever the grid would have given for it later.
extension StorageCourse {
  /// What a battery gives by itself that holds `now`: what is missing, or − what is left over.
  func ownOutput(
    _ storage: StorageModel, _ slot: Int, holding now: Int64, _ still: Int64
  ) -> Int64 {
    if still >= 0 { return min(still, storage.dischargeLimits[slot], now) }
    let room = storage.power(storing: storage.capacity - now)
    return -min(-still, storage.chargeLimits[slot], room)
  }

  /// What it holds after a slot in which it gave `out`.
  func held(_ storage: StorageModel, after now: Int64, giving out: Int64) -> Int64 {
    out >= 0 ? now - out : min(storage.capacity, now + storage.stored(of: -out))
  }

  /// What `power` more in each slot alone would cost, added to `costs`, times `weight`.
  ///
  /// Exact for one slot. What a draw keeps out of the battery is missing until the slots in which
  /// it would have been full, which then give less to the grid, or empty, which then import; in
  /// between all stays as it is, so only those are looked at.
  func addOwnCosts(
    of power: Int64, weight: Int64, in slots: Range<Int>, to costs: UnsafeMutablePointer<Int64>,
    _ storage: StorageModel
  ) {
    markMeetings(of: power, from: slots.lowerBound, storage)
    for slot in slots {
      var lack: Int64 = 0
      var cost = costOf(power, slot, &lack, storage)
      var last = slot
      while lack > 0 && last < count {
        let next = meetings[last + 1]
        if next < count { cost += costOf(0, next, &lack, storage) }
        last = next
      }
      let left = stored[count]
      cost += endWorth(left, storage) - endWorth(left - lack, storage)
      costs[slot] += weight * cost
    }
  }

  /// What it costs that a slot draws `power` more and begins with `lack` less in the battery;
  /// `lack` becomes what is missing at its end.
  @inline(__always) private func costOf(
    _ power: Int64, _ slot: Int, _ lack: inout Int64, _ storage: StorageModel
  ) -> Int64 {
    let grid = grids[slot]
    let out = given[slot]
    let still = grid + out + power
    let now = stored[slot] - lack
    let changed = ownOutput(storage, slot, holding: now, still)
    lack = stored[slot + 1] - held(storage, after: now, giving: changed)
    let wear = (max(0, changed) - max(0, out)) * storage.wear
    return model.gridCost(still - changed, slot) - model.gridCost(grid, slot) + wear
  }

  /// Notes of each slot which is the first from there on whose flows change when up to `most` is
  /// missing: there the battery is full before the surplus ends, or holds less than that after it.
  private func markMeetings(of most: Int64, from first: Int, _ storage: StorageModel) {
    meetings[count] = count
    var slot = count - 1
    while slot >= first {
      let out = given[slot]
      let still = grids[slot] + out
      let isMet =
        still >= 0
        ? stored[slot + 1] < most : -out < min(-still, storage.chargeLimits[slot])
      meetings[slot] = isMet ? slot : meetings[slot + 1]
      slot -= 1
    }
  }
}
