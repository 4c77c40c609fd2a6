import Hardware
import Sites

/// A device that a scan has found, as a line for the configuration.
struct ScannedDevice {
  let endpoint: ModbusEndpoint
  let unit: UInt8
  let profile: String
  let reading: DeviceReading

  private var gives: [SiteQuantity] { SiteQuantity.allCases.filter { reading.gives($0) } }

  /// A line each; of several, each proposes what it is to be read for.
  static func lines(_ devices: [ScannedDevice]) -> [String] {
    devices.indices.map { index in
      let provides =
        devices.count > 1 ? provides(of: index, in: devices).map { "\"\($0.rawValue)\"" } : []
      let proposal =
        provides.isEmpty ? "" : ", provides: [\(provides.joined(separator: ", "))]"
      return devices[index].line(name: "device\(index + 1)", proposal: proposal)
    }
  }

  /// Panels and batteries add up. The grid, the load and the totals are there once in a house: the
  /// device that tells least else is the one made to measure them.
  private static func provides(of index: Int, in devices: [ScannedDevice]) -> [SiteQuantity] {
    devices[index].gives.filter { quantity in
      switch quantity {
      case .pv, .battery, .stateOfCharge: return true
      case .grid, .load, .totals:
        let givers = devices.indices.filter { devices[$0].gives.contains(quantity) }
        return givers.min { devices[$0].gives.count < devices[$1].gives.count } == index
      }
    }
  }

  private func line(name: String, proposal: String) -> String {
    let place =
      switch endpoint {
      case .tcp(let host, let port):
        "host: \"\(host)\"" + (port == 502 ? "" : ", port: \(port)")
      case .serial(let line):
        "serial: \"\(line.path)\", baud: \(line.format.baud)"
          + (line.format.parity == .none ? "" : ", parity: \"\(line.format.parity.rawValue)\"")
      }
    return "{ name: \"\(name)\", \(place), unit: \(unit), profile: \"\(profile)\"\(proposal) },"
  }
}
