extension PlanSearch {
  /// What the Lagrangian bound lies above the state: money that might still be won.
  ///
  /// Each job has its best slots alone, at what they cost as the others stand, and pays the tolls
  /// of `findTolls`; what all places together take in tolls comes back once. With a battery this
  /// is an estimate: two jobs that count on the same stored energy cost more together than the
  /// slots' costs say.
  func bound() -> Int64 {
    var bound: Int64 = 0
    for index in searched where tasks[index].extent != .fixed && tasks[index].limit > 0 {
      bound += missing(index)
    }
    for slot in 0..<model.count { bound += Int64(capacity) * tolls[slot] }
    return bound
  }

  /// What a job's best slots, which cost tolls, would bring more than those in which it stands.
  private func missing(_ index: Int) -> Int64 {
    let task = tasks[index]
    let costs = placement.costs
    solve()
    price(task, in: 0..<task.limit, standing: slots[index], isAlone: true)
    // Sun that others have taken since leaves a slot without a cost.
    let kept = slots[index].filter { costs[$0] < JobPlacement.blocked }
    let standing = kept.reduce(worth(of: task, in: slots[index])) { $0 - costs[$1] }
    // Placing uses the costs up. A slot that may not be used has no toll.
    let tolled = (0..<task.limit).map { slot in
      costs[slot] < JobPlacement.blocked ? costs[slot] + tolls[slot] : JobPlacement.blocked
    }
    for slot in tolled.indices { costs[slot] = tolled[slot] }
    let best = placement.place(task, in: 0..<task.limit, subsidy: 0)
    return best.reduce(worth(of: task, in: best)) { $0 - tolled[$1] } - standing
  }
}
