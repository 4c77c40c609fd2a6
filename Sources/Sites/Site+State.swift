import Quantities

/// What the readings add up to.
extension Site {
  /// What is known at `now`.
  public func state(at now: Instant) -> SiteState {
    var state = measured(at: now)
    state.curtailment = curtailment.state(curtailmentLook(state, at: now))
    return state
  }

  /// What is known at `now`, but for what curtails it.
  func measured(at now: Instant) -> SiteState {
    var state = SiteState()
    state.hasPanels = !sources(of: .pv).isEmpty
    state.hasBattery = !sources(of: .battery).isEmpty
    // An inverter draws a few watts at night and some say so in the PV register.
    state.pvPower = sum(.pv, at: now) { $0.pvPower.map { max(.zero, $0) } }
    state.loadPower = sum(.load, at: now) { $0.loadPower.map { max(.zero, $0) } }
    state.gridPower = sum(.grid, at: now) { $0.gridPower }
    state.batteryPower = sum(.battery, at: now) { $0.batteryPower }
    state.batteryCapacity = sum(.stateOfCharge, at: now) { $0.batteryCapacity }
    state.stateOfCharge = lowestCharge(at: now)
    state.importedTotal = total(.importedTotal, at: now)
    state.exportedTotal = total(.exportedTotal, at: now)
    state.generatedTotal = total(.generatedTotal, at: now)
    state.chargedTotal = total(.chargedTotal, at: now)
    state.dischargedTotal = total(.dischargedTotal, at: now)
    if state.importedTotal != nil || state.exportedTotal != nil {
      state.totalResolution =
        sources(of: .totals).compactMap { watches[$0].latest?.totalResolution }.max()
    }
    if sources(of: .load).isEmpty { state.deriveLoad() }
    return state
  }

  /// Places of the devices that may give a quantity: what is remembered of each is large.
  private func sources(of quantity: SiteQuantity) -> [Int] {
    watches.indices.filter { watches[$0].mayGive(quantity) }
  }

  /// The sum over all sources of a quantity, nil unless each one has a fresh value.
  private func sum<Value: Quantity>(
    _ quantity: SiteQuantity, at now: Instant, _ value: (DeviceReading) -> Value?
  ) -> Measured<Value>? {
    var result: Measured<Value>?
    for source in sources(of: quantity) {
      let part: Measured<Value>
      if let reading = watches[source].reading(at: now) {
        guard let value = value(reading) else { return nil }
        part = Measured(value, at: reading.at)
      } else {
        guard quantity == .pv, isNight(for: watches[source], at: now) else { return nil }
        part = Measured(.zero, at: now, quality: .derived)
      }
      let known = result ?? Measured(.zero, at: part.at)
      result = Measured(
        known.value + part.value, at: min(known.at, part.at),
        quality: known.quality == .derived ? .derived : part.quality)
    }
    return result
  }

  /// Whether the device sleeps, so that its panels are known to give nothing.
  private func isNight(for watch: SiteWatch, at now: Instant) -> Bool {
    watch.sleep.phase(at: now, localTime: localTime) == .night
  }

  private func lowestCharge(at now: Instant) -> Measured<StateOfCharge>? {
    var lowest: Measured<StateOfCharge>?
    for source in sources(of: .stateOfCharge) {
      guard let reading = watches[source].reading(at: now), let charge = reading.stateOfCharge
      else {
        return nil
      }
      if let known = lowest, known.value <= charge { continue }
      lowest = Measured(charge, at: reading.at)
    }
    return lowest
  }

  /// The sum of a register over all its sources; each must be fresh, or asleep and standing still.
  private func total(_ register: DeviceQuantity, at now: Instant) -> Measured<Energy>? {
    var result: Measured<Energy>?
    for source in watches.indices where watches[source].mayGive(total: register) {
      guard var part = watches[source].register(register).value else { return nil }
      if !watches[source].isFresh(part.at, at: now) {
        guard register == .generatedTotal, isNight(for: watches[source], at: now) else {
          return nil
        }
        part.at = now
      }
      result = Measured(
        (result?.value ?? .zero) + part.value, at: min(result?.at ?? part.at, part.at))
    }
    return result
  }
}
