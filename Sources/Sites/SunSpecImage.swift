import Quantities

/// The registers of a simulated SunSpec house: an inverter, a store behind it, a meter.
public enum SunSpecImage {
  /// Which model the store shows itself by.
  public enum StoreModel: UInt16, Hashable, Sendable {
    /// Storage controls: a state of charge, no power.
    case controls = 124
    /// Battery base: state of charge, power and capacity.
    case battery = 802
  }

  /// What model 1 says about the device; ASCII, cut at 32 characters (version at 16).
  public struct Nameplate: Hashable, Sendable {
    public var maker: String
    public var model: String
    public var version: String
    public var serial: String

    public init(maker: String, model: String, version: String, serial: String) {
      self.maker = maker
      self.model = model
      self.version = version
      self.serial = serial
    }
  }

  /// Marker, models 1, 103, the store's, 203 and the end marker from register 40000 on.
  ///
  /// Points that `reading` does not know are "not implemented". Powers are given in watts, totals
  /// in watt-hours; a total of zero reads as "not implemented", as the models define it, so a
  /// simulated meter should start above it.
  public static func image(
    of reading: DeviceReading, storage: StoreModel?, nameplate: Nameplate
  ) -> RegisterImage {
    var words = SunSpecModel.marker
    words += common(nameplate)
    words += inverter(reading)
    switch storage {
    case .battery: words += battery(reading)
    case .controls: words += controls(reading)
    case nil: break
    }
    words += meter(reading)
    words += [SunSpecModel.end, 0]
    var image = RegisterImage()
    image.write(words, at: SunSpecModel.bases[0], in: .holding)
    return image
  }

  private static func common(_ nameplate: Nameplate) -> [UInt16] {
    var words = SunSpecLayout.words(of: 1) ?? []
    let texts = [
      (nameplate.maker, 2, 16), (nameplate.model, 18, 16), (nameplate.version, 42, 8),
      (nameplate.serial, 50, 16),
    ]
    for (text, offset, count) in texts {
      for (index, byte) in text.utf8.prefix(count * 2).enumerated() {
        words[offset + index / 2] |= UInt16(byte) << (index % 2 == 0 ? 8 : 0)
      }
    }
    return words
  }

  private static func inverter(_ reading: DeviceReading) -> [UInt16] {
    var words = SunSpecLayout.words(of: 103) ?? []
    guard let panels = reading.pvPower else { return words }
    let output = panels - (reading.batteryPower ?? .zero)
    put(output, at: 14, factor: 15, in: &words)
    put(panels, at: 31, factor: 32, in: &words)
    // Operating state: 4 follows the sun, 2 sleeps (model 103, St).
    words[38] = panels > .zero ? 4 : 2
    return words
  }

  private static func battery(_ reading: DeviceReading) -> [UInt16] {
    var words = SunSpecLayout.words(of: 802) ?? []
    if let charge = reading.stateOfCharge {
      words[11] = UInt16(clamping: charge.permille)
      words[56] = UInt16(bitPattern: -1)
    }
    if let capacity = reading.batteryCapacity {
      let (count, exponent) = counts(of: capacity.wattHours, limit: 0xFFFE)
      words[3] = UInt16(clamping: count)
      words[53] = UInt16(exponent)
    }
    if let power = reading.batteryPower { put(-power, at: 47, factor: 63, in: &words) }
    return words
  }

  private static func controls(_ reading: DeviceReading) -> [UInt16] {
    var words = SunSpecLayout.words(of: 124) ?? []
    if let charge = reading.stateOfCharge {
      words[8] = UInt16(clamping: charge.permille)
      words[22] = UInt16(bitPattern: -1)
    }
    return words
  }

  private static func meter(_ reading: DeviceReading) -> [UInt16] {
    var words = SunSpecLayout.words(of: 203) ?? []
    if let power = reading.gridPower { put(power, at: 18, factor: 22, in: &words) }
    for (total, offset) in [(reading.exportedTotal, 38), (reading.importedTotal, 46)] {
      guard let total else { continue }
      // Rounded down, as a counter shows only the steps it has completed; it wraps at 32 bits.
      let count = UInt32(truncatingIfNeeded: total.milliwattHours / 1000)
      words[offset] = UInt16(truncatingIfNeeded: count >> 16)
      words[offset + 1] = UInt16(truncatingIfNeeded: count)
      words[54] = 0
    }
    return words
  }

  private static func put(_ power: Power, at offset: Int, factor: Int, in words: inout [UInt16]) {
    let (count, exponent) = counts(of: power.watts, limit: 0x7FFF)
    words[offset] = UInt16(bitPattern: Int16(clamping: count))
    words[factor] = UInt16(exponent)
  }

  /// The number in counts of the smallest power of ten, at least 1, that brings it within `limit`.
  private static func counts(of value: Int64, limit: UInt64) -> (count: Int64, exponent: Int) {
    var count = value
    var exponent = 0
    while count.magnitude > limit, exponent < 10 {
      count /= 10
      exponent += 1
    }
    return (count, exponent)
  }
}
