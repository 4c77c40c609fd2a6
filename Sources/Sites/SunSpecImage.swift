import Quantities

/// The registers of a simulated SunSpec house: an inverter, a store behind it, a meter.
///
/// Points that the reading does not know are "not implemented". A total of zero in an accumulator
/// reads as "not implemented", as the models define it, so a simulated meter should start above it.
public enum SunSpecImage {
  /// Which model the store shows itself by.
  public enum StoreModel: UInt16, Hashable, Sendable {
    /// Storage controls: a state of charge, no power.
    case controls = 124
    /// Battery base: state of charge, power and capacity.
    case battery = 802
  }

  public typealias Nameplate = SunSpecNameplate

  /// Numbers with scale factors, as most inverters do, with every setting and control.
  public static let classic: [UInt16] = [1, 103, 120, 121, 122, 123, 124, 160, 203, 802]
  /// Floating point.
  public static let float: [UInt16] = [1, 113, 120, 121, 122, 123, 124, 160, 213]
  /// The models of IEEE 1547-2018, of inverters with a battery; a meter beside them.
  public static let der: [UInt16] = [1, 701, 702, 703, 704, 713, 714, 203]

  /// Marker, models 1, 103, the store's, 203 and the end marker from register 40000 on.
  public static func image(
    of reading: DeviceReading, storage: StoreModel?, nameplate: Nameplate
  ) -> RegisterImage {
    let store = storage.map { [$0.rawValue] } ?? []
    return image(of: reading, models: [1, 103] + store + [203], nameplate: nameplate)
  }

  /// Marker, `models` in their order, and the end marker.
  ///
  /// - Parameters:
  ///   - models: identities of those that Heliograph reads, and 703; others are left out.
  ///   - base: where the marker stands; 40000, 0 or 50000.
  public static func image(
    of reading: DeviceReading, models: [UInt16], nameplate: Nameplate,
    base: Int = SunSpecModel.bases[0]
  ) -> RegisterImage {
    var words = SunSpecModel.marker
    for id in models { words += self.words(of: id, reading: reading, nameplate: nameplate) }
    words += [SunSpecModel.end, 0]
    var image = RegisterImage()
    image.write(words, at: base, in: .holding)
    return image
  }

  private static func words(
    of id: UInt16, reading: DeviceReading, nameplate: Nameplate
  ) -> [UInt16] {
    let words: SunSpecWords =
      switch id {
      case 1: SunSpecWords(nameplate.words)
      case 101...103, 111...113, 701: inverter(id, reading)
      case 120: ratings(reading)
      case 121: settings(reading)
      case 122: status(reading)
      case 123: controls(reading)
      case 124: storage(reading)
      case 160: inputs(reading)
      case 201...204, 211...214: meter(id, reading)
      case 702: capacity(reading)
      case 704: steering(reading)
      case 713: store(reading)
      case 714: ports(reading)
      case 802: battery(reading)
      case 803: strings(reading)
      default: blank(id)
      }
    return words.words
  }

  static func blank(_ id: UInt16, blocks: Int = 0) -> SunSpecWords {
    SunSpecWords(SunSpecLayout.words(of: id, blocks: blocks) ?? [])
  }

  private static func inverter(_ id: UInt16, _ reading: DeviceReading) -> SunSpecWords {
    var words = blank(id)
    let points = SunSpecTable.inverter(id)
    let panels = reading.pvPower
    let output = reading.inverterPower ?? panels.map { $0 - (reading.batteryPower ?? .zero) }
    if let output { words.putFitted(output.rawValue, at: points.power, base: 1000) }
    if let panels, let point = points.directPower {
      words.putFitted(panels.rawValue, at: point, base: 1000)
    }
    if let total = reading.generatedTotal { words.putTotal(total, at: points.total) }
    // A house that says nothing of its state follows the sun, or sleeps.
    let state = reading.operatingState ?? panels.map { $0 > .zero ? .producing : .sleeping }
    if let state { words.putCount(state.rawValue - points.stateOffset, at: points.state) }
    return words
  }

  private static func meter(_ id: UInt16, _ reading: DeviceReading) -> SunSpecWords {
    var words = blank(id)
    let points = SunSpecTable.meter(id)
    if let power = reading.gridPower {
      words.putFitted(power.rawValue, at: points.power, base: 1000)
    }
    if let total = reading.exportedTotal { words.putTotal(total, at: points.exported) }
    if let total = reading.importedTotal { words.putTotal(total, at: points.imported) }
    return words
  }

  private static func status(_ reading: DeviceReading) -> SunSpecWords {
    var words = blank(122)
    if let total = reading.generatedTotal { words.putTotal(total, at: SunSpecTable.Status.total) }
    return words
  }
}

extension SunSpecWords {
  /// Rounded down, as a counter shows only the steps that it has completed: watt-hours.
  mutating func putTotal(_ total: Energy, at point: SunSpecPoint) {
    if let factor = point.factor { putFactor(0, at: factor) }
    let wattHours = total.milliwattHours / 1000
    if point.kind == .float32 {
      put(wattHours * 1000, at: point, base: 1000)
    } else {
      putCount(wattHours, at: point)
    }
  }
}
