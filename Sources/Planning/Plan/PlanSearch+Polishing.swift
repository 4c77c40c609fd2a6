extension PlanSearch {
  /// Moves jobs that were placed by what each slot alone would cost, where the battery couples
  /// their slots: each a little, as long as the whole gets better.
  func polish() {
    for index in searched { trim(index) }
    var best = score()
    for index in searched where isMovable(index) {
      if tasks[index].interruptible { exchange(index, &best) } else { shift(index, &best) }
    }
  }

  /// Whether a job's slots price each other, and no other waits for them.
  private func isMovable(_ index: Int) -> Bool {
    let task = tasks[index]
    return !slots[index].isEmpty && task.extent != .fixed && !task.needsSun && isCoupled(task)
      && task.followers.allSatisfy { slots[$0].isEmpty }
      && (!task.interruptible || (task.minimumRun == 1 && task.minimumPause <= 1))
  }

  /// Moves one run to and fro, in ever smaller steps.
  private func shift(_ index: Int, _ best: inout Int64) {
    var step = 1
    while step * 2 <= tasks[index].length { step *= 2 }
    while step > 0 {
      let isBetter = [-step, step].contains { offset in
        guard let places = window(index, movedBy: offset) else { return false }
        return replace(index, with: places, &best)
      }
      if !isBetter { step /= 2 }
    }
  }

  private func window(_ index: Int, movedBy offset: Int) -> [Int]? {
    let task = tasks[index]
    guard let first = slots[index].first, let earliest = earliest(index) else { return nil }
    let start = first + offset
    // What counts in part may go on beyond the plan's end.
    let isCut = task.extent == .part && task.limit == model.count
    let end = isCut ? min(start + task.length, task.limit) : start + task.length
    guard start >= earliest, start < end, end <= task.limit else { return nil }
    let own = Set(slots[index])
    let places = Array(start..<end)
    return places.allSatisfy { own.contains($0) || hasRoom($0) } ? places : nil
  }

  /// Gives its dearest slot for the cheapest that is free, by prices with the job where it stands.
  private func exchange(_ index: Int, _ best: inout Int64) {
    let task = tasks[index]
    guard let earliest = earliest(index), earliest < task.limit else { return }
    for _ in 0..<2 * task.length {
      let standing = slots[index]
      solve()
      price(task, in: earliest..<task.limit, standing: standing)
      let costs = placement.costs
      let dearest = standing.max { (costs[$0], $0) < (costs[$1], $1) }
      let free = (earliest..<task.limit).filter {
        costs[$0] < JobPlacement.blocked && !standing.contains($0)
      }
      let cheapest = free.min { (costs[$0], $0) < (costs[$1], $1) }
      guard let dearest, let cheapest, costs[cheapest] < costs[dearest] else { return }
      let places = (standing.filter { $0 != dearest } + [cheapest]).sorted()
      guard replace(index, with: places, &best) else { return }
    }
  }

  private func replace(_ index: Int, with places: [Int], _ best: inout Int64) -> Bool {
    let before = slots[index]
    remove(index)
    put(index, in: places)
    let after = score()
    if after > best + reluctance(index, before: before) {
      best = after
      return true
    }
    remove(index)
    put(index, in: before)
    return false
  }
}
