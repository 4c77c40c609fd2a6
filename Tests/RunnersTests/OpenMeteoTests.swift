import Planning
import Quantities
import Runners
import Testing
import Thrown

@Suite("OpenMeteo")
struct OpenMeteoTests {
  /// 2026-06-21 00:00 UTC.
  static let midnight = Instant(millisecondsSince1970: 20_625 * 86_400_000)

  /// What every answer says of its columns.
  static let units =
    "\"hourly_units\":{\"shortwave_radiation\":\"W/m²\",\"cloud_cover\":\"%\","
    + "\"temperature_2m\":\"°C\"},"

  static func read(_ text: String) throws(RunnerError) -> WeatherOutlook {
    try OpenMeteo.outlook(Array(text.utf8), readAt: midnight, at: midnight)
  }

  static func at(_ minutes: Int64) -> Instant { midnight + TimeSpan(minutes: minutes) }

  @Test("takes radiation as the mean of the hour before its time, cloud and warmth of both ends")
  func hourly() throws {
    let outlook = try Self.read(
      """
      {"latitude":51.3,"utc_offset_seconds":7200,"timezone":"Europe/Berlin",
       "hourly_units":{"time":"iso8601","shortwave_radiation":"W/m²","cloud_cover":"%",
                       "temperature_2m":"°C"},
       "hourly":{"time":["2026-06-21T10:00","2026-06-21T11:00","2026-06-21T12:00"],
                 "shortwave_radiation":[312.5,null,700],"cloud_cover":[20,40,null],
                 "temperature_2m":[18.2,-0.4,21]}}
      """)
    #expect(outlook.readAt == Self.midnight)
    #expect(outlook.hours.map(\.start) == [Self.at(420), Self.at(480), Self.at(540)])
    #expect(
      outlook.hours.map(\.radiation) == [
        Irradiance(milliwattsPerSquareMetre: 312_500), nil, Irradiance(wattsPerSquareMetre: 700),
      ])
    #expect(outlook.hours.map(\.cloudPermille) == [200, 300, 400])
    #expect(outlook.hours.map(\.temperatureMillidegrees) == [18_200, 8900, 10_300])
  }

  @Test("takes seconds of UTC whatever the offset, and quarters where an hour is open")
  func unixTimeAndQuarters() throws {
    let start = Self.midnight.millisecondsSince1970 / 1000 + 36_000
    let quarters = (Int64(0)...8).map { "\(start + $0 * 900)" }.joined(separator: ",")
    let outlook = try Self.read(
      """
      {"utc_offset_seconds":7200,\(Self.units)
       "minutely_15_units":{"shortwave_radiation":"W/m²"},
       "hourly":{"time":[\(start + 3600),\(start + 7200)],"shortwave_radiation":[500,null]},
       "minutely_15":{"time":[\(quarters)],"shortwave_radiation":[1,2,3,4,5,100,200,300,400]}}
      """)
    #expect(outlook.hours.map(\.start) == [Self.at(600), Self.at(660)])
    #expect(
      outlook.hours.map(\.radiation) == [
        Irradiance(wattsPerSquareMetre: 500), Irradiance(wattsPerSquareMetre: 250),
      ])
  }

  @Test("lets what lies more than a day back go, and keeps at most sixteen days")
  func bounded() throws {
    let times = (0..<1900).map { index -> String in
      let date = CivilDate(dayNumber: 20_620 + Int64(index / 24)).text
      return "\"\(date)T\(index % 24 < 10 ? "0" : "")\(index % 24):00\""
    }
    let values = Array(repeating: "1", count: 1900).joined(separator: ",")
    let outlook = try Self.read(
      "{\(Self.units)\"hourly\":{\"time\":[\(times.joined(separator: ","))],"
        + "\"cloud_cover\":[\(values)]}}")
    #expect(outlook.hours.count == WeatherOutlook.maximumHours)
    #expect(outlook.hours.first?.start == Self.at(-1440))
  }

  @Test(
    "refuses whole what does not fit, and says where",
    arguments: [
      ("", "byte 0"), ("{", "a key in quotes"), ("[1]", "hourly.time"), ("{}", "hourly.time"),
      ("{\"hourly\":{}}", "hourly.time: expected a list"),
      ("{U\"hourly\":{\"time\":[]}}", "a list of times"),
      ("{\"error\":true,\"reason\":\"too many requests\\u0007\"}", "says: too many requests"),
      ("{U\"hourly\":{\"time\":[\"2026-06-21\"]}}", "hourly.time[0]"),
      ("{U\"hourly\":{\"time\":[\"2026-06-21T25:00\"]}}", "hourly.time[0]"),
      ("{U\"hourly\":{\"time\":[\"2026-02-30T01:00\"]}}", "hourly.time[0]"),
      ("{U\"hourly\":{\"time\":[-5]}}", "hourly.time[0]"),
      ("{U\"hourly\":{\"time\":[3600,7200,7200]}}", "hourly.time[2]: expected 3600 s after"),
      (
        "{U\"hourly\":{\"time\":[3600,7200],\"cloud_cover\":[1]}}",
        "hourly.cloud_cover: expected 2 values, found 1"
      ),
      ("{U\"hourly\":{\"time\":[3600],\"cloud_cover\":7}}", "expected 1 values, found none"),
      ("{U\"hourly\":{\"time\":[3600],\"cloud_cover\":[101]}}", "[0]: expected 0 to 100 %"),
      (
        "{U\"hourly\":{\"time\":[3600],\"cloud_cover\":[\"7\"]}}", "[0]: expected 0 to 100 %"
      ),
      (
        "{U\"hourly\":{\"time\":[3600],\"shortwave_radiation\":[1e9]}}",
        "expected 0 to 2000 W/m²"
      ),
      (
        "{U\"hourly\":{\"time\":[3600],\"temperature_2m\":[-1e99]}}",
        "expected -100 to 80 °C"
      ),
      (
        "{\"hourly_units\":{\"temperature_2m\":\"°F\"},"
          + "\"hourly\":{\"time\":[3600],\"temperature_2m\":[70]}}",
        "hourly_units.temperature_2m: expected °C, found ?F"
      ),
      (
        "{\"hourly\":{\"time\":[3600],\"temperature_2m\":[70]}}",
        "hourly_units.temperature_2m: expected °C, found none"
      ),
      ("{U\"hourly\":{\"time\":[3600],\"cloud_cover\":[7]}}", "nothing from now on"),
      ("{\"utc_offset_seconds\":99999,\"hourly\":{\"time\":[3600]}}", "utc_offset_seconds"),
    ])
  func refuses(text: String, part: String) {
    let whole = text.replacing("{U", with: "{" + Self.units)
    let error = thrown(RunnerError.self) { try Self.read(whole) }
    #expect(error?.code == .answer)
    #expect(error?.message.contains(part) == true, "\(error?.message ?? "taken")")
  }

  @Test("refuses more than 256 KiB, and takes any bytes without trapping")
  func survivesAnything() {
    let huge = [UInt8](repeating: UInt8(ascii: " "), count: OpenMeteo.maximumBytes + 1)
    #expect(throws: RunnerError.self) { try OpenMeteo.outlook(huge, readAt: .zero, at: .zero) }
    let good = Array(
      ("{\(Self.units)\"utc_offset_seconds\":0,\"hourly\":{\"time\":[\"2026-06-21T10:00\"],"
        + "\"shortwave_radiation\":[3.5],\"cloud_cover\":[null]}}").utf8)
    var state: UInt64 = 7
    for _ in 0..<3000 {
      var bytes = good
      for _ in 0..<3 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 40)
      }
      do {
        let outlook = try OpenMeteo.outlook(bytes, readAt: Self.midnight, at: Self.midnight)
        #expect(outlook.hours.count <= 1)
      } catch {
        #expect(error.code == .answer)
      }
    }
  }
}
