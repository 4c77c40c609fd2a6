import Daemon
import Hardware
import Quantities
import Sites

/// `heliograph scan`: what answers on Modbus, and which profile reads it.
struct ScanTool {
  private let request: ScanRequest

  init(_ request: ScanRequest) { self.request = request }

  func run() async -> Int32 {
    let profiles: [DeviceProfile]
    let endpoints: [ModbusEndpoint]
    do {
      let library = try ProfileLibrary(directory: request.profiles)
      profiles = library.names.compactMap { library[$0] }
      endpoints = try self.endpoints()
    } catch let refusal as SubnetSearch.Refusal {
      Terminal.complain("heliograph: \(refusal.text)")
      return CommandLineTool.ExitCode.usage
    } catch {
      Terminal.complain("heliograph: \(error)")
      return CommandLineTool.ExitCode.usage
    }
    var devices: [ScannedDevice] = []
    let units = request.units(for: profiles)
    for endpoint in endpoints {
      let scan = EndpointScan(endpoint: endpoint, units: units, profiles: profiles)
      let found = await scan.run { Terminal.progress($0) }
      Terminal.progress("")
      Terminal.say(endpoint.description)
      for line in found.lines { Terminal.say("  " + line) }
      devices += found.devices
    }
    guard !devices.isEmpty else {
      Terminal.say("Nothing was found that a profile reads.")
      return CommandLineTool.ExitCode.refused
    }
    let isSeveral = devices.count > 1
    Terminal.say(
      "\nFor the configuration's devices: [ … ]"
        + (isSeveral ? "; `provides` is a proposal, what two provide is added up:" : ":"))
    for line in ScannedDevice.lines(devices) { Terminal.say("  " + line) }
    return CommandLineTool.ExitCode.done
  }

  private func endpoints() throws -> [ModbusEndpoint] {
    switch request.place {
    case .hosts(let hosts): return hosts.map { .tcp(host: $0, port: request.port) }
    case .serial(let path, let format): return [.serial(SerialLine(path: path, format: format))]
    case .subnet(let text):
      let range = try text.map { try SubnetSearch.range($0) } ?? SubnetSearch.ownRange()
      Terminal.say(
        "\(range.count) addresses from \(SubnetSearch.text(of: range.first)), port \(request.port)")
      let hosts = SubnetSearch.open(range, port: request.port) {
        Terminal.progress("\($0) of \(range.count) addresses tried")
      }
      Terminal.progress("")
      return hosts.map { .tcp(host: $0, port: request.port) }
    }
  }
}
