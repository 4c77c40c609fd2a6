/// How battery and grid get through a plan's slots in one scenario, given what jobs draw.
///
/// For a battery that can be told, the exact optimum: `ahead[t]` is what stored energy will bring
/// from slot t on, `behind[t]` what headroom has brought until then, both concave; the course goes
/// where slot and future are worth the same. For one that can't be told, the course that home
/// batteries take: what they would bring if they waited is no price of what they do.
final class StorageCourse {
  let model: HouseModel
  let storage: StorageModel?
  private let nets: [Int64]
  let count: Int
  let ahead: ConcaveList
  let behind: ConcaveList
  private let supply = SlotSupply()
  /// Of each slot: what jobs draw.
  let draws: UnsafeMutablePointer<Int64>
  /// Of each slot's start, and of the end: what is stored above the reserve.
  let stored: UnsafeMutablePointer<Int64>
  /// Of each slot: what the battery gives (− is charging), and the grid (+ is import).
  let given: UnsafeMutablePointer<Int64>
  let grids: UnsafeMutablePointer<Int64>
  /// What all slots cost in money, less what is left at the end and what it is worth to be ready.
  private(set) var cost: Int64 = 0
  private let costs: UnsafeMutablePointer<Int64>
  /// Room for what prices a draw on a battery's own way.
  let meetings: UnsafeMutablePointer<Int>
  let readiness: UnsafeMutablePointer<Int64>
  /// The slots whose draws have changed since the last solution.
  private var changed: Range<Int>

  init(_ model: HouseModel, scenario: Int) {
    self.model = model
    storage = model.storage.flatMap { $0.capacity > 0 ? $0 : nil }
    nets = model.scenarios[scenario].nets
    count = model.count
    ahead = ConcaveList(functions: model.count + 1)
    behind = ConcaveList(functions: model.count + 1)
    draws = .allocate(capacity: count + 1)
    stored = .allocate(capacity: count + 1)
    given = .allocate(capacity: count + 1)
    grids = .allocate(capacity: count + 1)
    costs = .allocate(capacity: count + 1)
    meetings = .allocate(capacity: count + 1)
    readiness = .allocate(capacity: count + 1)
    draws.initialize(repeating: 0, count: count + 1)
    stored.initialize(repeating: 0, count: count + 1)
    given.initialize(repeating: 0, count: count + 1)
    grids.initialize(repeating: 0, count: count + 1)
    costs.initialize(repeating: 0, count: count + 1)
    meetings.initialize(repeating: 0, count: count + 1)
    readiness.initialize(repeating: 0, count: count + 1)
    changed = 0..<count
    if let storage {
      let night = min(storage.nightNeed, storage.capacity)
      ahead.set(
        count, start: 0,
        [(storage.nightWorth, night), (storage.restWorth, storage.capacity - night)])
      behind.set(0, start: storage.capacity - storage.initial, [])
    }
  }

  deinit {
    draws.deallocate()
    stored.deallocate()
    given.deallocate()
    grids.deallocate()
    costs.deallocate()
    meetings.deallocate()
    readiness.deallocate()
  }

  /// Adds to what jobs draw in a slot.
  func add(_ power: Int64, at slot: Int) {
    draws[slot] += power
    if changed.isEmpty {
      changed = slot..<slot + 1
    } else {
      changed = min(changed.lowerBound, slot)..<max(changed.upperBound, slot + 1)
    }
  }

  /// What the grid would give in a slot were the battery still.
  @inline(__always) private func still(_ slot: Int) -> Int64 {
    draws[slot] - nets[slot] + (model.storage?.restoring[slot] ?? 0)
  }

  /// What it costs, beyond its price, that jobs draw `power` where the sun does not carry it.
  @inline(__always) func shade(_ power: Int64, _ slot: Int) -> Int64 {
    let sun = max(0, nets[slot] - (model.storage?.restoring[slot] ?? 0))
    return max(0, power - sun) * model.sunPremium
  }

