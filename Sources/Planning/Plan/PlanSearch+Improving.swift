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
  func improve(trials: Int) {
    guard trials > 0, !searched.isEmpty, model.count > 0 else { return }
    var current = score()
    var best = current
    var bestSlots = slots
    // A third of what a job is worth on the mean, falling to nothing.
    let start =
      searched.reduce(0) { $0 + tasks[$1].value / Int64(searched.count) } / 3 * model.totalWeight
    for trial in 0..<trials {
      // What can't be taken back stays: it would lose its only place to what brings more.
      let changed = ruin().filter { tasks[$0].extent != .fixed }
      let before = changed.map { slots[$0] }
      for index in changed { remove(index) }
      let sponsored = dice.below(4) > 0
      prefersEarly = dice.below(2) == 0
      for index in recreationOrder(changed) { insert(index, sponsored: sponsored) }
      let after = score()
      let left = Int64(trials - trial)
      let allowed = start / Int64(trials) * left / Int64(trials) * left / 4
      if after + allowed >= current {
        current = after
        guard after > best else { continue }
        best = after
        bestSlots = slots
        continue
      }
      for index in changed { remove(index) }
      for (index, places) in zip(changed, before) { put(index, in: places) }
    }
    prefersEarly = false
    // Of equally good states, the first.
    for index in tasks.indices where slots[index] != bestSlots[index] { remove(index) }
    for index in tasks.indices where slots[index].isEmpty {
      put(index, in: bestSlots[index])
    }
  }

  /// The jobs to take out: one, those that depend on it, and some that stand where it stands, or
  /// where it might.
  private func ruin() -> [Int] {
    let first = leftOut() ?? searched[dice.below(searched.count)]
    var chosen = [first]
    let target = dice.below(2) == 0 ? reach(of: first) : somewhere(for: first)
    var standing: [Int] = []
    var idle: [Int] = []
    for index in searched where index != first {
      if slots[index].isEmpty {
        if tasks[index].limit > target.lowerBound { idle.append(index) }
      } else if slots[index].contains(where: target.contains) {
        standing.append(index)
      }
    }
    var wanted = dice.below(3) == 0 ? min(10, standing.count) : dice.below(5)
    while wanted > 0 && !standing.isEmpty {
      chosen.append(standing.remove(at: dice.below(standing.count)))
      wanted -= 1
    }
    wanted = min(2, 1 + dice.below(3))
    while wanted > 0 && !idle.isEmpty {
      chosen.append(idle.remove(at: dice.below(idle.count)))
      wanted -= 1
    }
    var next = 0
    while next < chosen.count {
      let task = tasks[chosen[next]]
      let waitsInVain = slots[chosen[next]].isEmpty
      for other in waitsInVain ? task.followers + task.forerunners : task.followers
      where !tasks[other].isFiller && !chosen.contains(other) {
        chosen.append(other)
      }
      next += 1
    }
    return chosen
  }

  /// Every third time a job that has no place: of three drawn, the one that is worth most. Chance
  /// alone would rarely come upon the one dear job that several cheap ones keep out.
  private func leftOut() -> Int? {
    guard dice.below(3) == 0 else { return nil }
    let idle = searched.filter { slots[$0].isEmpty && tasks[$0].limit > 0 }
    guard !idle.isEmpty else { return nil }
    var best = idle[dice.below(idle.count)]
    for _ in 0..<2 {
      let other = idle[dice.below(idle.count)]
      if tasks[other].value > tasks[best].value { best = other }
    }
    return best
  }

  /// From its first slot to its last; all that it may have while it has none.
  private func reach(of index: Int) -> Range<Int> {
    guard let first = slots[index].first, let last = slots[index].last else {
      return 0..<max(1, tasks[index].limit)
    }
    return first..<last + 1
  }

  /// A span that a job might have.
  private func somewhere(for index: Int) -> Range<Int> {
    let task = tasks[index]
    let length = min(task.length, task.limit)
    let start = dice.below(max(1, task.limit - length + 1))
    return start..<max(start + 1, start + length)
  }

  /// By worth a slot, shaken, with or without the first one first, or what has least time to spare
  /// first; forerunners before those that need them.
  private func recreationOrder(_ changed: [Int]) -> [Int] {
    let kind = dice.below(3)
    let keys = changed.map { index -> (Int, Int64) in
      let task = tasks[index]
      if kind == 0 { return (index, -Int64((task.limit - task.length) * (4 + dice.below(3)))) }
      if kind == 1 && index == changed.first { return (index, Int64.max) }
      return (index, task.worthEach / 8 * Int64(4 + dice.below(9)))
    }
    let ordered = keys.sorted { ($1.1, $0.0) < ($0.1, $1.0) }.map(\.0)
    return forerunnersFirst(ordered)
  }

  /// Keeps the order but for what must come before.
  func forerunnersFirst(_ order: [Int]) -> [Int] {
    guard order.contains(where: { !tasks[$0].forerunners.isEmpty }) else { return order }
    var rest = order
    var sorted: [Int] = []
    while !rest.isEmpty {
      let ready = rest.firstIndex { index in
        !tasks[index].forerunners.contains { rest.contains($0) }
      }
      sorted.append(rest.remove(at: ready ?? 0))
    }
    return sorted
  }
}
