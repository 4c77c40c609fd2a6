/// How battery and grid get through a plan's slots in one scenario, given what jobs draw.
///
/// For a battery that can be told, the exact optimum: `ahead[t]` is what stored energy will bring
/// from slot t on, `behind[t]` what headroom has brought until then, both concave; the course goes
/// where slot and future are worth the same. For one that can't be told, the course that home
/// batteries take; the two functions then only price what a job would cost.
final class StorageCourse {
  let model: HouseModel
  let storage: StorageModel?
  private let nets: [Int64]
  private let count: Int
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
  /// What all slots cost in money, less what is left at the end.
  private(set) var cost: Int64 = 0
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
    draws.initialize(repeating: 0, count: count + 1)
    stored.initialize(repeating: 0, count: count + 1)
    given.initialize(repeating: 0, count: count + 1)
    grids.initialize(repeating: 0, count: count + 1)
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
  func solve() {
    guard !changed.isEmpty else { return }
    defer { changed = 0..<0 }
    guard let storage else { return solveWithout() }
    var slot = changed.upperBound - 1
    while slot >= 0 {
      supply.set(model, storage, slot: slot, grid: still(slot))
      ahead.join(slot + 1, supply, into: slot, capacity: storage.capacity)
      slot -= 1
    }
    for slot in changed.lowerBound..<count {
      supply.set(model, storage, slot: slot, grid: still(slot))
      behind.join(slot, supply, into: slot + 1, capacity: storage.capacity)
    }
    follow(storage)
  }

  private func solveWithout() {
    var cost: Int64 = 0
    for slot in 0..<count {
      grids[slot] = still(slot)
      cost += model.gridCost(grids[slot], slot) + shade(draws[slot], slot)
    }
    self.cost = cost
  }

  private func follow(_ storage: StorageModel) {
    var cost: Int64 = 0
    stored[0] = storage.initial
    for slot in 0..<count {
      let still = still(slot)
      let out =
        storage.isSteered ? optimalOutput(storage, slot, still) : ownOutput(storage, slot, still)
      given[slot] = out
      let now = stored[slot]
      stored[slot + 1] =
        out >= 0 ? now - out : min(storage.capacity, now + storage.stored(of: -out))
      grids[slot] = still - out
      cost += model.gridCost(still - out, slot) + max(0, out) * storage.wear
      cost += shade(draws[slot], slot)
    }
    let left = stored[count]
    let night = min(left, storage.nightNeed)
    self.cost = cost - night * storage.nightWorth - (left - night) * storage.restWorth
  }

  /// What a battery gives by itself: what is missing, or − what is left over.
  private func ownOutput(_ storage: StorageModel, _ slot: Int, _ still: Int64) -> Int64 {
    let now = stored[slot]
    if still >= 0 { return min(still, storage.dischargeLimits[slot], now) }
    let room = storage.power(storing: storage.capacity - now)
    return -min(-still, storage.chargeLimits[slot], room)
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