  /// Finds the course for what jobs draw now.
  ///
  /// Only what the changed draws touch is done again: a day that fills or empties the battery
  /// parts what lies before it from what comes after.
  func solve() {
    guard !changed.isEmpty else { return }
    defer { changed = 0..<0 }
    guard let storage else { return solveWithout() }
    guard storage.isSteered else { return follow(storage, from: changed.lowerBound) }
    var first = changed.lowerBound
    var slot = changed.upperBound - 1
    while slot >= 0 {
      supply.set(model, storage, slot: slot, grid: still(slot))
      let isNew = ahead.join(slot + 1, supply, into: slot, capacity: storage.capacity)
      if isNew { first = min(first, max(0, slot - 1)) }
      if !isNew && slot <= changed.lowerBound { break }
      slot -= 1
    }
    for slot in changed.lowerBound..<count {
      supply.set(model, storage, slot: slot, grid: still(slot))
      let isNew = behind.join(slot, supply, into: slot + 1, capacity: storage.capacity)
      if !isNew && slot >= changed.upperBound - 1 { break }
    }
    follow(storage, from: first)
  }

  private func solveWithout() {
    for slot in changed {
      grids[slot] = still(slot)
      setCost(model.gridCost(grids[slot], slot) + shade(draws[slot], slot), slot)
    }
  }

  /// Goes the best way from a slot on until it meets the way of before.
  private func follow(_ storage: StorageModel, from first: Int) {
    stored[0] = storage.initial
    for slot in first..<count {
      let still = still(slot)
      let out =
        storage.isSteered
        ? optimalOutput(storage, slot, still)
        : ownOutput(storage, slot, holding: stored[slot], still)
      given[slot] = out
      let next = held(storage, after: stored[slot], giving: out)
      grids[slot] = still - out
      let grid = model.gridCost(still - out, slot) + max(0, out) * storage.wear
      let ready = storage.isSteered ? 0 : readyWorth(next, slot, storage)
      setCost(grid + shade(draws[slot], slot) - ready, slot)
      let isOnOldWay = slot + 1 >= changed.upperBound && stored[slot + 1] == next
      stored[slot + 1] = next
      if isOnOldWay { return }
    }
    setCost(-endWorth(stored[count], storage), count)
  }

  /// What it is worth that `left` is stored at the end.
  func endWorth(_ left: Int64, _ storage: StorageModel) -> Int64 {
    let night = min(left, storage.nightNeed)
    return night * storage.nightWorth + (left - night) * storage.restWorth
  }

  /// What a slot costs, or, of `count`, less what is left at the end.
  private func setCost(_ money: Int64, _ slot: Int) {
    cost += money - costs[slot]
    costs[slot] = money
  }

  /// Divides what is there between slot and future, the best pieces first.
  private func optimalOutput(_ storage: StorageModel, _ slot: Int, _ still: Int64) -> Int64 {
    supply.set(model, storage, slot: slot, grid: still)
    var rest = stored[slot] - supply.least
    var taken: Int64 = 0
    var left = ahead.base(slot + 1)
    let leftEnd = left + ahead.counts[slot + 1]
    var right = 0
    while rest > 0 {
      let takesLeft: Bool
      if left < leftEnd, right < supply.count {
        let future = ahead.slopes[left]
        let present = supply.slopes[right]
        takesLeft = future > present || (future == present && !supply.goesFirst[right])
      } else if left < leftEnd {
        takesLeft = true
      } else if right < supply.count {
        takesLeft = false
      } else {
        break
      }
      if takesLeft {
        rest -= min(rest, ahead.widths[left])
        left += 1
      } else {
        let width = min(rest, supply.widths[right])
        taken += width
        rest -= width
        right += 1
      }
    }
    let out = supply.least + taken
    guard out < 0 else { return out }
    return -min(storage.power(storing: -out), storage.chargeLimits[slot])
  }
}
