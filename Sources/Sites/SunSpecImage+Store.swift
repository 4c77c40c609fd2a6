import Quantities

extension SunSpecImage {
  /// 802.
  static func battery(_ reading: DeviceReading) -> SunSpecWords {
    typealias Battery = SunSpecTable.Battery
    var words = blank(802)
    words.putPercent(reading.stateOfCharge?.permille, at: Battery.charge)
    if let capacity = reading.batteryCapacity {
      words.putFitted(capacity.rawValue, at: Battery.capacity, base: 1000)
    }
    words.putPair(
      reading.maximumCharge, at: Battery.maximumCharge, reading.maximumDischarge,
      at: Battery.maximumDischarge)
    if let power = reading.batteryPower {
      words.putFitted(-power.rawValue, at: Battery.power, base: 1000)
    }
    return words
  }

  /// 803: one string.
  static func strings(_ reading: DeviceReading) -> SunSpecWords {
    var words = blank(803, blocks: 1)
    words.putCount(1, at: SunSpecTable.Strings.count)
    words.putPercent(reading.stateOfCharge?.permille, at: SunSpecTable.Strings.charge)
    return words
  }

  /// 713.
  static func store(_ reading: DeviceReading) -> SunSpecWords {
    var words = blank(713)
    if let capacity = reading.batteryCapacity {
      words.putFitted(capacity.rawValue, at: SunSpecTable.Store.capacity, base: 1000)
    }
    words.putPercent(reading.stateOfCharge?.permille, at: SunSpecTable.Store.charge)
    return words
  }

  /// 124; the controls are implemented and switched off.
  static func storage(_ reading: DeviceReading) -> SunSpecWords {
    typealias Rates = SunSpecTable.StorageRates
    var words = blank(124)
    words.putPercent(reading.stateOfCharge?.permille, at: Rates.charge)
    guard let charge = reading.maximumCharge else { return words }
    words.putFitted(charge.rawValue, at: Rates.maximum, base: 1000)
    words.putCount(0, at: Rates.mode)
    words.putPercent(50, at: Rates.reserve)
    words.putPercent(1000, at: Rates.charging)
    words.putPercent(1000, at: Rates.discharging)
    words.putCount(0, at: Rates.reversion)
    return words
  }

  /// 160: the panels on two inputs.
  static func inputs(_ reading: DeviceReading) -> SunSpecWords {
    typealias Inputs = SunSpecTable.Inputs
    var words = blank(160, blocks: 2)
    words.putCount(2, at: Inputs.count)
    for factor in 2..<6 { words.putFactor(0, at: factor) }
    for index in 0..<2 {
      let offset = index * 20
      words.putCount(Int64(index + 1), at: Inputs.number.moved(by: offset))
      words.putText(
        "String \(index + 1)", at: Inputs.name.offset + offset, registers: Inputs.name.registers)
      words.put(reading.pvPower?.half(index), at: Inputs.power.moved(by: offset))
      words.put(reading.generatedTotal?.half(index), at: Inputs.total.moved(by: offset))
    }
    return words
  }

  /// 714: the panels' port, and the store's where the house has one.
  static func ports(_ reading: DeviceReading) -> SunSpecWords {
    typealias Ports = SunSpecTable.Ports
    let hasStore = reading.batteryPower != nil || reading.stateOfCharge != nil
    var words = blank(714, blocks: hasStore ? 2 : 1)
    words.putCount(hasStore ? 2 : 1, at: Ports.count)
    for factor in 15..<20 { words.putFactor(0, at: factor) }
    words.putCount(Ports.panels, at: Ports.kind)
    words.put(reading.pvPower?.rawValue, at: Ports.power)
    words.put(reading.generatedTotal?.rawValue, at: Ports.injected)
    guard hasStore else { return words }
    words.putCount(Ports.store, at: Ports.kind.moved(by: 25))
    words.put(reading.batteryPower.map { -$0.rawValue }, at: Ports.power.moved(by: 25))
    words.put(reading.dischargedTotal?.rawValue, at: Ports.injected.moved(by: 25))
    words.put(reading.chargedTotal?.rawValue, at: Ports.absorbed.moved(by: 25))
    return words
  }
}

extension SunSpecWords {
  /// Two points that share a factor, each with room for the larger value.
  mutating func putPair(
    _ one: Power?, at first: SunSpecPoint, _ other: Power?, at second: SunSpecPoint
  ) {
    guard let most = [one, other].compactMap({ $0 }).max() else { return }
    putFitted(most.rawValue, at: first, base: 1000)
    putRaw(0xFFFF, at: first)
    if let one { put(one.rawValue, at: first, base: 1000) }
    if let other { put(other.rawValue, at: second, base: 1000) }
  }

  /// Thousandths as tenths of a percent.
  mutating func putPercent(_ permille: Int64?, at point: SunSpecPoint) {
    guard let permille, let factor = point.factor else { return }
    putFactor(-1, at: factor)
    put(permille, at: point, base: 10)
  }

  /// Milliwatts or milliwatt-hours where the factor is known already.
  fileprivate mutating func put(_ value: Int64?, at point: SunSpecPoint) {
    guard let value else { return }
    put(value, at: point, base: 1000)
  }
}

extension Quantity {
  /// One of two parts in whole watts or watt-hours that add up to the whole.
  fileprivate func half(_ index: Int) -> Int64 {
    let first = rawValue / 2000 * 1000
    return index == 0 ? first : rawValue - first
  }
}
