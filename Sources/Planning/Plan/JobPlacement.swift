/// Finds the best slots for one job, given what each slot would cost it.
///
/// Exact by dynamic programming over slot and slots left: runs no shorter than the minimum but for
/// the one that finishes the job, pauses no shorter than theirs.
final class JobPlacement {
  /// The cost of a slot that may not be used.
  static let blocked: Int64 = 1 << 58
  private static let impossible: Int64 = 1 << 59

  private let count: Int
  /// Of each slot: what it costs the job; filled by the caller.
  let costs: UnsafeMutablePointer<Int64>
  private let sums: UnsafeMutablePointer<Int64>
  private let blocks: UnsafeMutablePointer<Int>
  private let order: UnsafeMutablePointer<Int>
  /// By slot and slots left: the least cost from there on, standing still or in a run that may end.
  private var table: UnsafeMutablePointer<Int64>
  /// Of each slot: where its rows in the table start. Slots in which nothing can happen share the
  /// row of a later one.
  private let still: UnsafeMutablePointer<Int>
  private let running: UnsafeMutablePointer<Int>
  private var tableSize = 0
  private var subsidy: Int64 = 0
  /// The job ends before this slot.
  private var limit = 0
  /// Whether only the whole job counts.
  private var isToFinish = false

  init(count: Int) {
    self.count = count
    costs = .allocate(capacity: count + 1)
    sums = .allocate(capacity: count + 1)
    blocks = .allocate(capacity: count + 1)
    order = .allocate(capacity: count + 1)
    still = .allocate(capacity: count + 1)
    running = .allocate(capacity: count + 1)
    table = .allocate(capacity: 1)
    costs.initialize(repeating: 0, count: count + 1)
    sums.initialize(repeating: 0, count: count + 1)
    blocks.initialize(repeating: 0, count: count + 1)
    order.initialize(repeating: 0, count: count + 1)
    still.initialize(repeating: 0, count: count + 1)
    running.initialize(repeating: 0, count: count + 1)
  }

  deinit {
    costs.deallocate()
    sums.deallocate()
    blocks.deallocate()
    order.deallocate()
    still.deallocate()
    running.deallocate()
    table.deallocate()
  }

  /// The best slots within `span`, in order; empty when there are none that pay.
  ///
  /// - Parameter subsidy: what others pay for all of it to be done.
  func place(_ task: PlannedTask, in span: Range<Int>, subsidy: Int64) -> [Int] {
    let earliest = span.lowerBound
    limit = span.upperBound
    self.subsidy = subsidy
    if task.extent == .part {
      for slot in earliest..<limit where costs[slot] < Self.blocked {
        costs[slot] -= task.slotValue(slot, of: count)
      }
    }
    if task.extent == .part && subsidy > 0 {
      // Others wait for its end.
      isToFinish = true
      let finished = search(task, from: earliest)
      if !finished.isEmpty { return finished }
      self.subsidy = 0
    }
    isToFinish = task.extent == .whole
    if isToFinish && !leavesRoom(task, in: span) { return [] }
    return search(task, from: earliest)
  }

  /// Blocks the slots that are too dear even when all others were as cheap as the cheapest; false
  /// where too few are left.
  private func leavesRoom(_ task: PlannedTask, in span: Range<Int>) -> Bool {
    var least = Self.blocked
    for slot in span { least = min(least, costs[slot]) }
    guard least < Self.blocked else { return false }
    let dearest = task.value + subsidy - Int64(task.length - 1) * least
    var left = 0
    for slot in span {
      let isCheap = costs[slot] <= dearest
      left += isCheap ? 1 : 0
      if !isCheap { costs[slot] = Self.blocked }
    }
    return left >= task.length
  }

  private func search(_ task: PlannedTask, from earliest: Int) -> [Int] {
    if !task.interruptible { return window(task, from: earliest) }
    if task.minimumRun == 1 && task.minimumPause <= 1 { return cheapest(task, from: earliest) }
    return runs(task, from: earliest)
  }

  /// Whether a placement that costs this much (values of parts taken off) is worth it.
  private func pays(_ cost: Int64, _ task: PlannedTask) -> Bool {
    switch task.extent {
    case .whole: cost <= task.value + subsidy
    case .part: cost <= subsidy
    case .fixed: true
    }
  }

  private func cheapest(_ task: PlannedTask, from earliest: Int) -> [Int] {
    var found = 0
    for slot in earliest..<limit where costs[slot] < Self.blocked {
      if !isToFinish && costs[slot] > 0 { continue }
      order[found] = slot
      found += 1
    }
    guard found >= task.length || !isToFinish else { return [] }
    var candidates = UnsafeMutableBufferPointer(start: order, count: found)
    if found > task.length {
      candidates.sort { (costs[$0], $0) < (costs[$1], $1) }
    }
    let chosen = candidates.prefix(task.length).sorted()
    let cost = chosen.reduce(Int64(0)) { $0 + costs[$1] }
    return pays(cost, task) ? chosen : []
  }

  // MARK: one run

  private func addUp(from earliest: Int) {
    sums[earliest] = 0
    blocks[earliest] = 0
    for slot in earliest..<limit {
      let isBlocked = costs[slot] >= Self.blocked
      sums[slot + 1] = sums[slot] + (isBlocked ? 0 : costs[slot])
      blocks[slot + 1] = blocks[slot] + (isBlocked ? 1 : 0)
    }
  }

