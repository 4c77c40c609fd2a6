import Quantities
import Sites

/// What a device said, in a line for a person.
enum ReadingText {
  private static let words: [(DeviceQuantity, String)] = [
    (.pvPower, "sun"), (.loadPower, "load"), (.gridPower, "grid"), (.batteryPower, "battery"),
    (.stateOfCharge, "charge"), (.batteryCapacity, "capacity"), (.inverterPower, "inverter"),
    (.importedTotal, "imported"), (.exportedTotal, "exported"), (.generatedTotal, "generated"),
    (.chargedTotal, "charged"), (.dischargedTotal, "discharged"), (.ratedPower, "rated"),
    (.powerLimit, "limited to"), (.powerLimitPermille, "limited to"),
    (.exportLimit, "export limit"), (.maximumCharge, "charges at most"),
    (.maximumDischarge, "discharges at most"), (.operatingState, "is"),
  ]

  /// Each known quantity with its word and value.
  static func parts(_ meanings: [RegisterDump.Meaning]) -> [String] {
    words.compactMap { quantity, word in
      guard let value = meanings.first(where: { $0.quantity == quantity })?.value else {
        return nil
      }
      return "\(word) \(text(value, of: quantity))"
    }
  }

  static func text(_ value: Int64, of quantity: DeviceQuantity) -> String {
    switch quantity {
    case .operatingState: OperatingState(rawValue: value)?.word ?? "?"
    case .stateOfCharge, .powerLimitPermille: "\(value / 10)%"
    case _ where quantity.isTotal || quantity == .batteryCapacity: Energy(rawValue: value).text
    case .gridPower, .batteryPower: (value > 0 ? "+" : "") + Power(rawValue: value).text
    default: Power(rawValue: value).text
    }
  }

  /// `parts` in lines of at most `width` characters.
  static func lines(_ parts: [String], width: Int) -> [String] {
    var lines: [String] = []
    for part in parts {
      if let last = lines.last, last.count + 2 + part.count <= width {
        lines[lines.count - 1] = last + "  " + part
      } else {
        lines.append(part)
      }
    }
    return lines
  }
}

extension RegisterDump {
  /// What the meanings say, as a reading.
  func reading(device: DeviceName) -> DeviceReading {
    var reading = DeviceReading(device: device, at: .distantPast)
    for meaning in meanings { reading[meaning.quantity] = meaning.value }
    return reading
  }
}
