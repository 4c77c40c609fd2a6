extension PlanSearch {
  /// The jobs to take out: one, those that depend on it, and some that stand where it stands, or
  /// where it might.
  func ruin() -> [Int] {
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
  func leftOut() -> Int? {
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
  func recreationOrder(_ changed: [Int]) -> [Int] {
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
