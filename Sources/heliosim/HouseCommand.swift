import Glibc
import Hardware
import Quantities
import Simulation

/// `heliosim house`: one simulated house on Modbus TCP, for any client.
enum HouseCommand {
  private static let usage = """
    usage: heliosim house --preset NAME [options]
      --preset NAME   amber (SunSpec), birch (Growatt SPH and a meter), cedar (Victron GX and one)
      --port P        loopback port, 0 picks one (default 1502)
      --speed N       seconds of the house in one second, 1 to 3600 (default 1)
      --job-watts N   what its machine draws for jobs, all day (default 0)
      --profiles DIR  device profiles (default Sources/Hardware/Profiles)
      --seed N        another day's weather (default 1)
    It begins at 2026-06-21 04:30 UTC and serves until Ctrl-C.
    """

  /// Runs until a signal; returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    var signals = StreetSignals()
    do {
      return try serve(arguments, signals: &signals)
    } catch {
      _ = StreetSystem.write("heliosim house: \(error)\n", to: 2)
      return 2
    }
  }

  private static func serve(
    _ arguments: [String], signals: inout StreetSignals
  ) throws(StreetError) -> Int32 {
    var preset = ""
    var port: Int64 = 1502
    var speed: Int64 = 1
    var watts: Int64 = 0
    var seed: Int64 = 1
    var profiles = ""
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option == "--help" || option == "-h" {
        print(usage)
        return 0
      }
      guard let value = rest.popFirst() else {
        throw StreetError("\(option): expected a value after it. See heliosim house --help")
      }
      switch option {
      case "--preset": preset = value
      case "--port": port = try StreetOptions.number(value, 0...65_535, option)
      case "--speed": speed = try StreetOptions.number(value, 1...3600, option)
      case "--job-watts": watts = try StreetOptions.number(value, 0...10_000, option)
      case "--seed": seed = try StreetOptions.number(value, 0...Int64.max, option)
      case "--profiles": profiles = value
      default: throw StreetError("\(option): no such option. See heliosim house --help")
      }
    }
    guard !preset.isEmpty else {
      throw StreetError("--preset: expected one of \(HouseServer.presets.joined(separator: ", "))")
    }
    let weather = Weather(seed: UInt64(seed))
    let clock = StreetClock(
      startsAt: StreetClock.midnight + TimeSpan(minutes: 270), realStart: StreetSystem.realTime(),
      speed: speed)
    var server = try HouseServer(
      preset: preset, port: UInt16(port), seed: UInt64(seed), at: clock.startsAt,
      weather: weather, profiles: try StreetProfiles.library(profiles))
    defer { server.stop() }
    let units = server.devices.map { "unit \($0.unit) \($0.profile)" }.joined(separator: ", ")
    _ = StreetSystem.write("\(preset) answers on 127.0.0.1:\(server.port): \(units)\n", to: 1)
    while signals.wait(milliseconds: 100) == nil {
      server.step(to: clock.now, weather: weather, flexibleLoad: Power(watts: watts))
    }
    return 0
  }
}
