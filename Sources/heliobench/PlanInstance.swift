import Planning
import Quantities

/// A planning problem as Tests/Bench/plan_instances.py writes it: one JSON object a line.
///
/// Powers are in mW, energies in mWh, prices in millicredits a kWh; times are counted in slots from
/// the first. The lists hold one slot more than the plan does, for the plan that follows it.
struct PlanInstance: Decodable {
  struct Battery: Decodable {
    var capacity: Int64
    var stateOfChargePermille: Int64
    var reservePermille: Int64
    var charge: Int64
    var discharge: Int64
    var efficiencyPermille: Int64
    var wearPrice: Int64
  }

  struct Job: Decodable {
    var power: Int64
    var slots: Int
    /// It is done before this slot.
    var deadline: Int64?
    /// In millicredits.
    var value: Int64
    var interruptible: Bool
    var minimumRun: Int
    var minimumPause: Int
    /// Numbers of jobs, the first is 1.
    var after: [Int64]
  }

  var seed: Int
  var slots: Int
  /// PV less load.
  var net: [Int64]
  var importPrices: [Int64]
  var exportPrices: [Int64]
  var battery: Battery?
  var exportLimit: Int64?
  var engineCapacity: Int
  var jobs: [Job]

  /// Some quarter hour; nothing depends on which.
  private static let origin = TimeSlot(index: 1_980_000)

  /// Whether the lists are as long as they must be.
  var isWhole: Bool {
    slots >= 0 && [net, importPrices, exportPrices].allSatisfy { $0.count == slots + 1 }
  }

  /// What is planned at first.
  var problem: PlanningProblem { problem(from: 0, battery: limits, jobs: jobs.indices.map(job)) }

  /// The same a slot later, after what `plan` has meant for the first.
  func problem(after plan: Plan) -> PlanningProblem {
    let ran = Set((plan.slots.first?.runs ?? []).map(\.job))
    var remaining: [PlanningJob] = []
    for index in jobs.indices {
      let before = job(index)
      let hasRun = ran.contains(before.number)
      let slots = jobs[index].slots - (hasRun ? 1 : 0)
      if slots > 0 { remaining.append(job(index, slots: slots, running: hasRun)) }
    }
    var limits = limits
    if let capacity = limits?.capacity, capacity > .zero, let stored = plan.slots.first?.stored {
      let permille = stored.rawValue * 1000 / capacity.rawValue
      limits?.stateOfCharge = StateOfCharge(permille: permille)
    }
    return problem(from: 1, battery: limits, jobs: remaining)
  }

  private func problem(
    from start: Int, battery: BatteryLimits?, jobs: [PlanningJob]
  ) -> PlanningProblem {
    let slots = (start..<start + slots).map { index in
      PlanningProblem.Slot(
        forecast: SlotForecast(
          slot: Self.origin.advanced(by: Int64(index)),
          pv: PowerQuantiles(certain: Power(milliwatts: max(0, net[index]))),
          load: PowerQuantiles(certain: Power(milliwatts: max(0, -net[index])))),
        importPrice: Price(rawValue: importPrices[index]),
        exportPrice: Price(rawValue: exportPrices[index]))
    }
    return PlanningProblem(
      slots: slots, battery: battery, exportLimit: exportLimit.map { Power(milliwatts: $0) },
      jobs: jobs, engineCapacity: engineCapacity)
  }

  private var limits: BatteryLimits? {
    battery.map {
      BatteryLimits(
        capacity: Energy(milliwattHours: $0.capacity),
        stateOfCharge: StateOfCharge(permille: $0.stateOfChargePermille),
        reserve: StateOfCharge(permille: $0.reservePermille),
        maximumCharge: Power(milliwatts: $0.charge),
        maximumDischarge: Power(milliwatts: $0.discharge),
        efficiencyPermille: $0.efficiencyPermille, wearPrice: Price(rawValue: $0.wearPrice),
        isSteered: true, mayExport: true)
    }
  }

  private func job(_ index: Int) -> PlanningJob {
    job(index, slots: jobs[index].slots, running: false)
  }

  private func job(_ index: Int, slots: Int, running: Bool) -> PlanningJob {
    let given = jobs[index]
    return PlanningJob(
      number: JobNumber(Int64(index + 1)), power: Power(milliwatts: given.power),
      remaining: TimeSpan(minutes: Int64(15 * slots)),
      deadline: given.deadline.map { Self.origin.advanced(by: $0).start },
      value: Credits(millicredits: given.value), interruptible: given.interruptible,
      running: running, minimumRunSlots: given.minimumRun, minimumPauseSlots: given.minimumPause,
      after: given.after.map { JobNumber($0) })
  }
}
