import Daemon
import Planning
import Quantities
import Testing

@Suite("Configuration of prices, place, panels and weather")
struct OutlookConfigurationTests {
  static func read(_ text: String) throws(ConfigurationError) -> Configuration {
    let whole = "{ name: \"a\", community: \"x\",\n\(text) }"
    return try Configuration(text: Array(whole.utf8), file: "node.json5")
  }

  @Test("reads every field")
  func everything() throws {
    let configuration = try Self.read(
      """
      place: { latitude: 51.312345, longitude: -9.5, elevation: 170 },
      panels: [{ tilt: 35, azimuth: 187.5, peakWatts: 6200 },
               { tilt: 0, azimuth: 0, peakWatts: 1 }],
      battery: { capacityWattHours: 10000, efficiencyPercent: 90, wearPrice: 2.5 },
      tariff: { importPrice: 30, exportPrice: 8, exportLimitWatts: 5000, prices: "/srv/prices.csv",
                importBands: [{ from: "22:00", to: "06:00", price: 12.5 },
                              { from: "17:15", to: "20:00", price: 42 }],
                exportBands: [{ from: "00:00", to: "24:00", price: 3 }] },
      weather: { url: "https://weather.example/v1/forecast?latitude=51.3", everyMinutes: 30 },
      """)
    let place = try #require(configuration.place)
    #expect(place.latitude == Angle(microdegrees: 51_312_345))
    #expect(place.longitude == Angle(microdegrees: -9_500_000))
    #expect(place.elevationMetres == 170)
    #expect(configuration.panels.map(\.azimuth) == [Angle(microdegrees: 187_500_000), .zero])
    #expect(configuration.panels.first?.peak == Power(watts: 6200))
    #expect(configuration.battery?.efficiencyPermille == 900)
    #expect(configuration.battery?.wearPrice == Price(millicreditsPerKilowattHour: 2500))
    #expect(configuration.exportLimit == Power(watts: 5000))
    #expect(configuration.priceList == "/srv/prices.csv")
    let bands = configuration.tariff.importPrices.bands
    #expect(bands.map(\.fromMinute) == [1320, 1035])
    #expect(bands.map(\.toMinute) == [360, 1200])
    #expect(bands.first?.price == Price(millicreditsPerKilowattHour: 12_500))
    #expect(configuration.tariff.exportPrices.bands.first?.holds(minute: 720) == true)
    let url = "https://weather.example/v1/forecast?latitude=51.3"
    #expect(configuration.weather == .url(url, every: TimeSpan(minutes: 30)))
    let file = try Self.read("weather: { file: \"/srv/weather.json\" }")
    #expect(file.weather == .file("/srv/weather.json"))
    #expect(file.place == nil && file.panels.isEmpty && file.exportLimit == nil)
  }

  @Test("understands the lines of the description that the package brings, once they are taken in")
  func example() throws {
    let path = InstallerToolTests.House.profiles + "/../../../Boards/heliograph.json5"
    let bytes = try #require(FileText.read(path))
    let fields = ["battery:", "place:", "panels:", "tariff:", "weather: { url"]
    var isIn = false
    var lines: [String] = []
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let begins = fields.contains { line.hasPrefix("  // " + $0) }
      isIn = begins || (isIn && line.hasPrefix("  //   "))
      lines.append(isIn ? String(line.dropFirst(4)) : String(line))
    }
    let configuration = try Configuration(
      text: Array(lines.joined(separator: "\n").utf8), file: "heliograph.json5")
    #expect(configuration.place != nil && configuration.panels.count == 1)
    #expect(configuration.tariff.importPrices.bands.count == 1)
    #expect(configuration.tariff.exportPrices.bands.count == 1)
    #expect(configuration.battery?.efficiencyPermille == 950)
    #expect(configuration.priceList != nil && configuration.exportLimit != nil)
    guard case .url = configuration.weather else {
      Issue.record("no weather")
      return
    }
  }

  @Test(
    "names file, line, field and what was expected",
    arguments: [
      ("place: { longitude: 9 }", "node.json5:2: place.latitude: missing: expected degrees north"),
      ("place: { latitude: 91, longitude: 9 }", "degrees north from -90 to 90"),
      ("place: { latitude: 1.1234567, longitude: 9 }", "at most six digits after the point"),
      ("place: { latitude: 1, longitude: 9, elevation: 9001 }", "place.elevation: expected"),
      ("place: { latitude: 1, longitude: 9, height: 9 }", "place.height: unknown field"),
      ("panels: [{ tilt: 91, azimuth: 0, peakWatts: 1 }]", "panels[0].tilt: expected degrees"),
      ("panels: [{ tilt: 9, azimuth: -1, peakWatts: 1 }]", "panels[0].azimuth: expected degrees"),
      ("panels: [{ tilt: 9, azimuth: 9 }]", "panels[0].peakWatts: missing"),
      ("battery: { capacityWattHours: 1, efficiencyPercent: 101 }", "battery.efficiencyPercent"),
      ("battery: { capacityWattHours: 1, wearPrice: -1 }", "battery.wearPrice: expected credits"),
      ("tariff: { importBands: [{ from: \"22\", to: \"6\", price: 1 }] }", "found \"22\""),
      ("tariff: { importBands: [{ from: \"22:10\", to: \"06:00\", price: 1 }] }", "a quarter of"),
      ("tariff: { importBands: [{ from: \"+1:00\", to: \"06:00\", price: 1 }] }", "such as 22:00"),
      ("tariff: { importBands: [{ from: \"22:00\", price: 1 }] }", "importBands[0].to: missing"),
      ("tariff: { exportBands: [{ from: \"22:00\", to: \"23:00\" }] }", "[0].price: missing"),
      (
        "tariff: { importBands: [{ from: \"22:00\", to: \"06:00\", price: 1 },\n"
          + "{ from: \"05:45\", to: \"07:00\", price: 1 }] }",
        "node.json5:3: tariff.importBands[1].from: lies within importBands[0]"
      ),
      ("tariff: { prices: \"prices.csv\" }", "tariff.prices: expected an absolute path"),
      ("tariff: { exportLimitWatts: -1 }", "tariff.exportLimitWatts: expected whole watts"),
      ("weather: { }", "weather.file: missing: expected the path of a JSON file, or url"),
      ("weather: { file: \"/a\", url: \"http://b\" }", "weather.url: expected either"),
      ("weather: { file: \"/a\", everyMinutes: 60 }", "weather.everyMinutes: is for a url"),
      ("weather: { url: \"ftp://b\" }", "weather.url: expected an address that begins with"),
      ("weather: { url: \"http://\" }", "weather.url: expected an address"),
      ("weather: { url: \"http://a b\" }", "weather.url: expected an address"),
      ("weather: { url: \"http://b\", everyMinutes: 1 }", "expected whole minutes from 15 to"),
    ])
  func errors(text: String, expected: String) {
    do throws(ConfigurationError) {
      _ = try Self.read(text)
      Issue.record("was accepted: \(text)")
    } catch {
      #expect(error.description.contains(expected), "\(error)")
    }
  }
}
