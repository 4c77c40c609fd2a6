import Quantities
import Sites

/// Turns a problem into a plan.
///
/// The objective, in money: export × export price − import × import price, summed over the slots,
/// plus the value of every job done by its deadline. Surplus that a job uses is free: that is what
/// it is for. This form is greedy: jobs are placed one after another, running fixed ones first,
/// then by priority, deadline, value and number, each where the sun is expected to carry it, and
/// off the sun only for a deadline's sake. Same problem, same plan.
public enum Planner {
  /// The plan of any problem, the empty one among them.
  public static func plan(_ problem: PlanningProblem) -> Plan {
    var draft = Draft(problem)
    draft.placeJobs()
    return draft.plan
  }
}

/// A plan in the making.
private struct Draft {
  let problem: PlanningProblem
  /// Expected PV less load of each slot, + is surplus.
  let nets: [Power?]
  /// What jobs placed so far draw in each slot.
  var draw: [Power]
  var runs: [[Plan.Run]]
  /// By job number: the first slot after the job's end, nil when it doesn't end in the plan.
  var ends: [JobNumber: Int?] = [:]
  var reasons: [Plan.Reason] = []
  var valueInTime: Credits = .zero

  init(_ problem: PlanningProblem) {
    self.problem = problem
    nets = problem.slots.map { $0.forecast.surplus?.middle }
    draw = Array(repeating: .zero, count: problem.slots.count)
    runs = Array(repeating: [], count: problem.slots.count)
  }

  func course() -> [BatteryCourse.Step?] {
    var course = BatteryCourse(battery: problem.battery, exportLimit: problem.exportLimit)
    return zip(nets, draw).map { net, draw in course.step(net: net.map { $0 - draw }) }
  }

  mutating func placeJobs() {
    let numbers = Set(problem.jobs.map(\.number))
    var waiting = problem.jobs.sorted(by: Self.goesBefore)
    let unplanned = waiting.dropFirst(PlanningProblem.maximumJobs)
    for job in unplanned {
      ends.updateValue(nil, forKey: job.number)
      note(job, complete: false, "waits: \(PlanningProblem.maximumJobs) jobs are planned before it")
    }
    waiting.removeLast(unplanned.count)
    while !waiting.isEmpty {
      // The most urgent one whose forerunners have been looked at.
      let ready = waiting.firstIndex { job in
        job.after.allSatisfy { !numbers.contains($0) || ends[$0] != nil }
      }
      guard let ready else { break }
      place(waiting.remove(at: ready))
    }
    for job in waiting {
      let others = job.after.sorted().map { "\($0)" }.joined(separator: ", ")
      note(job, complete: false, "never starts: it and job \(others) wait for each other")
    }
    reasons.sort { $0.job < $1.job }
  }

  private static func goesBefore(_ left: PlanningJob, _ right: PlanningJob) -> Bool {
    let leftGoesOn = left.running && !left.interruptible
    let rightGoesOn = right.running && !right.interruptible
    if leftGoesOn != rightGoesOn { return leftGoesOn }
    if left.priority != right.priority { return left.priority > right.priority }
    let leftDeadline = left.deadline ?? .distantFuture
    let rightDeadline = right.deadline ?? .distantFuture
    if leftDeadline != rightDeadline { return leftDeadline < rightDeadline }
    if left.value != right.value { return left.value > right.value }
    return left.number < right.number
  }

  private mutating func place(_ job: PlanningJob) {
    let forerunners = job.after.sorted().compactMap { number in
      ends[number].map { (number: number, end: $0) }
    }
    if let blocking = forerunners.first(where: { $0.end == nil }) {
      ends.updateValue(nil, forKey: job.number)
      return note(job, complete: false, "waits for job \(blocking.number)")
    }
    let earliest = min(forerunners.compactMap(\.end).max() ?? 0, problem.slots.count)
    let spare = course().map { $0?.spare }
    let room = problem.slots.indices.map {
      JobPlacement.Room(
        engines: problem.engineCapacity - runs[$0].count, spare: spare[$0],
        importPrice: problem.slots[$0].importPrice)
    }
    var placement = JobPlacement(
      job: job, room: room, earliest: earliest, limit: limit(of: job.deadline))
    placement.place()
    let given = placement.taken.indices.filter { placement.taken[$0] }
    for slot in given {
      draw[slot] = draw[slot] + job.power
      runs[slot].append(Plan.Run(job: job.number, onSurplus: placement.isSunny(slot)))
    }
    let end = placement.isComplete ? given.last.map { $0 + 1 } : nil
    ends.updateValue(end, forKey: job.number)
    explain(job, given: given, sunny: given.filter(placement.isSunny).count, end: end)
  }

  /// How many slots end by the deadline.
  private func limit(of deadline: Instant?) -> Int {
    guard let deadline, let first = problem.slots.first?.forecast.slot else {
      return problem.slots.count
    }
    let whole = TimeSlot(containing: deadline).index - first.index
    return Int(min(max(whole, 0), Int64(problem.slots.count)))
  }

  var plan: Plan {
    var alone = BatteryCourse(battery: problem.battery, exportLimit: problem.exportLimit)
    var objective = valueInTime
    var slots: [Plan.Slot] = []
    for (index, step) in course().enumerated() {
      let given = problem.slots[index]
      var slot = Plan.Slot(slot: given.forecast.slot)
      slot.given = given
      slot.runs = runs[index].sorted { $0.job < $1.job }
      slot.spare = alone.step(net: nets[index])?.spare
      if let step {
        slot.battery = problem.battery.map { _ in step.battery }
        slot.stored = step.stored
        slot.grid = step.grid
        slot.curtailed = step.curtailed
        slot.sell = max(.zero, -step.grid).energy(over: TimeSlot.length)
        slot.buy = max(.zero, step.grid).energy(over: TimeSlot.length)
        objective =
          objective + given.exportPrice.cost(of: slot.sell) - given.importPrice.cost(of: slot.buy)
      }
      slots.append(slot)
    }
    return Plan(slots: slots, reasons: reasons, objective: objective)
  }
}

// MARK: reasons

extension Draft {
  private mutating func note(_ job: PlanningJob, complete: Bool, _ text: String) {
    reasons.append(
      Plan.Reason(
        job: job.number, complete: complete, text: ReasonLine.fit("job \(job.number) \(text)")))
  }

  private mutating func explain(_ job: PlanningJob, given: [Int], sunny: Int, end: Int?) {
    guard let first = given.first else {
      let hours = problem.slots.count / 4
      return note(
        job, complete: false,
        "waits: no time with \(job.power.text) spare and the engine free in the next \(hours) h")
    }
    let begins = clock(problem.slots[first].forecast.slot.start)
    guard let end, let last = given.last else {
      return note(
        job, complete: false,
        "from about \(begins); \(given.count) of \(job.remainingSlots) quarter-hours fit")
    }
    let ends = problem.slots[last].forecast.slot.end
    let span = "from about \(begins) to \(clock(ends))"
    let inTime = end <= limit(of: job.deadline)
    if inTime { valueInTime = valueInTime + job.value }
    let sun =
      sunny == given.count
      ? "on surplus" : "\(given.count - sunny) of \(given.count) quarter-hours not on surplus"
    switch job.deadline {
    case .some(let deadline) where !inTime:
      note(job, complete: true, "can't be done by \(clock(deadline)): \(span), \(sun)")
    case .some(let deadline): note(job, complete: true, "\(span), due \(clock(deadline)), \(sun)")
    case nil: note(job, complete: true, "\(span), \(sun)")
    }
  }

  private func clock(_ instant: Instant) -> String { problem.localTime.clock(at: instant) }
}
