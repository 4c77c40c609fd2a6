import Planning
import Quantities
import Testing

/// Holds a plan against every constraint of its problem.
struct PlanChecker {
  let problem: PlanningProblem
  let plan: Plan
  /// What a failure replays from.
  var seed: UInt64 = 0

  private var seeded: Comment { "seed \(seed)" }

  func check() {
    #expect(plan.slots.map(\.slot) == problem.slots.map(\.forecast.slot), seeded)
    #expect(plan.reasons.map(\.job) == problem.jobs.map(\.number).sorted(), seeded)
    for reason in plan.reasons {
      #expect(reason.text.count <= 120 && reason.text.hasPrefix("job \(reason.job) "), seeded)
    }
    checkFlows()
    for job in problem.jobs { check(job) }
    checkGoingOn()
  }

  /// What runs and can't be taken back goes on, if all of these can.
  private func checkGoingOn() {
    let goingOn = problem.jobs.filter(\.goesOn)
    guard goingOn.count <= problem.engineCapacity else { return }
    for job in goingOn {
      let expected = min(job.remainingSlots, plan.slots.count)
      #expect(slots(of: job.number) == Array(0..<expected), seeded)
    }
  }

  private func slots(of job: JobNumber) -> [Int] {
    plan.slots.indices.filter { index in plan.slots[index].runs.contains { $0.job == job } }
  }

  /// Whether the whole forecast is: then there is but one course.
  private var isCertain: Bool {
    problem.slots.allSatisfy { slot in
      slot.forecast.surplus.map { $0.low == $0.high } ?? true
    }
  }

  /// Energy is conserved in every slot and every limit is kept.
  private func checkFlows() {
    var stored = problem.battery.map { $0.stateOfCharge.energy(of: $0.capacity) }
    for (slot, given) in zip(plan.slots, problem.slots) {
      let numbers = slot.runs.map(\.job)
      #expect(numbers.count <= problem.engineCapacity, seeded)
      #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 }, seeded)
      guard let net = given.forecast.surplus?.middle else {
        #expect(
          slot.grid == nil && slot.stored == nil && slot.sell == .zero && slot.buy == .zero, seeded)
        continue
      }
      let draw = problem.jobs.reduce(Power.zero) {
        numbers.contains($1.number) ? $0 + $1.power : $0
      }
      guard let grid = slot.grid, let curtailed = slot.curtailed else {
        Issue.record("a known slot without its flows")
        continue
      }
      let battery = slot.battery ?? .zero
      #expect(net - draw + grid == battery + curtailed, seeded)
      if let limits = problem.battery, limits.isSteered, !limits.mayExport {
        #expect(battery >= min(.zero, net - draw), seeded)
      }
      #expect(curtailed >= .zero && -grid <= problem.exportLimit ?? -grid, seeded)
      #expect(slot.sell == .zero || slot.buy == .zero, seeded)
      if isCertain {
        #expect(slot.sell == max(.zero, -grid).energy(over: TimeSlot.length), seeded)
        #expect(slot.buy == max(.zero, grid).energy(over: TimeSlot.length), seeded)
      }
      if slot.runs.allSatisfy(\.onSurplus) && !slot.runs.isEmpty { #expect(net >= draw, seeded) }
      stored = check(slot, battery, before: stored)
    }
  }

  private func check(_ slot: Plan.Slot, _ battery: Power, before: Energy?) -> Energy? {
    guard let limits = problem.battery, let before, let after = slot.stored else {
      #expect(problem.battery == nil && slot.battery == nil, seeded)
      return before
    }
    let reserve = limits.reserve.energy(of: limits.capacity)
    #expect(battery <= limits.maximumCharge && -battery <= limits.maximumDischarge, seeded)
    #expect(after >= .zero && after <= limits.capacity, seeded)
    if battery < .zero { #expect(after >= reserve - Energy(milliwattHours: 1), seeded) }
    if after < before { #expect(battery < .zero, seeded) }
    // What goes in arrives less its losses, what goes out is gone: to a few mWh of rounding.
    let energy = battery.energy(over: TimeSlot.length)
    let change = battery < .zero ? energy : energy.scaled(by: limits.efficiencyPermille, over: 1000)
    let apart = (after - before - change).magnitude
    #expect(apart <= Energy(milliwattHours: 3), seeded)
    return after
  }

  private func check(_ job: PlanningJob) {
    let slots = slots(of: job.number)
    let complete = plan.reason(of: job.number)?.complete ?? false
    #expect(slots.count <= job.remainingSlots, seeded)
    if let deadline = job.deadline, !job.goesOn, let last = slots.last {
      // In time and whole, or it could not have been; what nobody priced may then have the sun that
      // others leave.
      let due = problem.slots.count { $0.forecast.slot.end <= deadline }
      if due >= job.remainingSlots, job.value != nil || !isCarried(job) {
        #expect(last < due && complete, seeded)
      }
    }
    #expect(complete == (slots.count == job.remainingSlots), seeded)
    checkOrder(job, slots)
    checkRuns(job, slots, complete: complete)
  }

  /// Whether the sun carries all of a job.
  private func isCarried(_ job: PlanningJob) -> Bool {
    let runs = plan.slots.flatMap(\.runs).filter { $0.job == job.number }
    return runs.allSatisfy(\.onSurplus)
  }

  private func checkOrder(_ job: PlanningJob, _ slots: [Int]) {
    guard let first = slots.first, !job.goesOn else { return }
    let known = problem.jobs.map(\.number)
    for number in job.after where known.contains(number) {
      #expect(plan.reason(of: number)?.complete == true, seeded)
      #expect((self.slots(of: number).last ?? -1) < first, seeded)
    }
  }

  private func checkRuns(_ job: PlanningJob, _ slots: [Int], complete: Bool) {
    var runs: [Range<Int>] = []
    for slot in slots {
      if let last = runs.last, last.upperBound == slot {
        runs[runs.count - 1] = last.lowerBound..<slot + 1
      } else {
        runs.append(slot..<slot + 1)
      }
    }
    guard job.interruptible else {
      #expect(runs.count <= 1, seeded)
      if let last = runs.last, !complete { #expect(last.upperBound == plan.slots.count, seeded) }
      return
    }
    let shortest = min(job.minimumRunSlots, job.remainingSlots)
    for (index, run) in runs.enumerated() where !(complete && index == runs.count - 1) {
      #expect(run.count >= shortest, seeded)
    }
    for (left, right) in zip(runs, runs.dropFirst()) {
      #expect(right.lowerBound - left.upperBound >= job.minimumPauseSlots, seeded)
    }
  }
}

extension PlanningJob {
  /// Whether it runs and can't be taken back.
  fileprivate var goesOn: Bool { running && !interruptible }
}
