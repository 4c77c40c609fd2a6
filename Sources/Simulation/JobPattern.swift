import Quantities

/// A job that comes again every day, with the day to do it in.
public struct JobPattern: Hashable, Sendable {
  /// What it draws while it runs.
  public let power: Power
  /// How long it has to run, a minute to a day.
  public let duration: TimeSpan

  /// Values outside their range are brought back to it.
  public init(power: Power, duration: TimeSpan) {
    self.power = max(Power(milliwatts: 1), power)
    self.duration = duration.clamped(to: .minute ... .day)
  }

  /// The three that every household is asked for unless others are named.
  public static let usual = [
    JobPattern(power: Power(watts: 300), duration: TimeSpan(minutes: 240)),
    JobPattern(power: Power(watts: 1000), duration: TimeSpan(minutes: 120)),
    JobPattern(power: Power(watts: 60), duration: TimeSpan(minutes: 720)),
  ]

  /// Reads "300W x 4h" or "1kW x 90min", with or without spaces; nil for anything else.
  public init?(text: String) {
    let parts = text.lowercased().filter { $0 != " " }.split(separator: "x")
    guard parts.count == 2,
      let watts = Self.number(parts[0], ["kw": 1000, "w": 1], 1...1_000_000),
      let minutes = Self.number(parts[1], ["min": 1, "h": 60], 1...1440)
    else { return nil }
    self.init(power: Power(watts: watts), duration: TimeSpan(minutes: minutes))
  }

  private static func number(
    _ text: Substring, _ units: KeyValuePairs<String, Int64>, _ range: ClosedRange<Int64>
  ) -> Int64? {
    guard let unit = units.first(where: { text.hasSuffix($0.key) }) else { return nil }
    let digits = text.dropLast(unit.key.count)
    guard digits.utf8.count <= 9, let number = Int64(digits) else { return nil }
    let value = number * unit.value
    return range.contains(value) ? value : nil
  }

  /// "300 W × 4 h".
  public var text: String {
    let minutes = duration.minutes
    return power.text + " × " + (minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes) min")
  }
}
