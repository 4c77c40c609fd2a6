import Quantities

/// The rails of a Jetson that its INA3221 sensors measure.
///
/// Source: NVIDIA's documentation of the sensors in sysfs: `in{n}_label`, `in{n}_input` in mV and
/// `curr{n}_input` in mA below the chip's `hwmon`.
struct JetsonRails {
  /// Labels of the rail that feeds the whole module.
  private static let whole = ["VDD_IN", "POM_5V_IN"]

  private var rails: [(label: String, voltage: String, current: String)] = []

  /// Nil where no such sensor is.
  init?(root: String) {
    let bus = root + "/sys/bus/i2c/devices"
    for device in SystemFile.names(in: bus)
    where SystemFile.text("\(bus)/\(device)/name") == "ina3221" {
      let chips = "\(bus)/\(device)/hwmon"
      for chip in SystemFile.names(in: chips) where chip.hasPrefix("hwmon") {
        for channel in 1...3 {
          let folder = "\(chips)/\(chip)"
          guard let label = SystemFile.text("\(folder)/in\(channel)_label"), label != "NC" else {
            continue
          }
          rails.append((label, "\(folder)/in\(channel)_input", "\(folder)/curr\(channel)_input"))
        }
      }
    }
    if rails.isEmpty { return nil }
  }

  /// The whole module's rail, else the sum of all; nil when one of them can't be read.
  func power() -> Power? {
    if let whole = rails.first(where: { Self.whole.contains($0.label) }) { return power(of: whole) }
    var sum = Power.zero
    for rail in rails {
      guard let power = power(of: rail) else { return nil }
      sum = sum + power
    }
    return sum
  }

  private func power(of rail: (label: String, voltage: String, current: String)) -> Power? {
    let range: ClosedRange<Int64> = 0...1_000_000
    guard let millivolts = SystemFile.text(rail.voltage).flatMap({ Int64($0) }),
      let milliamperes = SystemFile.text(rail.current).flatMap({ Int64($0) }),
      range.contains(millivolts), range.contains(milliamperes)
    else { return nil }
    return Power(milliwatts: millivolts * milliamperes / 1000)
  }
}
