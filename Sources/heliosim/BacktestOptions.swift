import Daemon
import Planning
import Quantities
import Simulation

/// What `heliosim backtest` was asked for.
package struct BacktestOptions {
  package var file = ""
  package var equipment = RecordedEquipment()
  package var patterns: [JobPattern] = []
  package var prices = BacktestPrices()
  /// How often the station reads the house and decides.
  package var interval = TimeSpan(minutes: 5)
  /// The first UTC day, and the day after the last.
  package var from: Instant?
  package var to: Instant?
  package var wantsJSON = false
  package var wantsDays = false
  package var wantsLog = false
  package var wantsHelp = false

  private var zone = "UTC"
  private var latitude: Angle?
  private var longitude: Angle?
  private var tilt: Angle?
  private var azimuth: Angle?
  private var peak: Power?
  private var batteryPower: (charge: Power?, discharge: Power?) = (nil, nil)

  package init(_ arguments: [String]) throws(StreetError) {
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if take(flag: option) { continue }
      guard option.hasPrefix("--") else {
        throw StreetError("\(option): expected an option. See heliosim backtest --help")
      }
      guard let value = rest.popFirst() else {
        throw StreetError("\(option): expected a value after it. See heliosim backtest --help")
      }
      try take(option, value)
    }
    guard !wantsHelp else { return }
    guard !file.isEmpty else {
      throw StreetError("--data: expected the household's file. See heliosim backtest --help")
    }
    try settle()
  }

  private mutating func take(flag: String) -> Bool {
    switch flag {
    case "--help", "-h": wantsHelp = true
    case "--json": wantsJSON = true
    case "--days": wantsDays = true
    case "--log": wantsLog = true
    default: return false
    }
    return true
  }

  private mutating func take(_ option: String, _ value: String) throws(StreetError) {
    func number(_ range: ClosedRange<Int64>) throws(StreetError) -> Int64 {
      try Self.thousandths(value, range, option) / 1000
    }
    func decimal(_ range: ClosedRange<Int64>) throws(StreetError) -> Int64 {
      try Self.thousandths(value, range, option)
    }
    func price() throws(StreetError) -> Price {
      Price(millicreditsPerKilowattHour: try decimal(-100_000...100_000))
    }
    func angle(_ range: ClosedRange<Int64>) throws(StreetError) -> Angle {
      Angle(microdegrees: try decimal(range) * 1000)
    }
    switch option {
    case "--data": file = value
    case "--battery":
      equipment.batteryCapacity = Energy(wattHours: try decimal(0...1000))
    case "--charge": batteryPower.charge = Power(watts: try number(0...1_000_000))
    case "--discharge": batteryPower.discharge = Power(watts: try number(0...1_000_000))
    case "--efficiency": equipment.efficiencyPermille = try number(1...1000)
    case "--reserve": equipment.reserve = StateOfCharge(percent: try number(0...100))
    case "--charged": equipment.stateOfCharge = StateOfCharge(percent: try number(0...100))
    case "--export-limit": equipment.exportLimit = Power(watts: try number(0...1_000_000))
    case "--job":
      guard let pattern = JobPattern(text: value) else {
        throw StreetError("--job: expected such as 300Wx4h or \"1kW x 90min\", found \(value)")
      }
      patterns.append(pattern)
    case "--import-price": prices.importPrice = try price()
    case "--export-price": prices.exportPrice = try price()
    case "--wear-price": prices.wearPrice = try price()
    case "--stored-price": prices.storedPrice = try price()
    case "--step": interval = TimeSpan(minutes: try number(1...15))
    case "--from": from = try Self.day(value, option)
    case "--to": to = try Self.day(value, option)
    case "--zone": zone = value
    case "--latitude": latitude = try angle(-90...90)
    case "--longitude": longitude = try angle(-180...180)
    case "--tilt": tilt = try angle(0...90)
    case "--azimuth": azimuth = try angle(0...360)
    case "--peak": peak = Power(watts: try number(1...1_000_000))
    default: throw StreetError("\(option): no such option. See heliosim backtest --help")
    }
  }

  /// Fills in what follows from the rest.
  private mutating func settle() throws(StreetError) {
    if patterns.isEmpty { patterns = JobPattern.usual }
    // A home battery moves half of what it holds in an hour.
    let usual = Power(watts: equipment.batteryCapacity.wattHours / 2)
    equipment.maximumCharge = batteryPower.charge ?? usual
    equipment.maximumDischarge = batteryPower.discharge ?? usual
    guard (latitude == nil) == (longitude == nil) else {
      throw StreetError("--latitude and --longitude go together")
    }
    let told = [tilt != nil, azimuth != nil, peak != nil]
    guard told.allSatisfy({ $0 == told[0] }) else {
      throw StreetError("--tilt, --azimuth and --peak go together")
    }
  }

  /// What is to be lived through of `record`, with one of the patterns.
  package func plan(
    _ record: HouseholdRecord, _ pattern: JobPattern
  ) throws(StreetError) -> BacktestPlan {
    let part = record.part(from: from ?? record.start, to: to ?? record.end)
    guard part.count > 0 else { throw StreetError("\(file): nothing in it from --from to --to") }
    var plan = BacktestPlan(record: part, equipment: equipment, pattern: pattern)
    plan.prices = prices
    plan.interval = interval
    plan.localTime = try localTime(from: part.start)
    if let latitude, let longitude { plan.place = Place(latitude: latitude, longitude: longitude) }
    if let tilt, let azimuth, let peak {
      plan.panels = [PanelArray(tilt: tilt, azimuth: azimuth, peak: peak)]
    }
    return plan
  }

  private func localTime(from instant: Instant) throws(StreetError) -> LocalTime {
    if let offset = Self.offset(zone) {
      return LocalTime(changes: [LocalTime.Change(from: .distantPast, offset: offset)])
    }
    guard let localTime = TimeZoneTable.localTime(zone: zone, from: instant) else {
      throw StreetError("--zone: expected such as Europe/Berlin or +01:00, found \(zone)")
    }
    return localTime
  }

  /// "+01:00" or "-03:30" as a span; nil for anything else.
  private static func offset(_ text: String) -> TimeSpan? {
    let parts = text.dropFirst().split(separator: ":")
    guard text.hasPrefix("+") || text.hasPrefix("-"), parts.count == 2, let hours = Int64(parts[0]),
      let minutes = Int64(parts[1]), (0...14).contains(hours), (0...59).contains(minutes)
    else { return nil }
    let span = TimeSpan(minutes: hours * 60 + minutes)
    return text.hasPrefix("-") ? -span : span
  }

  private static func day(_ text: String, _ option: String) throws(StreetError) -> Instant {
    guard let instant = TimestampText.instant(text + "T00:00:00Z") else {
      throw StreetError("\(option): expected a day such as 2016-06-01, found \(text)")
    }
    return instant
  }

  /// A decimal number in thousandths; `range` is in whole ones.
  private static func thousandths(
    _ text: String, _ range: ClosedRange<Int64>, _ option: String
  ) throws(StreetError) -> Int64 {
    let problem = StreetError(
      "\(option): expected a number from \(range.lowerBound) to \(range.upperBound), found \(text)")
    let isNegative = text.hasPrefix("-")
    let parts = text.drop { $0 == "-" }.split(separator: ".", omittingEmptySubsequences: false)
    let decimals = parts.count == 2 ? String(parts[1]) : ""
    guard (1...2).contains(parts.count), parts[0].utf8.count <= 9, decimals.utf8.count <= 3,
      parts.allSatisfy({ $0.allSatisfy(\.isWholeNumber) && !$0.isEmpty }),
      let whole = Int64(parts[0]), let part = Int64(decimals.isEmpty ? "0" : decimals)
    else { throw problem }
    let scale: [Int64] = [1, 100, 10, 1]
    let magnitude = whole * 1000 + part * scale[decimals.utf8.count]
    let value = isNegative ? -magnitude : magnitude
    guard (range.lowerBound * 1000...range.upperBound * 1000).contains(value) else { throw problem }
    return value
  }
}
