import Planning
import Quantities

/// Reads a weather outlook in the JSON shape of Open-Meteo's forecast (`/v1/forecast` with
/// `hourly=shortwave_radiation,cloud_cover,temperature_2m`).
///
/// Radiation is the mean of the hour *before* its time; cloud and temperature are of the moment, so
/// an hour's are the means of its two ends. Times are local by `utc_offset_seconds`, or with
/// `timeformat=unixtime` seconds of UTC. A `null` is unknown. `minutely_15` (quarters of an hour)
/// fills the hours that `hourly` leaves open. Anything that does not fit is refused whole: half of
/// an outlook in the wrong unit is worse than none.
public enum OpenMeteo {
  /// The largest answer or file that is read.
  public static let maximumBytes = 256 << 10

  /// The hours from a day before `now` on, of which some must lie ahead; `readAt` says how old they
  /// are.
  public static func outlook(
    _ bytes: [UInt8], readAt: Instant, at now: Instant
  ) throws(RunnerError) -> WeatherOutlook {
    guard bytes.count <= maximumBytes else {
      throw refused("more than \(maximumBytes) bytes")
    }
    let value: JSONValue
    do { value = try JSONParser.parse(bytes) } catch {
      throw refused("byte \(error.offset): expected \(error.expected)")
    }
    if let reason = value["reason"]?.text {
      throw refused("the service says: \(SystemText.printable(reason, limit: 80))")
    }
    let offset = value["utc_offset_seconds"]?.integer ?? 0
    guard (-54_000...54_000).contains(offset) else {
      throw refused("utc_offset_seconds: expected -54000 to 54000, found \(offset)")
    }
    let hourly = try Series(value, "hourly", step: 3600, offset: offset)
    let quarters = try Series(value, "minutely_15", step: 900, offset: offset)
    guard let times = hourly?.times ?? quarters?.times, !times.isEmpty else {
      throw refused("expected hourly.time or minutely_15.time, a list of times")
    }
    let known = hours(hourly, quarters).filter { $0.start >= now - TimeSpan.day }
    guard let last = known.last, last.start + TimeSpan.hour > now else {
      let fields = Field.allCases.map(\.rawValue).joined(separator: ", ")
      throw refused("says nothing from now on: expected hours to come with one of \(fields)")
    }
    return WeatherOutlook(readAt: readAt, hours: known)
  }

  /// One for each hour of which something is known.
  private static func hours(_ hourly: Series?, _ quarters: Series?) -> [WeatherOutlook.Hour] {
    var ends = Set(hourly?.times ?? [])
    for time in quarters?.times ?? [] where quarters?.isWholeHour(time) == true {
      ends.insert(time)
    }
    return ends.sorted().compactMap { end -> WeatherOutlook.Hour? in
      let start = end - TimeSpan.hour
      var hour = WeatherOutlook.Hour(start: start)
      let radiation = hourly?.value(.radiation, at: end) ?? quarters?.meanRadiation(before: end)
      hour.radiation = radiation.map { Irradiance(milliwattsPerSquareMetre: $0) }
      func mean(_ field: Field) -> Int64? {
        let known = [start, end].compactMap {
          hourly?.value(field, at: $0) ?? quarters?.value(field, at: $0)
        }
        return known.isEmpty ? nil : known.reduce(0, +) / Int64(known.count)
      }
      hour.cloudPermille = mean(.cloud).map { $0 / 100 }
      hour.temperatureMillidegrees = mean(.temperature)
      let isKnown =
        hour.radiation != nil || hour.cloudPermille != nil || hour.temperatureMillidegrees != nil
      return isKnown ? hour : nil
    }
  }

  fileprivate static func refused(_ why: String) -> RunnerError {
    RunnerError(.answer, "no weather outlook: \(why)")
  }
}

/// What is read of each time.
private enum Field: String, CaseIterable {
  case radiation = "shortwave_radiation"
  case cloud = "cloud_cover"
  case temperature = "temperature_2m"

  var unit: String {
    switch self {
    case .radiation: "W/m²"
    case .cloud: "%"
    case .temperature: "°C"
    }
  }

  /// In whole units.
  var range: ClosedRange<Int64> {
    switch self {
    case .radiation: 0...2000
    case .cloud: 0...100
    case .temperature: -100...80
    }
  }
}

/// One of the answer's tables.
private struct Series {
  /// The most times: 16 days of quarters, and some of the past.
  static let maximumTimes = 2000

