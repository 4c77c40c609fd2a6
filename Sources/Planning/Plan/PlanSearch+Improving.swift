extension PlanSearch {
  /// Places all jobs, the most pressing first.
  func construct(_ order: [Int]) {
    for index in order where slots[index].isEmpty && !tasks[index].isFiller {
      insert(index, sponsored: true)
    }
    // What was placed for others' sake that found no place goes again.
    for index in order.reversed() where tasks[index].followersValue > 0 && !tasks[index].isFiller {
      guard tasks[index].followers.allSatisfy({ slots[$0].isEmpty }) else { continue }
      remove(index)
      insert(index, sponsored: false)
    }
  }

  /// Places at most so many jobs anew, those that run soonest first, and keeps what is better.
  func renew(most: Int) {
    let placed = tasks.indices.filter { !slots[$0].isEmpty && tasks[$0].extent != .fixed }
    let soonest = placed.sorted {
      (slots[$0].first ?? 0, $0) < (slots[$1].first ?? 0, $1)
    }
    var best = score()
    for index in soonest.prefix(most) {
      let chain = chain(from: index)
      let before = chain.map { slots[$0] }
      for member in chain { remove(member) }
      for member in forerunnersFirst(chain) { insert(member, sponsored: chain.count > 1) }
      let after = score()
      if after > best + reluctance(index, before: before[0]) {
        best = after
        continue
      }
      for member in chain { remove(member) }
      for (member, places) in zip(chain, before) { put(member, in: places) }
    }
  }

  /// What a change must bring that starts or pauses a job at once: a twentieth of what its energy
  /// costs in the present slot, so that near ties don't make it come and go.
  func reluctance(_ index: Int, before: [Int]) -> Int64 {
    guard (before.first == 0) != (slots[index].first == 0) else { return 0 }
    let price = max(0, model.importPrices[0]) + model.sunPremium
    return tasks[index].power * price / 20 * model.totalWeight
  }

  /// A job and all that are placed after it for its sake, at first or second hand.
  private func chain(from index: Int) -> [Int] {
    var chain = [index]
    var next = 0
    while next < chain.count {
      for follower in tasks[chain[next]].followers
      where !slots[follower].isEmpty && !chain.contains(follower) {
        chain.append(follower)
      }
      next += 1
    }
    return chain
  }

  /// Tries `trials` changes, at first also ones that lose a little, and ends with the best state.
  ///
  /// The last fifth starts from the best that was come upon, which may lie far back, and loses
  /// nothing any more.
  func improve(trials: Int) {
    guard trials > 0, !searched.isEmpty, model.count > 0 else { return }
    findTolls(rounds: 40)
    var current = score()
    var best = current
    var bestSlots = slots
    // A twelfth of what a job is worth on the mean, falling to nothing.
    let start =
      searched.reduce(0) { $0 + tasks[$1].value / Int64(searched.count) } / 3 * model.totalWeight
    let settling = trials * 4 / 5
    for trial in 0..<trials {
      if trial == settling {
        restore(bestSlots)
        current = best
      }
      let left = trial < settling ? Int64(trials - trial) : 0
      let allowed = start / Int64(trials) * left / Int64(trials) * left / 4
      let before = slots
      if hasSlotPrices && dice.below(10) < 7 { wander(steps: 8, losing: allowed) } else { change() }
      let after = score()
      guard after + allowed >= current else {
        restore(before)
        continue
      }
      current = after
      guard after > best else { continue }
      best = after
      bestSlots = slots
    }
    prefersEarly = false
    // Of equally good states, the first.
    restore(bestSlots)
  }

  /// Makes some changes by the slots' prices as they are, each of which may lose a little.
  private func wander(steps: Int, losing allowed: Int64) {
    freeze()
    var current = frozenScore
    for _ in 0..<steps {
      let (changed, before) = change()
      if frozenScore + allowed >= current {
        current = frozenScore
        continue
      }
      for index in changed { remove(index) }
      for (index, places) in zip(changed, before) { put(index, in: places) }
    }
    thaw()
    for index in searched where slots[index] != frozenSlots[index] { trim(index) }
  }

  /// Lets one job crowd out others, or takes some out and puts them back in another order; returns
  /// which, and where they stood.
  @discardableResult private func change() -> (changed: [Int], before: [[Int]]) {
    if let crowded = crowdOut() { return crowded }
    // What can't be taken back stays: it would lose its only place to what brings more.
    let changed = ruin().filter { tasks[$0].extent != .fixed }
    let before = changed.map { slots[$0] }
    for index in changed { remove(index) }
    recreate(changed)
    return (changed, before)
  }

  /// Puts back what was taken out, as far as it pays.
  func recreate(_ changed: [Int]) {
    let sponsored = dice.below(4) > 0
    prefersEarly = dice.below(2) == 0
    let order = recreationOrder(changed)
    if isContended && dice.below(5) > 0 {
      isTolled = true
      for index in order { insert(index, sponsored: sponsored) }
      isTolled = false
    }
    for index in order where slots[index].isEmpty { insert(index, sponsored: sponsored) }
  }
}
