/// The change that a long job needs whose worth counts in parts: to run less.
///
/// Where a battery couples its slots, a placement by prices takes too many of them or none: as long
/// as it does not run, each slot alone seems to be carried by what is stored, and all of them
/// together are not. What lies between is found from above, a piece at a time.
extension PlanSearch {
  /// Takes from a job what costs more than it brings, the worst piece first, as long as the whole
  /// gets better.
  func trim(_ index: Int) {
    guard isTrimmable(index) else { return }
    var best = score()
    while let piece = leastWorthwhile(of: index) {
      let standing = slots[index]
      remove(index)
      put(index, in: standing.filter { !piece.contains($0) })
      let after = score() + toll(Array(piece)) * model.totalWeight
      guard after > best + reluctance(index, before: standing) else {
        remove(index)
        put(index, in: standing)
        return
      }
      best = score()
    }
  }

  /// Whether less of a job may be better, and no other waits for its end.
  private func isTrimmable(_ index: Int) -> Bool {
    let task = tasks[index]
    return task.extent == .part && task.interruptible && task.followersValue == 0
      && isCoupled(task)
  }

  /// The piece that costs most beyond what it brings; nil where all are worth it.
  private func leastWorthwhile(of index: Int) -> Range<Int>? {
    let task = tasks[index]
    let standing = slots[index]
    let costs = placement.costs
    for slot in standing { costs[slot] = 0 }
    for (course, scenario) in zip(courses, model.scenarios) {
      course.addSavings(of: task.power, weight: scenario.weight, in: standing, to: costs)
    }
    var most: Int64 = 0
    var least: Range<Int>?
    for piece in pieces(of: standing, minimumRun: task.minimumRun) {
      var loss = toll(Array(piece))
      for slot in piece {
        loss += costs[slot] / model.totalWeight - task.slotValue(slot, of: model.count)
      }
      guard loss > most else { continue }
      most = loss
      least = piece
    }
    return least
  }

  /// What can be taken out alone: either end of a run that is long enough, else all of it; before
  /// all others the short run that finishes the job, since none may be left where it is not done.
  private func pieces(of standing: [Int], minimumRun: Int) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = 0
    while start < standing.count {
      var end = start + 1
      while end < standing.count, standing[end] == standing[end - 1] + 1 { end += 1 }
      let first = standing[start]
      let last = standing[end - 1]
      if end == standing.count && end - start < minimumRun { return [first..<last + 1] }
      if end - start > minimumRun {
        pieces += [first..<first + 1, last..<last + 1]
      } else {
        pieces.append(first..<last + 1)
      }
      start = end
    }
    return pieces
  }
}
