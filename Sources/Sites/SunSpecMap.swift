import Quantities

/// What a SunSpec device's models say about a household.
///
/// Read are the first inverter (101–103), the first meter (201–204), and the first store: battery
/// base (802) before storage controls (124). A model shorter than its definition is left alone.
public struct SunSpecMap: Hashable, Sendable {
  public let inverter: SunSpecModel?
  public let meter: SunSpecModel?
  public let battery: SunSpecModel?

  /// - Parameter models: what the walk found, in the device's order.
  public init(models: [SunSpecModel]) {
    func first(_ ids: ClosedRange<UInt16>, length: Int) -> SunSpecModel? {
      models.first { ids.contains($0.id) && $0.length >= length && $0.span != nil }
    }
    inverter = first(101...103, length: 50)
    meter = first(201...204, length: 105)
    battery = first(802...802, length: 62) ?? first(124...124, length: 24)
  }

  /// One request for each model that is used.
  public var plan: [RegisterSpan] { [inverter, meter, battery].compactMap { $0?.span } }

  /// What the device said, in Heliograph's units and signs.
  ///
  /// A meter's + is import. A battery base's W is + while it discharges. With a battery base, the
  /// sun's power is what leaves the inverter plus what charges the battery behind it; with storage
  /// controls only, it is the DC power, because model 124 measures no battery power; without a
  /// store, it is what leaves the inverter. A fresh accumulator reads 0: "not implemented".
  public func decode(_ image: RegisterImage, device: DeviceName, at: Instant) -> DeviceReading {
    var reading = DeviceReading(device: device, at: at)
    if let points = points(of: battery, in: image) {
      decodeBattery(points, into: &reading)
    }
    if let points = points(of: inverter, in: image) {
      reading.pvPower = pvPower(points, batteryPower: reading.batteryPower)
    }
    if let points = points(of: meter, in: image) {
      reading.gridPower = points.scaled(points.int16(18), factor: 22, base: 1000)
        .map(Power.init(rawValue:))
      reading.exportedTotal = points.scaled(points.acc32(38), factor: 54, base: 1000)
        .map(Energy.init(rawValue:))
      reading.importedTotal = points.scaled(points.acc32(46), factor: 54, base: 1000)
        .map(Energy.init(rawValue:))
      if reading.exportedTotal != nil || reading.importedTotal != nil {
        reading.totalResolution = points.scaled(1, factor: 54, base: 1000)
          .map { Energy(milliwattHours: max($0, 1)) }
      }
    }
    return reading
  }

  private func decodeBattery(_ points: SunSpecPoints, into reading: inout DeviceReading) {
    let charge: Int64?
    if battery?.id == 802 {
      charge = points.scaled(points.uint16(11), factor: 56, base: 10)
      reading.batteryCapacity = points.scaled(points.uint16(3), factor: 53, base: 1000)
        .map(Energy.init(rawValue:))
      reading.batteryPower = points.scaled(points.int16(47), factor: 63, base: 1000)
        .map { -Power(milliwatts: $0) }
    } else {
      charge = points.scaled(points.uint16(8), factor: 22, base: 10)
    }
    if let charge, (0...1000).contains(charge) {
      reading.stateOfCharge = StateOfCharge(permille: charge)
    }
  }

  private func pvPower(_ points: SunSpecPoints, batteryPower: Power?) -> Power? {
    let output = points.scaled(points.int16(14), factor: 15, base: 1000)
    let panels: Int64?
    switch battery?.id {
    case nil: panels = output
    case 802:
      guard let output, let batteryPower else { return nil }
      panels = output + batteryPower.milliwatts
    default: panels = points.scaled(points.int16(31), factor: 32, base: 1000)
    }
    return panels.map { Power(milliwatts: max($0, 0)) }
  }

  private func points(of model: SunSpecModel?, in image: RegisterImage) -> SunSpecPoints? {
    guard let model, let span = model.span, let words = image.words(in: span),
      words[0] == model.id, Int(words[1]) == model.length
    else { return nil }
    return SunSpecPoints(words: words)
  }
}
