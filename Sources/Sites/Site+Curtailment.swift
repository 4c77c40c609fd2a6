import Quantities

/// One look at whether the panels are held back.
///
/// Signs of it, the surest first:
///
/// - an inverter says that it throttles (SunSpec St 5);
/// - an inverter that works gives 95 % or more of a limit below its rating, or stands within 50 W
///   of it;
/// - the house exports what it may at most (within 50 W or 3 %), the panels work, and no battery
///   takes more: it is full (98 %), charges at 95 % of what it takes, or may take nothing;
/// - the panels work, the battery is full (99 %), and neither it nor the grid takes anything.
extension Site {
  /// The least that its devices let the house export; nil when none says so.
  public func exportLimit(at now: Instant) -> Power? {
    watches.compactMap { $0.reading(at: now)?.exportLimit }.min()
  }

  static let nearLimit = Power(watts: 50)
  static let workingPanels = Power(watts: 100)

  func curtailmentLook(_ state: SiteState, at now: Instant) -> Curtailment {
    guard state.hasPanels else { return .none }
    var isUnsure = state.pvPower == nil
    for watch in watches where watch.mayGive(.pv) {
      guard let reading = watch.reading(at: now) else { continue }
      switch limited(reading, rated: watch.ratedPower) {
      case .curtailed(let reason): return .curtailed(reason)
      case .unknown: isUnsure = true
      case .none: break
      }
    }
    switch heldBackAtTheGrid(state, at: now) {
    case .curtailed(let reason): return .curtailed(reason)
    case .unknown: isUnsure = true
    case .none: break
    }
    return isUnsure ? .unknown : .none
  }

  /// What one inverter's own words say.
  private func limited(_ reading: DeviceReading, rated: Power?) -> Curtailment {
    switch reading.operatingState {
    case .throttled: return .curtailed(.throttled)
    case .off, .sleeping, .shuttingDown, .standby, .fault: return .none
    case .starting, .producing, nil: break
    }
    let share = reading.powerLimitPermille.flatMap { permille in
      rated?.scaled(by: permille, over: 1000)
    }
    let limits = [reading.powerLimit, share].compactMap { $0 }
    guard let limit = limits.min(), limit < rated ?? limit + Power(watts: 1) else { return .none }
    guard let power = reading.inverterPower ?? reading.pvPower else { return .unknown }
    // Held to next to nothing, it says nothing of the sun, unless it says that it works.
    if limit <= Self.nearLimit, reading.operatingState == nil { return .unknown }
    let isReached =
      power >= limit.scaled(by: 95, over: 100) || limit - power <= Self.nearLimit
    return isReached ? .curtailed(.powerLimit(limit)) : .none
  }

  /// What the grid connection and the battery say together.
  private func heldBackAtTheGrid(_ state: SiteState, at now: Instant) -> Curtailment {
    guard let pv = state.pvPower?.value else { return .unknown }
    guard pv >= Self.workingPanels else { return .none }
    let limit = exportLimit(at: now)
    guard let grid = state.gridPower?.value else { return limit == nil ? .none : .unknown }
    if let limit {
      let tolerance = max(Self.nearLimit, limit.scaled(by: 3, over: 100))
      // Far beyond it, nobody enforces it.
      guard (-grid - limit).magnitude <= tolerance else { return .none }
      guard let takesMore = batteryTakesMore(state, at: now) else { return .unknown }
      return takesMore ? .none : .curtailed(.exportLimit(limit))
    }
    guard state.hasBattery, grid.magnitude <= Self.nearLimit else { return .none }
    guard let charge = state.stateOfCharge?.value, let battery = state.batteryPower?.value else {
      return .none
    }
    let isFull = charge >= StateOfCharge(percent: 99) && battery.magnitude <= Self.nearLimit
    return isFull ? .curtailed(.batteryFull) : .none
  }

  /// Whether a battery could take more than it does; nil when that isn't known.
  private func batteryTakesMore(_ state: SiteState, at now: Instant) -> Bool? {
    guard state.hasBattery else { return false }
    guard let battery = state.batteryPower?.value, let charge = state.stateOfCharge?.value else {
      return nil
    }
    if battery < -Self.nearLimit { return true }
    if charge >= StateOfCharge(percent: 98) { return false }
    let limits = watches.compactMap { $0.reading(at: now)?.maximumCharge }
    guard !limits.isEmpty else { return true }
    return battery < limits.reduce(.zero, +).scaled(by: 95, over: 100)
  }
}
