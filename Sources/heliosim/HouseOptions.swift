import FoundationEssentials
import Hardware
import Quantities
import Simulation
import Sites

/// What `heliosim house` was asked for.
struct HouseOptions {
  static let usage = """
    usage: heliosim house --preset NAME | --profile NAME | --dump FILE  [options]
      --preset NAME   amber (SunSpec), birch (Growatt SPH and a meter), cedar (Victron GX and one)
      --profile NAME  a house of one device: any of heliograph profile list, or sunspec,
                      sunspec-classic, sunspec-float, sunspec-der, sunspec-roof
      --dump FILE     a device that holds the registers of a dump, for ever the same
      --unit N        the unit of that device (default: the profile's, else 1)
      --meter NAME    another device of that profile, on the next unit; may be said again
      --house NAME    whose roof, battery and people: amber, birch or cedar (default amber)
      --port P        loopback port, 0 picks one (default 1502)
      --serial PATH   a serial line instead, Modbus RTU; "pty" makes a pseudo-terminal
      --baud N        of that line (default: the profile's, else 9600)
      --speed N       seconds of the house in one second, 1 to 3600 (default 1)
      --from HH:MM    when it begins, UTC (default 04:30)
      --sky KIND      clear, mixed, dull, or broken: clouds that come and go every few minutes
                      (default: as the seed decides)
      --job-watts N   what its machine draws for jobs, all day (default 0)
      --export-limit W  what the house may give to the grid at most
      --fault KIND[@EVERY]  a fault once in EVERY requests (40); may be said again
      --late-by MS    how long a late answer takes (default 2500)
      --profiles DIR  device profiles (default Sources/Hardware/Profiles)
      --seed N        another day's weather and other faults (default 1)
    Faults: \(faults).
    It begins on 2026-06-21 and serves until Ctrl-C. Devices with controls can be steered: they
    take writes, obey, and fall back when their own time-out passes.
    """

  private static let faults = HouseFault.allCases.map(\.rawValue).joined(separator: ", ")
    .split(separator: " ").reduce(into: [""]) { lines, word in
      let last = lines[lines.count - 1]
      if last.count + word.count > 84 { lines.append("") }
      lines[lines.count - 1] += (lines[lines.count - 1].isEmpty ? "" : " ") + word
    }.joined(separator: "\n")

  var preset = ""
  var profile = ""
  var dump = ""
  var unit: UInt8?
  var meters: [String] = []
  var house = "amber"
  var port: UInt16 = 1502
  var serial = ""
  var baud: Int?
  var speed: Int64 = 1
  var fromMinute: Int64 = 270
  var sky: Weather.Sky?
  var jobPower = Power.zero
  var exportLimit: Power?
  var faults: [FaultPlan.Entry] = []
  var lateMilliseconds = 2500
  var profiles = ""
  var seed: UInt64 = 1
  var wantsHelp = false

  init(_ arguments: [String]) throws(StreetError) {
    var rest = arguments[...]
    while let option = rest.popFirst() {
      if option == "--help" || option == "-h" {
        wantsHelp = true
        continue
      }
      guard let value = rest.popFirst(), !value.isEmpty else {
        throw StreetError("\(option): expected a value after it. See heliosim house --help")
      }
      func number(_ range: ClosedRange<Int64>) throws(StreetError) -> Int64 {
        try StreetOptions.number(value, range, option)
      }
      switch option {
      case "--preset": preset = value
      case "--profile": profile = value
      case "--dump": dump = value
      case "--unit": unit = UInt8(try number(0...255))
      case "--meter": meters.append(value)
      case "--house": house = value
      case "--port": port = UInt16(try number(0...65_535))
      case "--serial": serial = value
      case "--baud": baud = Int(try number(1200...115_200))
      case "--speed": speed = try number(1...3600)
      case "--from": fromMinute = try StreetOptions.minute(value, option)
      case "--sky":
        guard let named = Weather.Sky(rawValue: value) else {
          let known = Weather.Sky.allCases.map(\.rawValue).joined(separator: ", ")
          throw StreetError("--sky: expected one of \(known), found \(value)")
        }
        sky = named
      case "--job-watts": jobPower = Power(watts: try number(0...10_000))
      case "--export-limit": exportLimit = Power(watts: try number(0...1_000_000))
      case "--fault":
        guard let fault = FaultPlan.Entry(text: value) else {
          throw StreetError("--fault: expected KIND or KIND@EVERY, found \(value)")
        }
        faults.append(fault)
      case "--late-by": lateMilliseconds = Int(try number(1...60_000))
      case "--profiles": profiles = value
      case "--seed": seed = UInt64(try number(0...Int64.max))
      default: throw StreetError("\(option): no such option. See heliosim house --help")
      }
    }
    let named = [preset, profile, dump].filter { !$0.isEmpty }
    guard wantsHelp || named.count == 1 else {
      throw StreetError("expected one of --preset, --profile and --dump")
    }
  }

  /// The house that was asked for.
  func plan(profiles: ProfileLibrary) throws(StreetError) -> HousePlan {
    var plan = try HousePlan.preset(preset.isEmpty ? house : preset)
    plan.rules.exportLimit = exportLimit
    if !dump.isEmpty {
      let dump = try registers()
      plan.devices = [
        .init(name: "device", unit: unit ?? 1, profile: dump.device, dump: dump)
      ]
    } else if !profile.isEmpty {
      let first = unit ?? profiles[profile]?.manners.unit ?? 1
      plan.devices = [.init(name: "inverter", unit: first, profile: profile)]
      for (index, meter) in meters.enumerated() {
        plan.devices.append(
          .init(name: "meter \(index + 1)", unit: first &+ UInt8(index + 1), profile: meter))
      }
    }
    for index in plan.devices.indices { plan.devices[index].faults = faults }
    return plan
  }

  /// Where it is to be served: as the first device's maker delivers its line, unless told.
  func wire(_ plan: HousePlan, profiles: ProfileLibrary) -> HouseServer.Wire {
    guard !serial.isEmpty else { return .network(port) }
    if serial == "pty" { return .pseudoTerminal }
    let usual = plan.devices.first.flatMap { profiles[$0.profile]?.manners.serial }
    var format = usual ?? SerialFormat()
    if let baud { format.baud = baud }
    return .serialLine(path: serial, format)
  }

  private func registers() throws(StreetError) -> RegisterDump {
    guard let text = FileManager.default.contents(atPath: dump) else {
      throw StreetError("\(dump): can't be read; check that it exists and its rights")
    }
    do {
      return try RegisterDump(text: Array(text))
    } catch {
      throw StreetError("\(dump): \(error)")
    }
  }
}
