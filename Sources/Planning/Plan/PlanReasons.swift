import Quantities
import Sites

/// Says in words why each job runs when it does, and why the battery is told something.
struct PlanReasons {
  private let problem: PlanningProblem
  private let queue: TaskQueue
  private let search: PlanSearch
  private let slots: [Plan.Slot]

  init(problem: PlanningProblem, queue: TaskQueue, search: PlanSearch, slots: [Plan.Slot]) {
    self.problem = problem
    self.queue = queue
    self.search = search
    self.slots = slots
  }

  /// One for every job, in order of number.
  var jobs: [Plan.Reason] {
    var reasons = queue.tasks.indices.map(reason)
    for job in queue.unplanned {
      let most = PlanningProblem.maximumJobs
      reasons.append(line(job.number, false, "waits: \(most) jobs are planned before it"))
    }
    return reasons.sorted { $0.job < $1.job }
  }

  private func line(_ job: JobNumber, _ complete: Bool, _ text: String) -> Plan.Reason {
    Plan.Reason(job: job, complete: complete, text: ReasonLine.fit("job \(job) \(text)"))
  }

  private func reason(_ index: Int) -> Plan.Reason {
    let task = queue.tasks[index]
    let given = search.slots[index]
    let job = problem.jobs.first { $0.number == task.number }
    guard let first = given.first, let last = given.last else {
      return line(task.number, false, whyNot(index, deadline: job?.deadline))
    }
    let begins = clock(problem.slots[first].forecast.slot.start)
    guard search.isComplete(index) else {
      let text = "from about \(begins); \(given.count) of \(task.length) quarter-hours fit"
      return line(task.number, false, text)
    }
    let end = endClock(problem.slots[last].forecast.slot.end, from: first)
    let span = "from about \(begins) to \(end)"
    let sunny = given.count { slot in
      slots[slot].runs.contains { $0.job == task.number && $0.onSurplus }
    }
    let sun =
      sunny == given.count
      ? "on surplus" : "\(given.count - sunny) of \(given.count) quarter-hours not on surplus"
    guard let deadline = job?.deadline else { return line(task.number, true, "\(span), \(sun)") }
    let isInTime = problem.slots[last].forecast.slot.end <= deadline
    let text =
      isInTime
      ? "\(span), due \(clock(deadline)), \(sun)"
      : "can't be done by \(clock(deadline)): \(span), \(sun)"
    return line(task.number, true, text)
  }

  private func whyNot(_ index: Int, deadline: Instant?) -> String {
    let task = queue.tasks[index]
    if isInCircle(index) {
      let others = task.forerunners.map { queue.tasks[$0].number }.sorted()
      let names = others.map { "\($0)" }.joined(separator: ", ")
      return "never starts: it and job \(names) wait for each other"
    }
    let open = task.forerunners.filter { !search.isComplete($0) }
    if let other = open.map({ queue.tasks[$0].number }).min() { return "waits for job \(other)" }
    let power = Power(milliwatts: task.power).text
    if task.extent == .whole, let deadline {
      return "waits: no time that pays and the engine free before \(clock(deadline))"
    }
    let hours = problem.slots.count / 4
    return "waits: no time with \(power) spare and the engine free in the next \(hours) h"
  }

  /// Whether a job waits for itself by way of others.
  private func isInCircle(_ index: Int) -> Bool {
    var reached: Set<Int> = []
    var next = queue.tasks[index].forerunners
    while let other = next.popLast() {
      if other == index { return true }
      if reached.insert(other).inserted { next += queue.tasks[other].forerunners }
    }
    return false
  }

  /// The present, for the days that words name.
  private var start: Instant { problem.slots.first?.forecast.slot.start ?? .distantPast }

  /// With its day, unless that is the day on which the plan begins.
  private func clock(_ instant: Instant) -> String {
    problem.localTime.clock(at: instant, seenFrom: start)
  }

  /// The end of what begins in a slot, with its day unless that is named already.
  private func endClock(_ end: Instant, from slot: Int) -> String {
    let begin = problem.slots[slot].forecast.slot.start
    return problem.localTime.clock(atEnd: end, of: begin, seenFrom: start)
  }
}

// MARK: the battery

extension PlanReasons {
  /// One for each change of what the battery is told, the first slot's among them if it is told
  /// anything.
  var battery: [Plan.BatteryReason] {
    var reasons: [Plan.BatteryReason] = []
    var last: Plan.BatteryOrder = .own
    // By place: a slot is long to copy, and hardly ever is there anything to say of it.
    for index in slots.indices {
      defer { last = slots[index].order }
      guard !slots[index].order.isLike(last) else { continue }
      let slot = slots[index]
      let text = batteryText(index, slot)
      reasons.append(Plan.BatteryReason(slot: slot.slot, order: slot.order, text: text))
    }
    return reasons
  }

  private func batteryText(_ index: Int, _ slot: Plan.Slot) -> String {
    let stretch = slots[index...].prefix { $0.order.isLike(slot.order) }
    let goesOn = stretch.endIndex < slots.count
    let end = slots[stretch.endIndex - 1].slot.end
    let until = goesOn ? " until \(endClock(end, from: index))" : ""
    switch slot.order {
    case .own: return "battery goes its own way again"
    case .hold: return ReasonLine.fit("battery gives nothing\(until): \(grid(index, from: index))")
    case .charge(.zero):
      return ReasonLine.fit("battery waits\(until): keeps room for later sun")
    case .charge(let power):
      guard let bought = stretch.indices.first(where: { (slots[$0].grid ?? .zero) > .zero }) else {
        return ReasonLine.fit(
          "battery charges with \(power.text) from the sun\(until): keeps room for later sun")
      }
      return ReasonLine.fit(
        "battery charges with \(power.text)\(until): \(grid(bought, from: index))")
    case .discharge(let power):
      let given = problem.slots[index]
      let isSold = (slot.grid ?? .zero) < .zero
      let cause = isSold ? "pays \(given.exportPrice.text)" : "costs \(given.importPrice.text)"
      return ReasonLine.fit("battery gives \(power.text)\(until): the grid \(cause)")
    }
  }

  /// "the grid costs 12.00 now and 40.00 from 17:00", of a slot in what begins at `start`.
  private func grid(_ index: Int, from start: Int) -> String {
    let slot = problem.slots[index]
    let begin = index == start ? "now" : "from \(clock(slot.forecast.slot.start))"
    let later = dearestAhead(index).map { " and \($0.price) from \($0.clock)" } ?? ""
    return "the grid costs \(slot.importPrice.text) \(begin)\(later)"
  }

  /// The dearest slot after this one, where it is dearer.
  private func dearestAhead(_ index: Int) -> (price: String, clock: String)? {
    let now = problem.slots[index].importPrice
    let ahead = problem.slots[(index + 1)...].prefix(96)
    guard let dearest = ahead.map(\.importPrice).max(), dearest > now,
      let slot = ahead.first(where: { $0.importPrice == dearest })
    else { return nil }
    return (dearest.text, clock(slot.forecast.slot.start))
  }
}
