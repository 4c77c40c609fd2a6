import Planning
import Quantities
import Sites

/// Making plans, and keeping them true.
extension Station {
  /// What is measured may differ from what the plan was made from by this much, or by a tenth,
  /// before a new one is made.
  static let planTolerance = Power(watts: 50)
  /// So much must be left over before a battery that keeps what it holds may take it.
  private static let keepingMargin = Power(watts: 100)

  /// Makes a new plan when a slot began, something happened since the last, or the house is not as
  /// that one took it to be.
  mutating func replan(_ state: SiteState, at now: Instant) {
    let slot = TimeSlot(containing: now)
    let present = present(state, at: now)
    guard planIsStale || planSlot != slot || isOff(present, at: now) else { return }
    let isNewHour = planSlot != slot && slot.index % 4 == 0
    planSlot = slot
    planIsStale = false
    var slots = predict(from: slot, hasPanels: state.hasPanels).map { forecast in
      PlanningProblem.Slot(
        forecast: forecast,
        importPrice: tariff.importPrice(in: forecast.slot, localTime: configuration.localTime),
        exportPrice: tariff.exportPrice(in: forecast.slot, localTime: configuration.localTime))
    }
    if let present, !slots.isEmpty { slots[0].forecast = present }
    let problem = PlanningProblem(
      slots: slots, battery: batteryLimits(state), exportLimit: exportLimit(at: now),
      jobs: queue.planningJobs(at: now), sunPremium: sunPremium(of: slots),
      localTime: configuration.localTime)
    plan =
      isNewHour ? Planner.planAfresh(problem, after: plan) : Planner.plan(problem, after: plan)
    plannedPresent = present
    plannedAt = now
  }

  /// What is expected from a slot on, worked out once for the plans that are made of it.
  private mutating func predict(from slot: TimeSlot, hasPanels: Bool) -> [SlotForecast] {
    if let predicted, predicted.slot == slot, predicted.hasPanels == hasPanels {
      return predicted.slots
    }
    let slots = forecast.predict(from: slot, count: configuration.plannedSlots)
    predicted = (slot, hasPanels, slots)
    return slots
  }

  /// Jobs are for the sun: where prices leave it open, a fifth of the mean import price decides.
  private func sunPremium(of slots: [PlanningProblem.Slot]) -> Price {
    let sum = slots.reduce(Price.zero) { $0 + max(.zero, $1.importPrice) }
    return sum.scaled(by: 1, over: 5 * Int64(max(1, slots.count)))
  }

  /// The present slot as it is measured: what lasts now is certain. Nil while it is unknown.
  private func present(_ state: SiteState, at now: Instant) -> SlotForecast? {
    guard let load = state.loadPower?.value, !state.hasPanels || state.pvPower != nil else {
      return nil
    }
    let own = max(.zero, load - queue.drawing - relays.drawing)
    var pv = state.pvPower?.value ?? .zero
    if let possible { pv = max(pv, possible + own) }
    return SlotForecast(
      slot: TimeSlot(containing: now), pv: PowerQuantiles(certain: pv),
      load: PowerQuantiles(certain: own))
  }

  /// Whether the house is so unlike the plan's first slot that another plan is due; at most once a
  /// minute.
  private func isOff(_ present: SlotForecast?, at now: Instant) -> Bool {
    guard let measured = present?.surplus?.middle else { return plannedPresent != nil }
    guard let planned = plannedPresent?.surplus?.middle else { return true }
    guard let plannedAt, now < plannedAt || now.since(plannedAt) >= .minute else { return false }
    let tolerance = max(Self.planTolerance, planned.magnitude.scaled(by: 1, over: 10))
    return (measured - planned).magnitude > tolerance
  }

  private func batteryLimits(_ state: SiteState) -> BatteryLimits? {
    guard let plant = configuration.battery, let charge = state.stateOfCharge?.value else {
      return nil
    }
    return BatteryLimits(
      capacity: plant.capacity, stateOfCharge: charge, reserve: surplus.thresholds.reserve,
      maximumCharge: plant.maximumCharge, maximumDischarge: plant.maximumDischarge,
      efficiencyPermille: plant.efficiencyPermille, wearPrice: plant.wearPrice,
      isSteered: steering.mayPlan, mayExport: plant.mayExport)
  }

  /// The least of what the configuration says and what devices report.
  private func exportLimit(at now: Instant) -> Power? {
    [configuration.exportLimit, site.exportLimit(at: now)].compactMap { $0 }.min()
  }

  /// What could be spare while the panels are held back.
  mutating func estimatePossible(_ state: SiteState, jobsPower: Power, at now: Instant) {
    let isCurtailed = if case .curtailed = state.curtailment { true } else { false }
    let slot = TimeSlot(containing: now)
    let expected = isCurtailed ? forecast.predict(from: slot, count: 1).first?.surplus?.middle : nil
    possible = probe.possible(
      expected: expected ?? possible, measured: surplus.state.power, isCurtailed: isCurtailed,
      jobsPower: jobsPower, at: now)
  }

  /// Tells the battery what the plan wants of it now, where it can be told.
  mutating func followPlan(_ state: SiteState, at now: Instant) -> [Effect] {
    guard steering.mayPlan, let slot = plan?.slot(at: now) else { return [] }
    let order: Power? =
      switch slot.order {
      case .own: nil
      case .charge(let power): power
      case .discharge(let power): -power
      case .hold: keepingOrder()
      }
    let reason = plan?.batteryReasons.last { $0.slot <= slot.slot }?.text
    let actions = steering.follow(
      order, until: slot.slot.end + TimeSpan(minutes: 2), because: reason ?? "the plan", at: now)
    return effects(of: actions, at: now)
  }

  /// What a battery is told that shall keep what it holds: by itself it takes what is left over, so
  /// it is kept from giving where nothing is. Where that is unknown it goes its own way.
  private mutating func keepingOrder() -> Power? {
    guard let left = surplus.state.power.map({ $0 - queue.drawing }) else { return nil }
    // In between it stays as it is, or a cloud would have it told something every second.
    if left > Self.keepingMargin { keepsTaking = true }
    if left <= .zero { keepsTaking = false }
    return keepsTaking ? nil : .zero
  }
}
