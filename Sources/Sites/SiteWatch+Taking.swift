import Quantities

/// What is believed of a reading.
extension SiteWatch {
  /// The most, in hundredths of its rating, that an inverter is believed to pass.
  static let overratedPercent: Int64 = 150

  /// Takes a reading; returns lines about what isn't believed of it.
  ///
  /// `moves` counts the changes of powers in the whole house.
  mutating func take(_ reading: DeviceReading, moves: inout Int) -> [String] {
    var taken = reading
    taken.dropImpossible()
    note(taken)
    dropSpikes(&taken)
    if taken.pvPower == nil, device.provides.contains(.pv),
      taken.operatingState == .sleeping || taken.operatingState == .off
    {
      // It says itself that nothing comes from the panels.
      taken.pvPower = .zero
    }
    var lines = dropFrozen(&taken, moves: &moves)
    lines += takeTotals(of: taken)
    lines += dropInverted(&taken)
    keep(taken)
    return lines
  }

  /// Takes the registers of a reading; a restart that one of them shows is one of all.
  private mutating func takeTotals(of reading: DeviceReading) -> [String] {
    var notes: [Int: RegisterWatch.Note] = [:]
    let before = registers.map(\.series)
    let powers = DeviceQuantity.totals.map { power(moving: $0, in: reading) }
    for (index, quantity) in DeviceQuantity.totals.enumerated() {
      guard let raw = reading[quantity] else { continue }
      let note = registers[index].take(
        Energy(rawValue: raw), at: reading.at, step: reading.totalResolution,
        largest: device.largestPower, patience: device.freshnessLimit,
        isLate: readings == Self.readingsThatTell, power: powers[index])
      if let note { notes[index] = note }
    }
    if restart == nil, registers.contains(where: \.hasFallen) {
      restart = RestartWatch(before: before)
    }
    for (index, quantity) in DeviceQuantity.totals.enumerated() {
      guard let raw = reading[quantity] else { continue }
      let step = registers[index].step(reading.totalResolution)
      restart?.take(
        Energy(rawValue: raw), at: reading.at, index: index, power: powers[index],
        largest: device.largestPower, step: step)
    }
    if let restart, notes.values.contains(where: \.isRestart) {
      for index in registers.indices {
        guard let (before, shown) = restart.restart(index) else { continue }
        let note = registers[index].startOver(after: before, shown: shown, at: reading.at)
        if let note { notes[index] = note }
      }
    }
    if !registers.contains(where: \.isInDoubt) { restart = nil }
    guard !notes.isEmpty else { return [] }
    return DeviceQuantity.totals.indices.compactMap { index in
      notes[index]?.line(device.name, DeviceQuantity.totals[index].registerWord)
    }
  }

  /// The most of the power that moves a register at this reading and the one before; nil unless
  /// both are known.
  private func power(moving quantity: DeviceQuantity, in reading: DeviceReading) -> Power? {
    func power(_ reading: DeviceReading?) -> Power? {
      switch quantity {
      case .importedTotal: reading?.gridPower
      case .exportedTotal: reading?.gridPower.map { -$0 }
      case .generatedTotal: reading?.pvPower
      case .chargedTotal: reading?.batteryPower
      case .dischargedTotal: reading?.batteryPower.map { -$0 }
      default: nil
      }
    }
    guard let now = power(reading), let before = power(latest) else { return nil }
    return max(now, before, .zero)
  }

  /// Makes unknown a power whose direction its own registers deny.
  private mutating func dropInverted(_ reading: inout DeviceReading) -> [String] {
    var lines: [String] = []
    for index in signs.indices {
      let pair = signs[index].pair
      let word = pair == .grid ? "grid" : "battery"
      switch signs[index].take(reading) {
      case true?:
        lines.append(
          "\(device.name): \(word) power and registers disagree on the direction: "
            + "check wiring and sign; power unknown")
      case false?: lines.append("\(device.name): \(word) power and registers agree again")
      case nil: break
      }
      if signs[index].isInverted { reading[pair.power] = nil }
    }
    return lines
  }

  /// Makes unknown a power far beyond the inverter's own rating: at dawn some read ten times what
  /// they mean (a scale factor that changed between two requests).
  private func dropSpikes(_ reading: inout DeviceReading) {
    guard let ratedPower else { return }
    let most = ratedPower.scaled(by: Self.overratedPercent, over: 100)
    // A hybrid's panels feed house and battery at once.
    let panels = gives(.battery) ? most + most : most
    if let power = reading.pvPower, power > panels { reading.pvPower = nil }
    if let power = reading.inverterPower, power.magnitude > most { reading.inverterPower = nil }
  }

  private mutating func dropFrozen(_ reading: inout DeviceReading, moves: inout Int) -> [String] {
    let whole = reading
    var lines: [String] = []
    for index in stills.indices {
      let group = stills[index].group
      let note = stills[index].take(
        whole, capacity: reading.batteryCapacity, moves: &moves)
      switch note {
      case .froze(let since, let power):
        lines.append(
          "\(device.name): \(group.rawValue) values frozen at \(power.text) for "
            + "\(reading.at.since(since).text), taken as unknown")
      case .moves: lines.append("\(device.name): \(group.rawValue) values move again")
      case nil: break
      }
      if stills[index].isFrozen { reading.drop(group) }
    }
    return lines
  }
}

extension RegisterWatch.Note {
  /// Whether it tells of a restart of the whole device.
  fileprivate var isRestart: Bool {
    if case .startedOver(_, _, fromZero: true) = self { true } else { false }
  }

  /// The line for the owner.
  fileprivate func line(_ device: DeviceName, _ register: String) -> String {
    let what = "\(device): \(register) register"
    return switch self {
    case .dipped(let kept): "\(what) went back a little, kept \(kept.text)"
    case .startedOver(let raw, let total, _):
      "\(what) started over at \(raw.text), total goes on from \(total.text)"
    case .jumped(let raw, let total):
      "\(what) jumped to \(raw.text) (meter changed?), total goes on from \(total.text)"
    case .cameBack(let raw): "\(what) is back at \(raw.text), total goes on from there"
    case .doubted(let raw): "\(what) says \(raw.text), not believed: total unknown"
    }
  }
}
