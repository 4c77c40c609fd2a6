import Quantities

extension SunSpecMap {
  /// What the device said, in Heliograph's units and signs.
  ///
  /// A meter's + is import, an inverter's + is out of it, a battery bank's + is discharging. The
  /// sun's power is what leaves the inverter where nothing stores; where something does, it is what
  /// the DC inputs of the panels say, or else what leaves the inverter plus what charges the
  /// battery, or else (a store without a measured power) the inverter's DC power. It is held at
  /// zero from below, because an inverter's own draw at night is no negative sun. A fresh
  /// accumulator reads 0: "not implemented".
  ///
  /// - Parameters:
  ///   - image: the answers to `plan` over those to `slowPlan`; what is absent is unknown.
  ///   - again: the answers to `proof`.
  public func decode(
    _ image: RegisterImage, again: RegisterImage = RegisterImage(), device: DeviceName,
    at: Instant
  ) -> DeviceReading {
    let answer = SunSpecAnswer(image: image, again: again)
    var reading = DeviceReading(device: device, at: at)
    decodeMeter(answer, into: &reading)
    let flows = SunSpecFlows(self, answer)
    decodeStore(answer, flows, into: &reading)
    decodeInverters(answer, flows, into: &reading)
    decodeLimits(answer, into: &reading)
    reading.dropImpossible()
    return reading
  }

  private func decodeMeter(_ answer: SunSpecAnswer, into reading: inout DeviceReading) {
    guard let meter, let words = answer.words(of: meter) else { return }
    let points = SunSpecTable.meter(meter.id)
    reading[.gridPower] = words.value(points.power, base: 1000)
      .map { quirks.meterIsReversed ? -$0 : $0 }
    reading[.exportedTotal] = words.value(points.exported, base: 1000)
    reading[.importedTotal] = words.value(points.imported, base: 1000)
    var steps: [Int64] = []
    for (total, point) in [
      (reading.exportedTotal, points.exported), (reading.importedTotal, points.imported),
    ] where total != nil {
      if let step = words.step(point, base: 1000) { steps.append(step) }
    }
    reading.totalResolution = steps.max().map(Energy.init(rawValue:))
  }

  private func decodeInverters(
    _ answer: SunSpecAnswer, _ flows: SunSpecFlows, into reading: inout DeviceReading
  ) {
    func firstKnown(
      _ value: (SunSpecTable.Inverter, SunSpecWords) -> Int64?
    ) -> Int64? {
      for family in inverters {
        let sum = answer.sum(family) { value(SunSpecTable.inverter($0.id), $1) }
        if let sum { return sum }
      }
      return nil
    }
    let output = firstKnown { $1.value($0.power, base: 1000) }
    reading[.inverterPower] = output
    reading.operatingState = state(answer)
    let total =
      firstKnown { $1.value($0.total, base: 1000) }
      ?? answer.sum(all(122)) { $1.value(SunSpecTable.Status.total, base: 1000) }
    let direct = firstKnown { points, words in
      points.directPower.flatMap { words.value($0, base: 1000) }
    }
    let panels: Int64?
    if !flows.hasStore {
      panels = output ?? flows.panels.power
      reading[.generatedTotal] = total ?? flows.panels.total
    } else {
      // What left the inverter over the years went through the battery too: not the panels'.
      reading[.generatedTotal] = flows.panels.total
      if let power = flows.panels.power {
        panels = power
      } else if flows.measuresStore {
        let charging = reading.batteryPower?.milliwatts
        panels = [output, charging].sumOfAll
      } else {
        panels = direct
      }
    }
    reading[.pvPower] = panels.map { max($0, 0) }
  }

  /// One state for several inverters: that one is held back matters most, then that one works.
  private func state(_ answer: SunSpecAnswer) -> OperatingState? {
    for family in inverters {
      let states = family.compactMap { model in
        answer.words(of: model).flatMap { Self.state($0, SunSpecTable.inverter(model.id), model) }
      }
      let order: [OperatingState] = [
        .throttled, .producing, .starting, .shuttingDown, .standby, .sleeping, .off, .fault,
      ]
      if let state = order.first(where: states.contains) { return state }
    }
    return nil
  }

  private static func state(
    _ words: SunSpecWords, _ points: SunSpecTable.Inverter, _ model: SunSpecModel
  ) -> OperatingState? {
    let stated = words.count(points.state)
      .flatMap { OperatingState(rawValue: $0 + points.stateOffset) }
    guard model.id == 701 else { return stated }
    let held = words.count(SunSpecTable.Throttling.share).map { (1...100).contains($0) } ?? false
    if held, stated == nil || stated == .producing { return .throttled }
    if stated == nil, words.count(SunSpecTable.Throttling.running) == 0 { return .off }
    return stated
  }
}
