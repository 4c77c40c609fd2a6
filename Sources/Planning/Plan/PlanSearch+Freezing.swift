/// The search while the courses stand still: solving them is most of what a change costs, and the
/// prices that they give the slots hold well enough for a few changes. What comes of these, the
/// courses themselves then tell.
extension PlanSearch {
  /// Whether slots have prices that hold for a while: not with a battery that goes its own way.
  var hasSlotPrices: Bool {
    guard let storage = model.storage, storage.capacity > 0 else { return true }
    return storage.isSteered
  }

  func makeSlotPrices() -> [SlotPrices] {
    let most = tasks.map(\.power).sorted(by: >).prefix(capacity).reduce(0, +)
    return courses.map { SlotPrices($0, most: most) }
  }

  /// Lets the courses stand still: from here on the slots' prices tell what jobs cost.
  func freeze() {
    frozenScore = score()
    frozenSlots = slots
    for prices in slotPrices { prices.forget() }
    isFrozen = true
  }

  /// Has the courses follow what the jobs draw now.
  func thaw() {
    isFrozen = false
    for index in tasks.indices where slots[index] != frozenSlots[index] {
      let power = tasks[index].power
      for course in courses {
        for slot in frozenSlots[index] { course.add(-power, at: slot) }
        for slot in slots[index] { course.add(power, at: slot) }
      }
    }
  }

  /// Counts a job that is about to be placed, or was just taken out.
  func count(_ index: Int, in places: [Int], isMore: Bool) {
    let task = tasks[index]
    var gain = worth(of: task, in: places) * model.totalWeight
    for (prices, scenario) in zip(slotPrices, model.scenarios) {
      gain -= prices.cost(of: task.power, beyond: drawn, weight: scenario.weight, in: places)
    }
    frozenScore += isMore ? gain : -gain
  }
}
