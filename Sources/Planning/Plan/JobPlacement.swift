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
  private var still: UnsafeMutablePointer<Int64>
  private var running: UnsafeMutablePointer<Int64>
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
    still = .allocate(capacity: 1)
    running = .allocate(capacity: 1)
    costs.initialize(repeating: 0, count: count + 1)
    sums.initialize(repeating: 0, count: count + 1)
    blocks.initialize(repeating: 0, count: count + 1)
    order.initialize(repeating: 0, count: count + 1)
  }

  deinit {
    costs.deallocate()
    sums.deallocate()
    blocks.deallocate()
    order.deallocate()
    still.deallocate()
    running.deallocate()
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
    return search(task, from: earliest)
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
    let width = length + 1
    reserve((count + 1) * width)
    fill(task, from: earliest, length: length)
    let least = still[earliest * width + length]
    guard least < Self.blocked, pays(least, task) else { return [] }
    return trace(task, from: earliest, length: length)
  }

  private func reserve(_ size: Int) {
    guard size > tableSize else { return }
    still.deallocate()
    running.deallocate()
    still = .allocate(capacity: size)
    running = .allocate(capacity: size)
    still.initialize(repeating: 0, count: size)
    running.initialize(repeating: 0, count: size)
    tableSize = size
  }

  /// Fills the table from the last slot back.
  private func fill(_ task: PlannedTask, from earliest: Int, length: Int) {
    let width = length + 1
    let unfinished: Int64 = isToFinish ? Self.impossible : 0
    let minimumRun = task.minimumRun
    let end = limit * width
    for left in 0...length {
      still[end + left] = left == 0 ? 0 : unfinished
      running[end + left] = left == 0 ? 0 : unfinished
    }
    // What the plan's end cuts off is not finished by a short run.
    let shortRuns = length == task.length ? min(minimumRun - 1, length) : 0
    var slot = limit - 1
    while slot >= earliest {
      let row = slot * width
      let still = self.still + row
      let running = self.running + row
      let nextStill = still + width
      still[0] = 0
      running[0] = 0
      if length >= 1 {
        for left in 1...length { still[left] = nextStill[left] }
      }
      if shortRuns >= 1 {
        for left in 1...shortRuns where slot + left <= limit {
          still[left] = min(still[left], sum(slot, slot + left))
        }
      }
      if slot + minimumRun <= limit, minimumRun <= length {
        let cost = sum(slot, slot + minimumRun)
        if cost < Self.blocked {
          let goesOn = running + minimumRun * width - minimumRun
          for left in minimumRun...length { still[left] = min(still[left], cost + goesOn[left]) }
        }
      }
      rest(task, slot, width)
      goOn(slot, width)
      slot -= 1
    }
  }

  /// The run ends before `slot`.
  private func rest(_ task: PlannedTask, _ slot: Int, _ width: Int) {
    let running = self.running + slot * width
    let end = slot + task.minimumPause
    guard end <= limit else {
      for left in 1..<width { running[left] = isToFinish ? Self.impossible : 0 }
      return
    }
    let still = self.still + end * width
    for left in 1..<width { running[left] = still[left] }
  }

  /// The run takes `slot` too.
  private func goOn(_ slot: Int, _ width: Int) {
    let cost = costs[slot]
    guard cost < Self.blocked else { return }
    let running = self.running + slot * width
    let next = running + width - 1
    for left in 1..<width { running[left] = min(running[left], cost + next[left]) }
  }

  /// Follows the least cost through the table.
  private func trace(_ task: PlannedTask, from earliest: Int, length: Int) -> [Int] {
    let width = length + 1
    var taken: [Int] = []
    taken.reserveCapacity(length)
    var slot = earliest
    var left = length
    var isRunning = false
    while left > 0 && slot < limit {
      let row = slot * width
      if isRunning {
        let pauseEnd = slot + task.minimumPause
        if costs[slot] < Self.blocked,
          running[row + left] == costs[slot] + running[row + width + left - 1]
        {
          taken.append(slot)
          slot += 1
          left -= 1
        } else {
          isRunning = false
          slot = pauseEnd
        }
      } else if still[row + left] == still[row + width + left] {
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
