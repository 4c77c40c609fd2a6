/// The change that a plan of few gaps needs: where engines are busy nearly all the time, no job
/// finds a better place while the others stand.
extension PlanSearch {
  /// Puts one job where it would be best if others gave way, and those that stood there where they
  /// then find room; returns which, and where they stood.
  ///
  /// What its place is worth to the others the tolls tell it, more or less of them by dice. Nil
  /// where the job stands best already, or would push out what must stay.
  func crowdOut() -> (changed: [Int], before: [[Int]])? {
    let first = leftOut() ?? searched[dice.below(searched.count)]
    guard let places = favourite(of: first), places != slots[first],
      let changed = crowded(by: first, in: places)
    else { return nil }
    let before = changed.map { slots[$0] }
    for index in changed { remove(index) }
    put(first, in: places)
    recreate(Array(changed.dropFirst()))
    return (changed, before)
  }

  /// The slots that a job would have if all others gave way.
  private func favourite(of index: Int) -> [Int]? {
    let task = tasks[index]
    guard task.extent != .fixed, let earliest = earliest(index), earliest < task.limit else {
      return nil
    }
    let span = earliest..<task.limit
    if !isFrozen { solve() }
    price(task, in: span, standing: slots[index], isAlone: true)
    if isContended {
      let quarters = Int64(2 + dice.below(4))
      for slot in span where placement.costs[slot] < JobPlacement.blocked {
        placement.costs[slot] += tolls[slot] * quarters / 4
      }
    }
    let places = placement.place(task, in: span, subsidy: task.followersValue)
    return places.isEmpty ? nil : places
  }

  /// The job, those that must make room for it in `places`, and those that wait for any of them.
  private func crowded(by first: Int, in places: [Int]) -> [Int]? {
    var chosen = [first]
    for slot in places {
      var standing = searched.filter { slots[$0].contains(slot) && !chosen.contains($0) }
      let tooMany = standing.count + 1 - capacity
      guard tooMany > 0 else { continue }
      standing.removeAll { tasks[$0].extent == .fixed }
      guard standing.count >= tooMany else { return nil }
      for _ in 0..<tooMany { chosen.append(standing.remove(at: dice.below(standing.count))) }
    }
    var next = 0
    while next < chosen.count {
      for follower in tasks[chosen[next]].followers
      where !tasks[follower].isFiller && !chosen.contains(follower) {
        chosen.append(follower)
      }
      next += 1
    }
    return chosen
  }
}