  private func sum(_ start: Int, _ end: Int) -> Int64 {
    blocks[end] > blocks[start] ? Self.impossible : sums[end] - sums[start]
  }

  private func window(_ task: PlannedTask, from earliest: Int) -> [Int] {
    addUp(from: earliest)
    var best: Range<Int>?
    var least = Self.impossible
    func consider(_ start: Int, _ end: Int) {
      let cost = sum(start, end)
      if cost < least {
        least = cost
        best = start..<end
      }
    }
    if task.extent == .fixed {
      consider(earliest, min(limit, earliest + task.length))
    } else {
      var start = earliest
      while start + task.length <= limit {
        consider(start, start + task.length)
        start += 1
      }
      // It goes on beyond the plan's end.
      if task.extent == .part && !isToFinish && limit == count {
        while start < limit {
          consider(start, limit)
          start += 1
        }
      }
    }
    guard let best, pays(least, task) else { return [] }
    return Array(best)
  }

  // MARK: runs and pauses

  private func runs(_ task: PlannedTask, from earliest: Int) -> [Int] {
    let length = isToFinish ? task.length : min(task.length, limit - earliest)
    guard length <= limit - earliest else { return [] }
    addUp(from: earliest)
    reserve((count + 1) * 2 * (length + 1))
    fill(task, from: earliest, length: length)
    let least = table[still[earliest] + length]
    guard least < Self.blocked, pays(least, task) else { return [] }
    return trace(task, from: earliest, length: length)
  }

  private func reserve(_ size: Int) {
    guard size > tableSize else { return }
    table.deallocate()
    table = .allocate(capacity: size)
    table.initialize(repeating: 0, count: size)
    tableSize = size
  }

  /// Fills the table from the last slot back.
  private func fill(_ task: PlannedTask, from earliest: Int, length: Int) {
    let width = length + 1
    let unfinished: Int64 = isToFinish ? Self.impossible : 0
    let pause = max(1, task.minimumPause)
    let end = limit * 2 * width
    still[limit] = end
    running[limit] = end
    table[end] = 0
    for left in 1..<width { table[end + left] = unfinished }
    var slot = limit - 1
    while slot >= earliest {
      // The run ends before this slot.
      let rest = still[min(limit, slot + pause)]
      if costs[slot] >= Self.blocked {
        still[slot] = still[slot + 1]
        running[slot] = rest
      } else {
        // So many are left at least: no more slots can have been used before.
        let least = max(1, length - (slot - earliest - blocks[slot]))
        start(task, slot, least: least, length: length)
        goOn(slot, after: rest, least: least, width)
      }
      slot -= 1
    }
  }

  /// A run starts at `slot`, or later.
  private func start(_ task: PlannedTask, _ slot: Int, least: Int, length: Int) {
    let width = length + 1
    let minimumRun = task.minimumRun
    // What the plan's end cuts off is not finished by a short run.
    let shortRuns = length == task.length ? min(minimumRun - 1, length, limit - slot) : 0
    let isWhole = slot + minimumRun <= limit && minimumRun <= length
    let cost = isWhole ? sum(slot, slot + minimumRun) : Self.impossible
    guard cost < Self.blocked || shortRuns >= 1 else {
      still[slot] = still[slot + 1]
      return
    }
    let row = slot * 2 * width
    still[slot] = row
    let here = table + row
    let next = table + still[slot + 1]
    here[0] = 0
    for left in least..<width { here[left] = next[left] }
    if shortRuns >= least {
      for left in least...shortRuns { here[left] = min(here[left], sum(slot, slot + left)) }
    }
    guard cost < Self.blocked else { return }
    let goesOn = table + running[slot + minimumRun] - minimumRun
    for left in max(least, minimumRun)..<width {
      here[left] = min(here[left], cost &+ goesOn[left])
    }
  }

  /// The run takes `slot` too, or ends before it.
  private func goOn(_ slot: Int, after rest: Int, least: Int, _ width: Int) {
    let cost = costs[slot]
    let row = (slot * 2 + 1) * width
    let next = table + running[slot + 1] - 1
    let here = table + row
    let rest = table + rest
    running[slot] = row
    here[0] = 0
    for left in least..<width { here[left] = min(rest[left], cost &+ next[left]) }
  }

  /// Follows the least cost through the table.
  private func trace(_ task: PlannedTask, from earliest: Int, length: Int) -> [Int] {
    var taken: [Int] = []
    taken.reserveCapacity(length)
    var slot = earliest
    var left = length
    var isRunning = false
    while left > 0 && slot < limit {
      if isRunning {
        if costs[slot] < Self.blocked,
          table[running[slot] + left] == costs[slot] + table[running[slot + 1] + left - 1]
        {
          taken.append(slot)
          slot += 1
          left -= 1
        } else {
          isRunning = false
          slot += max(1, task.minimumPause)
        }
      } else if table[still[slot] + left] == table[still[slot + 1] + left] {
        slot += 1
      } else {
        let run = left < task.minimumRun ? left : task.minimumRun
        taken.append(contentsOf: slot..<slot + run)
        slot += run
        left -= run
        isRunning = true
      }
    }
    return taken
  }
}