  let times: [Instant]
  private let offset: TimeSpan
  /// In thousandths of the field's unit, by time.
  private var values: [Field: [Instant: Int64]] = [:]

  /// Nil where the answer lacks the table.
  init?(
    _ answer: JSONValue, _ name: String, step: Int64, offset seconds: Int64
  ) throws(RunnerError) {
    guard let table = answer[name], table != .null else { return nil }
    guard let entries = table["time"]?.elements else {
      throw OpenMeteo.refused("\(name).time: expected a list")
    }
    guard entries.count <= Self.maximumTimes else {
      throw OpenMeteo.refused("\(name).time: expected at most \(Self.maximumTimes) times")
    }
    offset = TimeSpan(seconds: seconds)
    var times: [Instant] = []
    for (index, entry) in entries.enumerated() {
      guard let time = Self.instant(entry, offset: offset) else {
        throw OpenMeteo.refused("\(name).time[\(index)]: expected a time such as 2026-06-21T10:00")
      }
      let follows = times.last.map { time.since($0) == TimeSpan(seconds: step) } ?? true
      guard follows else {
        throw OpenMeteo.refused("\(name).time[\(index)]: expected \(step) s after the one before")
      }
      times.append(time)
    }
    self.times = times
    for field in Field.allCases {
      try take(field, table, units: answer[name + "_units"], name)
    }
  }

  private mutating func take(
    _ field: Field, _ table: JSONValue, units: JSONValue?, _ name: String
  ) throws(RunnerError) {
    let path = "\(name).\(field.rawValue)"
    guard let column = table[field.rawValue], column != .null else { return }
    let unit = units?[field.rawValue]?.text
    guard unit == field.unit else {
      let shown = unit.map { SystemText.printable($0, limit: 20) } ?? "none"
      let place = "\(name)_units.\(field.rawValue)"
      throw OpenMeteo.refused("\(place): expected \(field.unit), found \(shown)")
    }
    guard let entries = column.elements, entries.count == times.count else {
      let found = column.elements.map { "\($0.count)" } ?? "none"
      throw OpenMeteo.refused("\(path): expected \(times.count) values, found \(found)")
    }
    var known: [Instant: Int64] = [:]
    for (index, (time, entry)) in zip(times, entries).enumerated() where entry != .null {
      guard case .number(let digits) = entry, let number = Double(digits),
        number >= Double(field.range.lowerBound), number <= Double(field.range.upperBound)
      else {
        let range = "\(field.range.lowerBound) to \(field.range.upperBound)"
        throw OpenMeteo.refused("\(path)[\(index)]: expected \(range) \(field.unit)")
      }
      known[time] = Int64((number * 1000).rounded())
    }
    values[field] = known
  }

  func value(_ field: Field, at time: Instant) -> Int64? { values[field]?[time] }

  /// The mean of the four quarters that end with `end`; nil unless all are known.
  func meanRadiation(before end: Instant) -> Int64? {
    let parts = [0, 15, 30, 45].compactMap {
      value(.radiation, at: end - TimeSpan(minutes: $0))
    }
    return parts.count == 4 ? parts.reduce(0, +) / 4 : nil
  }

  /// Whether the local clock shows a whole hour.
  func isWholeHour(_ time: Instant) -> Bool {
    (time + offset).millisecondsSince1970 % TimeSpan.hour.milliseconds == 0
  }

  /// "2026-06-21T10:00" of local time, or seconds since 1970.
  private static func instant(_ entry: JSONValue, offset: TimeSpan) -> Instant? {
    if let seconds = entry.integer {
      guard (0...253_402_300_799).contains(seconds) else { return nil }
      return Instant(millisecondsSince1970: seconds * 1000)
    }
    guard let text = entry.text, text.utf8.count == 16 || text.utf8.count == 19 else { return nil }
    let parts = text.split(separator: "T", omittingEmptySubsequences: false)
    guard parts.count == 2, let date = CivilDate(String(parts[0])) else { return nil }
    let clock = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    guard clock.count >= 2, clock.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(isDigit) }),
      let hour = Int64(clock[0]), let minute = Int64(clock[1]), hour < 24, minute < 60,
      clock.count == 2 || clock[2] == "00"
    else { return nil }
    let minutes = (date.dayNumber * 24 + hour) * 60 + minute
    return Instant(millisecondsSince1970: minutes * 60_000) - offset
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
