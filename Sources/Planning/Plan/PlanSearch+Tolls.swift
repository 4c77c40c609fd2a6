extension PlanSearch {
  /// Finds what a place in each slot is worth to those that it keeps out: nothing where all find
  /// room, more and more where too many crowd.
  ///
  /// These are the Lagrange multipliers of the engines' capacity, by the subgradient method (Held,
  /// Wolfe and Crowder 1974): each job takes its best slots as if it were alone but for the tolls,
  /// and a slot's toll rises by how many too many have taken it. Jobs that can go elsewhere then
  /// leave what is scarce to those that can't, many of them at once, which no exchange of a few
  /// finds.
  func findTolls(rounds: Int) {
    let jobs = searched.filter { tasks[$0].limit > 0 && tasks[$0].extent != .fixed }
    guard !jobs.isEmpty else { return }
    solve()
    let costs = jobs.map { index -> [Int64] in
      let span = 0..<tasks[index].limit
      price(tasks[index], in: span, standing: slots[index], isAlone: true)
      return span.map { placement.costs[$0] }
    }
    // What a slot is worth to a job on the mean, in ever smaller parts.
    let mean = jobs.reduce(0) { $0 + tasks[$1].value / Int64(tasks[$1].length * jobs.count) }
    for round in 0..<rounds {
      let excess = excess(of: jobs, costs)
      if round == 0 && excess.allSatisfy({ $0 <= 0 }) { return }
      isContended = true
      let step = mean / Int64(round + 3)
      for slot in 0..<model.count { tolls[slot] = max(0, tolls[slot] + step * excess[slot]) }
    }
  }

  /// Of each slot: how many more would take it than there is room for.
  private func excess(of jobs: [Int], _ costs: [[Int64]]) -> [Int64] {
    var excess = Array(repeating: -Int64(capacity), count: model.count)
    for (index, costs) in zip(jobs, costs) {
      let task = tasks[index]
      for slot in costs.indices { placement.costs[slot] = costs[slot] + tolls[slot] }
      let span = 0..<task.limit
      for slot in placement.place(task, in: span, subsidy: task.followersValue) {
        excess[slot] += 1
      }
    }
    return excess
  }
}
