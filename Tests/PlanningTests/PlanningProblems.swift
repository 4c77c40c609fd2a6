import Planning
import Quantities
import Thrown

/// Problems made from a seed: odd batteries, missing forecasts, clashing jobs and all.
extension SeededSource {
  /// Up to so many slots and jobs; either may be none.
  mutating func problem(slots: Int64, jobs: Int64) -> PlanningProblem {
    let first = TimeSlot(index: number(1_900_000...2_000_000))
    let count = number(0...slots)
    let isCertain = chance(40)
    var made: [PlanningProblem.Slot] = []
    for index in 0..<count { made.append(slot(first.advanced(by: index), isCertain: isCertain)) }
    return PlanningProblem(
      slots: made, battery: chance(70) ? battery() : nil,
      exportLimit: chance(30) ? Power(watts: number(0...3000)) : nil,
      jobs: queue(upTo: jobs, from: first), engineCapacity: Int(number(0...3)),
      sunPremium: Price(millicreditsPerKilowattHour: chance(50) ? number(0...3000) : 0))
  }

  /// A problem as a later step finds it: some slots on, with other forecasts, jobs that have run
  /// since, that are gone and that are new, and the battery where it may be by then.
  mutating func problem(after before: PlanningProblem, _ plan: Plan) -> PlanningProblem {
    guard let first = before.slots.first?.forecast.slot else { return before }
    let passed = number(0...5)
    let start = first.advanced(by: passed)
    var slots = Array(before.slots.dropFirst(Int(passed)))
    for index in slots.indices where chance(20) {
      slots[index] = slot(slots[index].forecast.slot, isCertain: chance(50))
    }
    let missing = before.slots.count - slots.count
    for _ in 0..<missing {
      slots.append(slot(slots.last?.forecast.slot.next ?? start, isCertain: chance(50)))
    }
    let past = plan.slots.prefix(Int(passed))
    var jobs: [PlanningJob] = []
    for job in before.jobs where chance(90) {
      let ran = past.count { slot in slot.runs.contains { $0.job == job.number } }
      let left = job.remaining - TimeSpan(minutes: Int64(15 * ran))
      guard left > .zero else { continue }
      let runs = past.last?.runs.contains { $0.job == job.number } ?? job.running
      jobs.append(changed(job, remaining: left, running: runs))
    }
    if chance(50) { jobs.append(job(JobNumber(1000), of: 8, from: start)) }
    var battery = before.battery
    if chance(80) { battery?.stateOfCharge = StateOfCharge(permille: number(0...1000)) }
    return PlanningProblem(
      slots: slots, battery: battery, exportLimit: before.exportLimit, jobs: jobs,
      engineCapacity: before.engineCapacity, sunPremium: before.sunPremium)
  }

  private func changed(
    _ job: PlanningJob, remaining: TimeSpan, running: Bool
  ) -> PlanningJob {
    PlanningJob(
      number: job.number, power: job.power, remaining: remaining, deadline: job.deadline,
      priority: job.priority, value: job.value, interruptible: job.interruptible,
      running: running, minimumRunSlots: job.minimumRunSlots,
      minimumPauseSlots: job.minimumPauseSlots, after: job.after)
  }

  private mutating func slot(_ slot: TimeSlot, isCertain: Bool) -> PlanningProblem.Slot {
    let pv = chance(92) ? quantiles(upTo: 5000, isCertain: isCertain) : nil
    let load = chance(95) ? quantiles(upTo: 2000, isCertain: isCertain) : nil
    return PlanningProblem.Slot(
      forecast: SlotForecast(slot: slot, pv: pv, load: load),
      importPrice: Price(millicreditsPerKilowattHour: number(-5000...40_000)),
      exportPrice: Price(millicreditsPerKilowattHour: number(-2000...20_000)))
  }

  private mutating func quantiles(upTo watts: Int64, isCertain: Bool) -> PowerQuantiles {
    let middle = number(0...watts * 1000)
    guard !isCertain else { return PowerQuantiles(certain: Power(milliwatts: middle)) }
    return PowerQuantiles(
      low: Power(milliwatts: number(0...middle)), middle: Power(milliwatts: middle),
      high: Power(milliwatts: middle + number(0...2_000_000)))
  }

  mutating func battery() -> BatteryLimits {
    BatteryLimits(
      capacity: Energy(milliwattHours: number(0...12_000_000)),
      stateOfCharge: StateOfCharge(permille: number(-100...1100)),
      reserve: StateOfCharge(permille: chance(70) ? number(0...300) : number(0...1000)),
      maximumCharge: Power(milliwatts: number(0...5_000_000)),
      maximumDischarge: Power(milliwatts: number(0...5_000_000)),
      efficiencyPermille: number(700...1000),
      wearPrice: Price(millicreditsPerKilowattHour: chance(60) ? number(0...6000) : 0),
      isSteered: chance(60), mayExport: chance(50))
  }

  private mutating func queue(upTo most: Int64, from first: TimeSlot) -> [PlanningJob] {
    let count = number(0...most)
    var jobs: [PlanningJob] = []
    for index in 0..<count { jobs.append(job(JobNumber(index + 1), of: most, from: first)) }
    return jobs
  }

  private mutating func job(
    _ number: JobNumber, of most: Int64, from first: TimeSlot
  ) -> PlanningJob {
    let deadline = chance(55) ? first.start + TimeSpan(minutes: self.number(-60...1500)) : nil
    let value = chance(70) ? Credits(millicredits: self.number(0...20_000)) : nil
    let after = chance(20) ? [JobNumber(self.number(1...most + 1))] : []
    return PlanningJob(
      number: number, power: Power(milliwatts: self.number(0...2_000_000)),
      remaining: TimeSpan(seconds: self.number(0...20_000)), deadline: deadline,
      priority: self.number(-1...1), value: value, interruptible: chance(65),
      running: chance(15), minimumRunSlots: Int(self.number(1...4)),
      minimumPauseSlots: Int(self.number(1...4)), after: after)
  }
}
