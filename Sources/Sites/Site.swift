import Quantities

/// Reads a site's devices in their rhythm and keeps what is known of the house.
///
/// A device that doesn't answer costs one line when its values have become unknown and one when it
/// is back; in between it is asked ever more rarely, up to `backOffCap`. What a device said stays
/// in use until its freshness limit and is unknown after, whatever the reason.
public struct Site: Sendable {
  /// The longest wait between two questions to a device that is gone.
  public static let backOffCap = TimeSpan(minutes: 5)

  /// In the configuration's order.
  private var watches: [SiteWatch]

  /// A site of these devices; their names are different from each other.
  public init(devices: [SiteDevice]) {
    for (index, device) in devices.enumerated() {
      precondition(
        !devices[..<index].contains { $0.name == device.name }, "two devices named \(device.name)")
    }
    watches = devices.map(SiteWatch.init(device:))
  }

  /// The devices, in the configuration's order.
  public var devices: [SiteDevice] { watches.map(\.device) }

  /// The node is up: asks every device at once.
  public mutating func start(at now: Instant) -> [SiteAction] {
    watches.indices.flatMap { ask(index: $0, at: now) }
  }

  /// A device's wake came.
  public mutating func timer(_ name: DeviceName, at now: Instant) -> [SiteAction] {
    guard let index = index(of: name) else { return [] }
    guard watches[index].awaiting else { return ask(index: index, at: now) }
    // The edge owes an answer still; a second question would only queue behind the first.
    let wait = watches[index].device.freshnessLimit
    return [.wake(name, at: now + wait)]
      + loss(index: index, because: "no answer", at: now)
  }

  /// A device answered.
  public mutating func reading(_ reading: DeviceReading, at now: Instant) -> [SiteAction] {
    guard let index = index(of: reading.device) else { return [] }
    var taken = reading
    taken.at = min(reading.at, now)
    taken.dropImpossible()
    var actions = lines(afterTaking: taken, index: index)
    watches[index].take(taken)
    watches[index].failures = 0
    watches[index].awaiting = false
    if let since = watches[index].lostSince {
      watches[index].lostSince = nil
      let line = "\(reading.device) is back after \(now.since(since).text)"
      actions.append(.say(ReasonLine.fit(line)))
    }
    let next = (watches[index].askedAt ?? now) + watches[index].device.pollInterval
    return actions + [.wake(reading.device, at: max(now, next))]
  }

  /// A device gave no reading.
  public mutating func failed(
    _ name: DeviceName, _ fault: DeviceFault, at now: Instant
  ) -> [SiteAction] {
    guard let index = index(of: name) else { return [] }
    watches[index].awaiting = false
    watches[index].failures = min(watches[index].failures + 1, 1000)
    let delay = watches[index].backOff(cap: Self.backOffCap)
    return [.wake(name, at: now + delay)] + loss(index: index, because: fault.text, at: now)
  }

  /// What is known at `now`.
  public func state(at now: Instant) -> SiteState {
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
    state.importedTotal = total(at: now, \.imported)
    state.exportedTotal = total(at: now, \.exported)
    if state.importedTotal != nil || state.exportedTotal != nil {
      state.totalResolution =
        sources(of: .totals).compactMap { $0.latest?.totalResolution }.max()
    }
    if sources(of: .load).isEmpty { state.deriveLoad() }
    return state
  }

  /// The devices whose values are unknown now, with since when, in the configuration's order.
  public var lost: [(device: DeviceName, since: Instant)] {
    watches.compactMap { watch in watch.lostSince.map { (watch.device.name, $0) } }
  }
}

extension Site {
  private func index(of name: DeviceName) -> Int? {
    watches.firstIndex { $0.device.name == name }
  }

  private func sources(of quantity: SiteQuantity) -> [SiteWatch] {
    watches.filter { $0.mayGive(quantity) }
  }

  private mutating func ask(index: Int, at now: Instant) -> [SiteAction] {
    watches[index].awaiting = true
    watches[index].askedAt = now
    let device = watches[index].device
    return [.read(device.name), .wake(device.name, at: now + device.freshnessLimit)]
  }

  /// Says once that a device is gone, when nothing it said is fresh any more.
  private mutating func loss(index: Int, because reason: String, at now: Instant) -> [SiteAction] {
    let watch = watches[index]
    guard watch.lostSince == nil, watch.reading(at: now) == nil else { return [] }
    watches[index].lostSince = watch.latest?.at ?? now
    return [.say(ReasonLine.fit("\(watch.device.name) lost, values unknown: \(reason)"))]
  }

  private mutating func lines(afterTaking reading: DeviceReading, index: Int) -> [SiteAction] {
    let name = reading.device
    let imported = watches[index].imported.take(reading.importedTotal, at: reading.at)
    let exported = watches[index].exported.take(reading.exportedTotal, at: reading.at)
    return [("import", imported), ("export", exported)].compactMap { register, kept in
      kept.map {
        .say(
          ReasonLine.fit(
            "\(name): \(register) register went down, kept \($0.text); "
              + "restart the node if the meter was changed"))
      }
    }
  }

  /// The sum over all sources of a quantity, nil unless each one has a fresh value.
  private func sum<Value: Quantity>(
    _ quantity: SiteQuantity, at now: Instant, _ value: (DeviceReading) -> Value?
  ) -> Measured<Value>? {
    var result: Measured<Value>?
    for source in sources(of: quantity) {
      guard let reading = source.reading(at: now), let part = value(reading) else { return nil }
      result = Measured(
        (result?.value ?? .zero) + part, at: min(result?.at ?? reading.at, reading.at))
    }
    return result
  }

  private func lowestCharge(at now: Instant) -> Measured<StateOfCharge>? {
    var lowest: Measured<StateOfCharge>?
    for source in sources(of: .stateOfCharge) {
      guard let reading = source.reading(at: now), let charge = reading.stateOfCharge else {
        return nil
      }
      if let known = lowest, known.value <= charge { continue }
      lowest = Measured(charge, at: reading.at)
    }
    return lowest
  }

  /// The sum of a register over all its sources; each must be fresh.
  private func total(
    at now: Instant, _ register: KeyPath<SiteWatch, RegisterWatch>
  ) -> Measured<Energy>? {
    var result: Measured<Energy>?
    for source in sources(of: .totals) {
      guard let part = source[keyPath: register].value, source.isFresh(part.at, at: now) else {
        return nil
      }
      result = Measured(
        (result?.value ?? .zero) + part.value, at: min(result?.at ?? part.at, part.at))
    }
    return result
  }
}
