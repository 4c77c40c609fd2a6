import Daemon
import Sites

/// Where a scan looks: bounded, and only where it was told to.
struct ScanRequest: Equatable {
  /// The most hosts that are named at once, and that a subnet may have.
  static let maximumHosts = 64
  static let maximumSubnet = 1024
  /// Units that are tried unless told, beside those of the profiles: the first ten, and what makers
  /// chose for SunSpec (SMA 126, Fronius' meters 200 and 240).
  static let usualUnits: [UInt8] = Array(1...10) + [126, 200, 240]

  enum Place: Equatable {
    case hosts([String])
    case serial(path: String, SerialFormat)
    /// Nil: the network that this machine is in.
    case subnet(String?)
  }

  let place: Place
  let port: UInt16
  /// Nil: the usual ones.
  let units: [UInt8]?
  let profiles: String

  init(_ options: inout ToolArguments) throws(Invocation.UsageError) {
    port = UInt16(try options.number("--port", in: 1...65_535) ?? 502)
    profiles = try options.value("--profiles") ?? Configuration.defaultProfileDirectory
    let serial = try options.value("--serial")
    let subnet = try options.value("--subnet")
    let baud = try options.number("--baud", in: 1200...115_200)
    let parity = try options.value("--parity")
    let hosts = options.rest()
    let places = [serial != nil, subnet != nil, !hosts.isEmpty].count { $0 }
    guard places == 1 else {
      throw Invocation.UsageError(
        text:
          "scan: name hosts, or one serial port (--serial PATH), or the local network (--subnet)")
    }
    if let serial {
      guard let parity = SerialFormat.Parity(rawValue: parity ?? "none") else {
        throw Invocation.UsageError(text: "--parity: expected none, even or odd")
      }
      let speed = Int(baud ?? 9600)
      guard SerialFormat.speeds.contains(speed) else {
        let speeds = SerialFormat.speeds.map(String.init).joined(separator: ", ")
        throw Invocation.UsageError(text: "--baud: expected one of \(speeds)")
      }
      place = .serial(path: serial, SerialFormat(baud: speed, parity: parity))
    } else if let subnet {
      place = .subnet(subnet.isEmpty ? nil : subnet)
    } else {
      guard hosts.count <= Self.maximumHosts else {
        throw Invocation.UsageError(text: "scan: at most \(Self.maximumHosts) hosts at once")
      }
      place = .hosts(hosts)
    }
    guard serial != nil || (baud == nil && parity == nil) else {
      throw Invocation.UsageError(text: "--baud and --parity belong to --serial")
    }
    if let host = hosts.first(where: { $0.split(separator: ":").count == 2 }) {
      let parts = host.split(separator: ":")
      throw Invocation.UsageError(
        text: "scan: the port stands apart: heliograph scan \(parts[0]) --port \(parts[1])")
    }
    units = try options.value("--units").map { text throws(Invocation.UsageError) in
      try Self.units(text)
    }
  }

  /// The units to try where some of `profiles` may answer: what was asked for, else the usual ones.
  func units(for profiles: [DeviceProfile]) -> [UInt8] {
    if let units { return units }
    let chosen = Set(profiles.compactMap(\.manners.unit) + Self.usualUnits)
    // On a serial line 0 is for all, and nobody answers; elsewhere it comes last, since devices
    // that take any number take it too.
    guard case .serial = place else {
      return chosen.subtracting([0]).sorted() + (chosen.contains(0) ? [0] : [])
    }
    return chosen.filter { (1...247).contains($0) }.sorted()
  }

  /// "1-10,100": unit numbers and ranges of them, each once.
  static func units(_ text: String) throws(Invocation.UsageError) -> [UInt8] {
    var units: [UInt8] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { UInt8($0) }
      guard let first = ends.first ?? nil, ends.count <= 2, let last = ends.last ?? nil,
        first <= last
      else {
        throw Invocation.UsageError(
          text: "--units: expected numbers 0 to 255 such as 1-10,100, found \(text)")
      }
      for unit in first...last where !units.contains(unit) { units.append(unit) }
    }
    return units
  }
}
