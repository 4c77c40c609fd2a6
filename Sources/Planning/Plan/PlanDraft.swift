import Quantities

/// Writes down what the search has found.
struct PlanDraft {
  private let problem: PlanningProblem
  private let model: HouseModel
  private let queue: TaskQueue
  private let search: PlanSearch

  init(
    _ problem: PlanningProblem, _ model: HouseModel, _ queue: TaskQueue, _ search: PlanSearch
  ) {
    self.problem = problem
    self.model = model
    self.queue = queue
    self.search = search
  }

  var plan: Plan {
    let objective = model.credits(search.money() / model.totalWeight)
    var runs: [[Int]] = Array(repeating: [], count: model.count)
    for index in queue.tasks.indices {
      for slot in search.slots[index] { runs[slot].append(index) }
    }
    let slots = problem.slots.indices.map { slot($0, runs[$0]) }
    let reasons = PlanReasons(problem: problem, queue: queue, search: search, slots: slots)
    return Plan(
      slots: slots, reasons: reasons.jobs, batteryReasons: reasons.battery, objective: objective)
  }

  private func slot(_ index: Int, _ tasks: [Int]) -> Plan.Slot {
    let given = problem.slots[index]
    var slot = Plan.Slot(slot: given.forecast.slot)
    slot.given = given
    let restoring = model.storage?.restoring[index] ?? 0
    let net = given.forecast.surplus.map { $0.middle.milliwatts - restoring }
    slot.spare = net.map { Power(milliwatts: max(0, $0)) }
    var sun = net ?? 0
    if !tasks.isEmpty {
      for task in tasks.map({ queue.tasks[$0] }).sorted(by: { $0.number < $1.number }) {
        let isCarried = net != nil && sun >= task.power
        sun -= task.power
        slot.runs.append(Plan.Run(job: task.number, onSurplus: isCarried))
      }
    }
    guard model.isKnown[index] else { return slot }
    let course = search.middle
    let wanted = course.grids[index]
    let curtailed = max(0, -model.exportLimit - wanted)
    slot.curtailed = Power(milliwatts: curtailed)
    let grid = Power(milliwatts: wanted + curtailed)
    slot.grid = grid
    let mean = search.meanGrid(index)
    slot.sell = max(.zero, -mean).energy(over: TimeSlot.length)
    slot.buy = max(.zero, mean).energy(over: TimeSlot.length)
    guard let storage = model.storage else { return slot }
    let out = storage.capacity > 0 ? course.given[index] : 0
    slot.battery = Power(milliwatts: restoring - out)
    let above = storage.capacity > 0 ? course.stored[index + 1] : 0
    slot.stored = Energy(milliwattHours: (storage.floors[index] + above) / 4)
    if storage.isSteered { slot.order = order(index, storage, restoring: restoring, out: out) }
    return slot
  }

  /// What the battery must be told so that it does what the plan wants.
  private func order(
    _ index: Int, _ storage: StorageModel, restoring: Int64, out: Int64
  ) -> Plan.BatteryOrder {
    let course = search.middle
    let still = course.grids[index] + out
    if restoring > 0 {
      return restoring > max(0, restoring - still)
        ? .charge(Power(milliwatts: restoring)) : .own
    }
    guard storage.capacity > 0 else { return .own }
    let now = course.stored[index]
    let own: Int64
    if still >= 0 {
      own = min(still, storage.dischargeLimits[index], now)
    } else {
      let room = storage.power(storing: storage.capacity - now)
      own = -min(-still, storage.chargeLimits[index], room)
    }
    // Some watts' difference is not worth an order.
    guard abs(own - out) > 50_000 else { return .own }
    if out < own { return out < 0 ? .charge(Power(milliwatts: -out)) : .hold }
    if own < 0 && out <= 0 { return out < 0 ? .charge(Power(milliwatts: -out)) : .charge(.zero) }
    return .discharge(Power(milliwatts: out))
  }
}
