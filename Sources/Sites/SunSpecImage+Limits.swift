import Quantities

extension SunSpecImage {
  /// 120.
  static func ratings(_ reading: DeviceReading) -> SunSpecWords {
    typealias Nameplate = SunSpecTable.Nameplate
    var words = blank(120)
    // 4 is an inverter for panels, 82 one for panels and a store (DERTyp).
    words.putCount(reading.batteryCapacity == nil ? 4 : 82, at: SunSpecPoint(.uint16, 2))
    let points = [
      (reading.ratedPower?.rawValue, Nameplate.rating),
      (reading.batteryCapacity?.rawValue, Nameplate.capacity),
      (reading.maximumCharge?.rawValue, Nameplate.charge),
      (reading.maximumDischarge?.rawValue, Nameplate.discharge),
    ]
    for (value, point) in points {
      if let value { words.putFitted(value, at: point, base: 1000) }
    }
    return words
  }

  /// 121.
  static func settings(_ reading: DeviceReading) -> SunSpecWords {
    var words = blank(121)
    if let rating = reading.ratedPower {
      words.putFitted(rating.rawValue, at: SunSpecTable.Settings.maximum, base: 1000)
    }
    return words
  }

  /// 123: implemented where the house knows its rating.
  static func controls(_ reading: DeviceReading) -> SunSpecWords {
    typealias Controls = SunSpecTable.Controls
    var words = blank(123)
    guard reading.ratedPower != nil else { return words }
    let limit = reading.powerLimitPermille ?? 1000
    words.putPercent(limit, at: Controls.limit)
    words.putCount(0, at: Controls.reversion)
    words.putCount(limit < 1000 ? 1 : 0, at: Controls.enabled)
    return words
  }

  /// 702.
  static func capacity(_ reading: DeviceReading) -> SunSpecWords {
    typealias Capacity = SunSpecTable.Capacity
    var words = blank(702)
    let points = [
      (reading.ratedPower, [Capacity.rating, Capacity.maximum]),
      (reading.maximumCharge, [Capacity.charge, Capacity.chargeRating]),
      (reading.maximumDischarge, [Capacity.discharge, Capacity.dischargeRating]),
    ]
    guard let most = points.compactMap(\.0).max() else { return words }
    // One factor for all: that of the largest, whose point is set again below.
    words.putFitted(most.rawValue, at: Capacity.rating, base: 1000)
    words.putRaw(0xFFFF, at: Capacity.rating)
    for (power, targets) in points {
      for point in targets {
        if let power { words.put(power.rawValue, at: point, base: 1000) }
      }
    }
    return words
  }

  /// 704: implemented where the house knows its rating.
  static func steering(_ reading: DeviceReading) -> SunSpecWords {
    typealias Steering = SunSpecTable.Steering
    var words = blank(704)
    guard reading.ratedPower != nil else { return words }
    let limit = reading.powerLimitPermille ?? 1000
    words.putPercent(limit, at: Steering.limit)
    words.putCount(limit < 1000 ? 1 : 0, at: Steering.limitEnabled)
    words.putCount(0, at: Steering.limitRevertsTo)
    words.putCount(0, at: Steering.limitReversion)
    words.putFactor(0, at: 55)
    for point in [
      Steering.powerEnabled, Steering.powerMode, Steering.power, Steering.powerRevertsTo,
      Steering.powerReversion,
    ] {
      words.putCount(0, at: point)
    }
    return words
  }
}
