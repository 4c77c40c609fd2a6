import Planning
import Quantities
import Sites

/// The sections that plan and forecast go by: prices, place, panels, weather.
extension Configuration {
  private static let priceUnit = "credits per kWh"

  /// `tariff: { importPrice: 30, exportPrice: 8, importBands: [{ from: "22:00", to: "06:00",
  /// price: 12 }], exportBands: […], prices: "/path/prices.csv", exportLimitWatts: 5000 }`.
  mutating func readTariff(_ reader: inout ConfigurationReader) throws(ConfigurationError) {
    guard var entry = try reader.object("tariff") else { return }
    if let price = try entry.thousandths("importPrice", in: Self.prices, unit: Self.priceUnit) {
      tariff.importPrices.plain = Price(millicreditsPerKilowattHour: price)
    }
    if let price = try entry.thousandths("exportPrice", in: Self.prices, unit: Self.priceUnit) {
      tariff.exportPrices.plain = Price(millicreditsPerKilowattHour: price)
    }
    tariff.importPrices.bands = try Self.bands("importBands", &entry)
    tariff.exportPrices.bands = try Self.bands("exportBands", &entry)
    priceList = try Self.directory("prices", &entry)
    let limit = try entry.integer("exportLimitWatts", in: Self.watts, unit: "watts")
    exportLimit = limit.map { Power(watts: $0) }
    try entry.finish()
  }

  private static func bands(
    _ field: String, _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> [Tariff.Band] {
    var bands: [Tariff.Band] = []
    for var entry in try reader.objects(field, atMost: 24) {
      let from = try minute("from", &entry)
      let to = try minute("to", &entry)
      guard let price = try entry.thousandths("price", in: prices, unit: priceUnit) else {
        throw entry.missing("price", "credits per kWh")
      }
      try entry.finish()
      let band = Tariff.Band(
        fromMinute: from, toMinute: to, price: Price(millicreditsPerKilowattHour: price))
      if let other = bands.firstIndex(where: { Self.overlap($0, band) }) {
        throw entry.error("from", "lies within \(field)[\(other)]: expected bands side by side")
      }
      bands.append(band)
    }
    return bands
  }

  /// "22:00", at a quarter of an hour, as minutes after local midnight.
  private static func minute(
    _ field: String, _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> Int64 {
    let expected = "a time of day at a quarter of an hour, such as 22:00"
    let text = try reader.requiredText(field, expected)
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    // "24:00" is how people write the end of a day.
    if text == "24:00" { return 0 }
    guard parts.count == 2, parts.map(\.utf8.count) == [2, 2],
      text.utf8.allSatisfy({ (48...58).contains($0) }), let hour = Int64(parts[0]),
      let minute = Int64(parts[1]), (0..<24).contains(hour), [0, 15, 30, 45].contains(minute)
    else { throw reader.error(field, "expected \(expected), found \"\(text.prefix(40))\"") }
    return hour * 60 + minute
  }

  private static func overlap(_ left: Tariff.Band, _ right: Tariff.Band) -> Bool {
    (Int64(0)..<96).contains { left.holds(minute: $0 * 15) && right.holds(minute: $0 * 15) }
  }

  /// `place: { latitude: 51.3, longitude: 9.5, elevation: 170 }`: degrees and metres.
  static func housePlace(
    _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> Planning.Place? {
    guard var entry = try reader.object("place") else { return nil }
    let north = "degrees north"
    let east = "degrees east"
    guard
      let latitude = try entry.millionths("latitude", in: -90_000_000...90_000_000, unit: north)
    else { throw entry.missing("latitude", north) }
    guard
      let longitude = try entry.millionths(
        "longitude", in: -180_000_000...180_000_000, unit: east)
    else { throw entry.missing("longitude", east) }
    let elevation = try entry.integer("elevation", in: -500...9000, unit: "metres")
    try entry.finish()
    return Planning.Place(
      latitude: Angle(microdegrees: latitude), longitude: Angle(microdegrees: longitude),
      elevationMetres: elevation ?? 0)
  }

  /// `panels: [{ tilt: 35, azimuth: 180, peakWatts: 6200 }]`: degrees; 180 faces south.
  static func panels(
    _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> [PanelArray] {
    var panels: [PanelArray] = []
    for var entry in try reader.objects("panels", atMost: 8) {
      let fromFlat = "degrees from lying flat"
      let fromNorth = "degrees clockwise from north"
      guard let tilt = try entry.millionths("tilt", in: 0...90_000_000, unit: fromFlat) else {
        throw entry.missing("tilt", fromFlat)
      }
      guard let azimuth = try entry.millionths("azimuth", in: 0...360_000_000, unit: fromNorth)
      else { throw entry.missing("azimuth", fromNorth) }
      guard let peak = try entry.integer("peakWatts", in: 1...1_000_000, unit: "watts") else {
        throw entry.missing("peakWatts", "watts in standard test conditions")
      }
      try entry.finish()
      panels.append(
        PanelArray(
          tilt: Angle(microdegrees: tilt), azimuth: Angle(microdegrees: azimuth),
          peak: Power(watts: peak)))
    }
    return panels
  }

  /// `weather: { file: "/path/weather.json" }` or `{ url: "https://…", everyMinutes: 60 }`.
  static func weather(
    _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> Weather? {
    guard var entry = try reader.object("weather") else { return nil }
    let file = try directory("file", &entry)
    let url = try entry.text("url", "an address that begins with http:// or https://")
    let minutes = try entry.integer("everyMinutes", in: 15...1440, unit: "minutes")
    try entry.finish()
    switch (file, url) {
    case (.some, .some): throw entry.error("url", "expected either file or url, found both")
    case (nil, nil): throw entry.missing("file", "the path of a JSON file, or url")
    case (let file?, nil):
      guard minutes == nil else {
        throw entry.error("everyMinutes", "is for a url: a file is read when it changes")
      }
      return .file(file)
    case (nil, let url?):
      let isPlain = url.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
      let hasHost = ["http://", "https://"].contains { url.hasPrefix($0) && url != $0 }
      guard isPlain, hasHost, url.utf8.count <= 2000 else {
        throw entry.error(
          "url",
          "expected an address that begins with http:// or https://, found "
            + "\"\(url.prefix(80))\"")
      }
      return .url(url, every: TimeSpan(minutes: minutes ?? 60))
    }
  }
}
