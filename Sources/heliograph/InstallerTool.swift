import Daemon
import Quantities
import Sites

/// What an installer asks of the devices: `check`, `dump`, `watch` and `scan`.
enum InstallerTool: Equatable {
  case check(configuration: String, kettle: Power?)
  case dump(device: String, configuration: String, output: String?)
  case watch(device: String, configuration: String, every: TimeSpan?, count: Int?)
  case scan(ScanRequest)

  static let names = ["check", "dump", "watch", "scan"]
  static let defaultConfiguration = "/etc/heliograph/heliograph.json5"

  static let helpText = """
      heliograph check [--kettle 2000]            read every device once: signs, sums, wires
      heliograph watch DEVICE [--every 2] [--count 10]   live values and raw registers
      heliograph dump DEVICE [--output FILE]      registers to a file, to send or to test by
      heliograph scan HOST… [--port 502] [--units 1-247]  what answers, and by which profile;
                                                 else units 1-10 and those of the profiles
      heliograph scan --serial /dev/serial/by-id/… [--baud 9600] [--parity none]
      heliograph scan --subnet [192.168.1.0/24]   the same for all of a local network
        --config FILE    else \(defaultConfiguration)
        --profiles DIR   for scan; else /usr/share/heliograph/profiles
    """

  /// Reads the arguments behind the tool's name.
  init(_ name: String, _ arguments: [String]) throws(Invocation.UsageError) {
    var options = try ToolArguments(tool: name, arguments)
    if name == "scan" {
      self = .scan(try ScanRequest(&options))
      try options.finish()
      return
    }
    let file = try options.value("--config") ?? Self.defaultConfiguration
    switch name {
    case "check":
      let watts = try options.number("--kettle", in: 200...20_000)
      self = .check(configuration: file, kettle: watts.map { Power(watts: $0) })
    case "dump":
      let output = try options.value("--output")
      self = .dump(device: try options.word("a device"), configuration: file, output: output)
    default:
      let every = try options.number("--every", in: 1...3600)
      let count = try options.number("--count", in: 1...1_000_000)
      self = .watch(
        device: try options.word("a device"), configuration: file,
        every: every.map { TimeSpan(seconds: $0) }, count: count.map { Int($0) })
    }
    try options.finish()
  }

  /// Does it; the exit code.
  func run() async -> Int32 {
    do {
      switch self {
      case .check(let file, let kettle):
        return await CheckTool(devices: try Self.devices(file), kettle: kettle).run()
      case .dump(let device, let file, let output):
        let devices = try Self.devices(file, with: device)
        return await DumpTool(devices: devices, device: device, output: output).run()
      case .watch(let device, let file, let every, let count):
        return await WatchTool(
          devices: try Self.devices(file, with: device), device: device, every: every, count: count
        ).run()
      case .scan(let request): return await ScanTool(request).run()
      }
    } catch {
      Terminal.complain("heliograph: \(error)")
      return CommandLineTool.ExitCode.usage
    }
  }

  private static func devices(
    _ file: String, with name: String? = nil
  ) throws -> HouseholdDevices {
    let devices = try HouseholdDevices(try Configuration(file: file))
    guard !devices.names.isEmpty else {
      throw ServiceError("\(file): devices: none is described; `heliograph scan` finds them")
    }
    if let name, !devices.names.contains(name) {
      let known = devices.names.joined(separator: ", ")
      throw ServiceError("\(file): no device is called \(name); there are \(known)")
    }
    return devices
  }
}
