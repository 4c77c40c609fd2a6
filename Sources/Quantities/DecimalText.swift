/// Writes whole smallest units as a decimal number that a person reads.
public enum DecimalText {
  /// `value / 1000` with `places` (0 to 3) digits after the point, rounded half away from zero.
  public static func thousandths(_ value: Int64, places: Int) -> String {
    precondition((0...3).contains(places))
    let divisors: [Int64] = [1000, 100, 10, 1]
    let powers: [Int64] = [1, 10, 100, 1000]
    let divisor = divisors[places]
    let magnitude = value.magnitude
    let rounded = Int64((magnitude + UInt64(divisor) / 2) / UInt64(divisor))
    let sign = value < 0 && rounded != 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(rounded)" }
    let fraction = String(rounded % powers[places])
    let zeros = String(repeating: "0", count: places - fraction.count)
    return "\(sign)\(rounded / powers[places]).\(zeros)\(fraction)"
  }
}

extension Power {
  /// "640 W", or "3.2 kW" from 10 kW up.
  public var text: String {
    magnitude < Power(watts: 10_000)
      ? "\(watts) W" : DecimalText.thousandths(watts, places: 1) + " kW"
  }
}

extension Energy {
  /// "850 Wh" below 1 kWh, "1.25 kWh" from there.
  public var text: String {
    magnitude < Energy(wattHours: 1000)
      ? "\(wattHours) Wh" : DecimalText.thousandths(wattHours, places: 2) + " kWh"
  }
}

extension Credits {
  /// "1.25", in credits.
  public var text: String { DecimalText.thousandths(rawValue, places: 2) }
}

extension Price {
  /// "12.00", in credits per kWh.
  public var text: String { DecimalText.thousandths(rawValue, places: 2) }
}
