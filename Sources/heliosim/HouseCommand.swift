import Quantities
import Simulation

/// `heliosim house`: one simulated house on Modbus TCP or a serial line, for any client.
enum HouseCommand {
  /// Runs until a signal; returns the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    var signals = StreetSignals()
    do {
      return try serve(try HouseOptions(arguments), signals: &signals)
    } catch {
      _ = StreetSystem.write("heliosim house: \(error)\n", to: 2)
      return 2
    }
  }

  private static func serve(
    _ options: HouseOptions, signals: inout StreetSignals
  ) throws(StreetError) -> Int32 {
    if options.wantsHelp {
      print(HouseOptions.usage)
      return 0
    }
    let clock = StreetClock(
      startsAt: StreetClock.midnight + TimeSpan(minutes: options.fromMinute),
      realStart: StreetSystem.realTime(), speed: options.speed)
    let profiles = try StreetProfiles.library(options.profiles)
    let plan = try options.plan(profiles: profiles)
    let server = try HouseServer(
      plan, on: options.wire(plan, profiles: profiles), seed: options.seed, at: clock.startsAt,
      weather: Weather(seed: options.seed, sky: options.sky), profiles: profiles,
      lateMilliseconds: options.lateMilliseconds)
    defer { server.stop() }
    let units = server.devices.map { "unit \($0.unit) \($0.profile)" }.joined(separator: ", ")
    let name = server.equipment.name.lowercased()
    _ = StreetSystem.write("\(name) answers on \(server.place): \(units)\n", to: 1)
    while signals.wait(milliseconds: 100) == nil {
      server.step(to: clock.now, flexibleLoad: options.jobPower)
    }
    _ = StreetSystem.write(ending(of: server).map { $0 + "\n" }.joined(), to: 1)
    return 0
  }

  /// What its devices went through, a line for each that has something to tell.
  private static func ending(of server: HouseServer) -> [String] {
    server.now.devices.flatMap { device -> [String] in
      let wear = device.controls.flashWrites.map { control, count in
        "unit \(device.unit): \(count) writes to flash for \(control.rawValue)"
      }
      let faults = device.faults.entries.filter { !$0.fault.isLasting }.map { entry in
        "\(entry.fault.rawValue) \(device.faults.strikes(of: entry.fault))"
      }
      guard !faults.isEmpty else { return wear }
      return wear + ["unit \(device.unit): faults: \(faults.joined(separator: ", "))"]
    }
  }
}
