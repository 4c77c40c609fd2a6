import Quantities

/// What tools print about power, understood.
enum PowerText {
  /// A decimal such as "1.116" in millionths; nil for anything else, and beyond a million.
  static func millionths(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = Int64(parts[0]), (0...1_000_000) ~= whole
    else {
      return nil
    }
    guard parts.count == 2 else { return whole * 1_000_000 }
    let digits = parts[1].prefix(6)
    guard !digits.isEmpty, parts[1].allSatisfy({ $0.isASCII && $0.isNumber }),
      let fraction = Int64(digits + String(repeating: "0", count: 6 - digits.count))
    else { return nil }
    return whole * 1_000_000 + fraction
  }

  /// `vcgencmd pmic_read_adc`: lines such as `VDD_CORE_A current(7)=1.116A` and
  /// `VDD_CORE_V volt(15)=0.749V`; the sum of current × voltage over the rails that have both.
  static func raspberryPi(_ text: String) -> Power? {
    var currents: [(rail: Substring, value: Int64)] = []
    var voltages: [(rail: Substring, value: Int64)] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let words = line.split(separator: " ")
      guard words.count == 2, let number = words[1].split(separator: "=").last, number.count > 1
      else { continue }
      guard let value = millionths(number.dropLast()) else { continue }
      if words[0].hasSuffix("_A"), number.last == "A" {
        currents.append((words[0].dropLast(2), value))
      } else if words[0].hasSuffix("_V"), number.last == "V" {
        voltages.append((words[0].dropLast(2), value))
      }
    }
    var sum: Power?
    for current in currents {
      guard let voltage = voltages.first(where: { $0.rail == current.rail }) else { continue }
      // Microamperes times microvolts are picowatts; a milliwatt has 10⁹ of them.
      let rail = Power(milliwatts: current.value).scaled(by: voltage.value, over: 1_000_000_000)
      sum = (sum ?? .zero) + rail
    }
    return sum
  }

  /// `nvidia-smi` without units: a line of watts for each card; nil unless every card tells.
  static func nvidia(_ text: String) -> Power? {
    let lines = text.split(whereSeparator: \.isNewline)
    guard !lines.isEmpty else { return nil }
    var sum = Power.zero
    for line in lines {
      guard let watts = millionths(line.filter { $0 != " " }[...]) else { return nil }
      sum = sum + Power(milliwatts: watts / 1000)
    }
    return sum
  }
}
