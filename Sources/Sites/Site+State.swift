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
    let looks = watches.map { DeviceLook($0, at: now, localTime: localTime) }
    var state = SiteState()
    state.hasPanels = looks.contains { $0.mayGive(.pv) }
    state.hasBattery = looks.contains { $0.mayGive(.battery) }
    // An inverter draws a few watts at night and some say so in the PV register.
    state.pvPower = sum(looks, .pv, at: now) { $0.pvPower.map { max(.zero, $0) } }
    state.loadPower = sum(looks, .load, at: now) { $0.loadPower.map { max(.zero, $0) } }
    state.gridPower = sum(looks, .grid, at: now) { $0.gridPower }
    state.batteryPower = sum(looks, .battery, at: now) { $0.batteryPower }
    state.batteryCapacity = sum(looks, .stateOfCharge, at: now) { $0.batteryCapacity }
    state.stateOfCharge = lowestCharge(looks)
    state.importedTotal = total(looks, .importedTotal, at: now)
    state.exportedTotal = total(looks, .exportedTotal, at: now)
    state.generatedTotal = total(looks, .generatedTotal, at: now)
    state.chargedTotal = total(looks, .chargedTotal, at: now)
    state.dischargedTotal = total(looks, .dischargedTotal, at: now)
    if state.importedTotal != nil || state.exportedTotal != nil {
      state.totalResolution = resolution(looks)
    }
    if !looks.contains(where: { $0.mayGive(.load) }) { state.deriveLoad() }
    return state
  }

  /// What the house has drawn from and given to the grid by its meters' registers, and in which
  /// steps these count; nil unless both are known. The same as in `state(at:)`.
  public func registers(
    at now: Instant
  ) -> (imported: Measured<Energy>, exported: Measured<Energy>, resolution: Energy?)? {
    let looks = watches.map { DeviceLook($0, at: now, localTime: localTime) }
    guard let imported = total(looks, .importedTotal, at: now),
      let exported = total(looks, .exportedTotal, at: now)
    else { return nil }
    return (imported, exported, resolution(looks))
  }

  private func resolution(_ looks: [DeviceLook]) -> Energy? {
    looks.filter { $0.mayGive(.totals) }.compactMap(\.totalResolution).max()
  }

  /// The sum over all sources of a quantity, nil unless each one has a fresh value.
  private func sum<Value: Quantity>(
    _ looks: [DeviceLook], _ quantity: SiteQuantity, at now: Instant,
    _ value: (DeviceReading) -> Value?
  ) -> Measured<Value>? {
    var result: Measured<Value>?
    for look in looks where look.mayGive(quantity) {
      let part: Measured<Value>
      if let reading = look.reading {
        guard let value = value(reading) else { return nil }
        part = Measured(value, at: reading.at)
      } else {
        guard quantity == .pv, look.isNight else { return nil }
        part = Measured(.zero, at: now, quality: .derived)
      }
      let known = result ?? Measured(.zero, at: part.at)
      result = Measured(
        known.value + part.value, at: min(known.at, part.at),
        quality: known.quality == .derived ? .derived : part.quality)
    }
    return result
  }

  private func lowestCharge(_ looks: [DeviceLook]) -> Measured<StateOfCharge>? {
    var lowest: Measured<StateOfCharge>?
    for look in looks where look.mayGive(.stateOfCharge) {
      guard let reading = look.reading, let charge = reading.stateOfCharge else { return nil }
      if let known = lowest, known.value <= charge { continue }
      lowest = Measured(charge, at: reading.at)
    }
    return lowest
  }

  /// The sum of a register over all its sources; each must be fresh, or asleep and standing still.
  private func total(
    _ looks: [DeviceLook], _ register: DeviceQuantity, at now: Instant
  ) -> Measured<Energy>? {
    var result: Measured<Energy>?
    for look in looks where look.mayGive(total: register) {
      guard var part = look.register(register).value else { return nil }
      if !look.device.isFresh(part.at, at: now) {
        guard register == .generatedTotal, look.isNight else { return nil }
        part.at = now
      }
      result = Measured(
        (result?.value ?? .zero) + part.value, at: min(result?.at ?? part.at, part.at))
    }
    return result
  }
}

/// What one device says at a moment, taken once out of all that is remembered of it: that is large,
/// and asked quantity by quantity it, or this as a struct, would be copied whole each time.
private final class DeviceLook {
  let device: SiteDevice
  /// The latest reading if it is fresh.
  let reading: DeviceReading?
  let totalResolution: Energy?
  /// Whether the device sleeps, so that its panels are known to give nothing.
  let isNight: Bool
  private let sources: [SiteQuantity]
  private let registers: [RegisterWatch]
  private let mayHaveMore: Bool

  init(_ watch: SiteWatch, at now: Instant, localTime: LocalTime) {
    device = watch.device
    reading = watch.reading(at: now)
    totalResolution = watch.latest?.totalResolution
    isNight = watch.sleep.phase(at: now, localTime: localTime) == .night
    sources = watch.device.provides.filter { watch.mayGive($0) }
    registers = watch.registers
    mayHaveMore = watch.readings < SiteWatch.readingsThatTell
  }

  /// See `SiteWatch.mayGive`.
  func mayGive(_ quantity: SiteQuantity) -> Bool { sources.contains(quantity) }

  /// Whether the device counts for this register: it has it, or may still turn out to have it.
  func mayGive(total quantity: DeviceQuantity) -> Bool {
    mayGive(quantity.source) && (mayHaveMore || register(quantity).series != nil)
  }

  func register(_ quantity: DeviceQuantity) -> RegisterWatch {
    DeviceQuantity.totals.firstIndex(of: quantity).map { registers[$0] } ?? RegisterWatch()
  }
}
