extension PlanSearch {
  /// Fills in what each slot would cost a job: of slots that are full, and of those without sun for
  /// a job that needs it, that they may not be used.
  ///
  /// - Parameters:
  ///   - standing: where the job stands; these slots are priced as if it stood in all others.
  ///   - isAlone: whether no slot is full, and nothing has a toll.
  func price(
    _ task: PlannedTask, in span: Range<Int>, standing: [Int], isAlone: Bool = false
  ) {
    let costs = placement.costs
    if !standing.isEmpty { occupy(standing, with: task, by: -1) }
    let room = isAlone ? Int.max : capacity
    for slot in span { costs[slot] = busy[slot] < room ? 0 : JobPlacement.blocked }
    if task.needsSun {
      for slot in span where spare[slot] - drawn[slot] < task.power {
        costs[slot] = JobPlacement.blocked
      }
    }
    addCosts(of: task, in: span, standing: standing)
    let weight = model.totalWeight
    let isTolled = isTolled && !isAlone
    for slot in span where costs[slot] < JobPlacement.blocked {
      var price = costs[slot]
      if weight > 1 { price /= weight }
      let isSure = sureSpare[slot] - drawn[slot] >= 4 * task.power
      if !isSure { price += preference(slot, spare: spare[slot] - drawn[slot]) }
      if isTolled { price += tolls[slot] }
      costs[slot] = price
    }
    if !standing.isEmpty { occupy(standing, with: task, by: 1) }
  }

  /// Adds what the courses say, or the slots' prices while they stand still.
  private func addCosts(of task: PlannedTask, in span: Range<Int>, standing: [Int]) {
    let costs = placement.costs
    if isFrozen {
      for (prices, scenario) in zip(slotPrices, model.scenarios) {
        prices.addCosts(
          of: task.power, beyond: drawn, weight: scenario.weight, in: span, to: costs)
      }
      return
    }
    for (course, scenario) in zip(courses, model.scenarios) {
      course.addCosts(of: task.power, weight: scenario.weight, in: span, to: costs)
    }
    guard !standing.isEmpty else { return }
    for slot in standing where costs[slot] < JobPlacement.blocked { costs[slot] = 0 }
    for (course, scenario) in zip(courses, model.scenarios) {
      course.addSavings(of: task.power, weight: scenario.weight, in: standing, to: costs)
    }
  }

  /// Decides between slots that cost the same, where none has sun enough in any case (of those the
  /// first is best, since every estimate may be wrong): the sunniest, then the first; off the sun
  /// the last, which leaves time for the sun to do better. At most some hundreds of the smallest
  /// unit.
  @inline(__always) private func preference(_ slot: Int, spare: Int64) -> Int64 {
    guard spare > 0 else {
      return Int64(600 + (prefersEarly ? slot : model.count - slot))
    }
    let hundredWatts = min(spare / 100_000, 500)
    return 500 - hundredWatts + (slot < 64 ? 1 : 2)
  }
}
