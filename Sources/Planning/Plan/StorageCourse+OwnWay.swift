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
  /// between all stays as it is but for what it is worth to be ready, so only those are looked at.
  func addOwnCosts(
    of power: Int64, weight: Int64, in slots: Range<Int>, to costs: UnsafeMutablePointer<Int64>,
    _ storage: StorageModel
  ) {
    markMeetings(of: power, from: slots.lowerBound, storage)
    for slot in slots where costs[slot] < JobPlacement.blocked {
      var lack: Int64 = 0
      var cost = costOf(power, slot, &lack, storage)
      var last = slot
      while lack > 0 && last < count {
        let next = meetings[last + 1]
        cost += lack * (readiness[next] - readiness[last])
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
  /// And of each, what a unit more at the ends of all slots before it would be worth.
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
    readiness[first] = 0
    for slot in first..<count {
      readiness[slot + 1] = readiness[slot] + readyPrice(stored[slot + 1], slot, storage)
    }
  }

  // MARK: being ready

  /// One slot in so many sees a draw that no forecast names and that an empty battery can't meet: a
  /// hundredth an hour. Of all that was tried on four households it left them the least to pay.
  private static let readyOdds: Int64 = 400

  /// What it is worth that the battery holds `stored` at a slot's end, for what no forecast names:
  /// the first of it most, what fills it nothing.
  ///
  /// Only where sun may be thrown away: what jobs draw at dawn is then missing until noon throws
  /// more away than they take. Elsewhere the first sun that suffices is as good as any.
  func readyWorth(_ stored: Int64, _ slot: Int, _ storage: StorageModel) -> Int64 {
    guard model.mayHoldBack else { return 0 }
    let whole = max(0, model.importPrices[slot]) * stored / Self.readyOdds
    return whole / 2000 * (2000 - stored * 1000 / storage.capacity)
  }

  /// The same for a unit more.
  private func readyPrice(_ stored: Int64, _ slot: Int, _ storage: StorageModel) -> Int64 {
    guard model.mayHoldBack else { return 0 }
    let price = max(0, model.importPrices[slot])
    return price * (1000 - stored * 1000 / storage.capacity) / (1000 * Self.readyOdds)
  }

  /// What all of it is worth: what the search weighs beyond money.
  var readyWorth: Int64 {
    guard let storage, !storage.isSteered else { return 0 }
    return (0..<count).reduce(0) { $0 + readyWorth(stored[$1 + 1], $1, storage) }
  }
}
