import Quantities
import Sites

/// Where devices are, and who else may read them there.
extension Configuration {
  static func place(_ entry: inout ConfigurationReader) throws(ConfigurationError) -> Place {
    let path = try entry.text("serial", "the absolute path of a serial port")
    let host = try entry.text("host", "a host name or address")
    let port = try entry.integer("port", in: 1...65_535)
    let baud = try entry.integer("baud", in: 1200...115_200, unit: "bits a second")
    let parity = try entry.choice("parity", of: SerialFormat.Parity.self)
    let stopBits = try entry.integer("stopBits", in: 1...2)
    guard let path else {
      guard let host else {
        throw entry.missing("host", "a host name or address, or serial: \"/dev/…\"")
      }
      guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else {
        throw entry.error("host", "expected a host name or address, found \"\(host.prefix(80))\"")
      }
      for (field, isGiven) in [
        ("baud", baud != nil), ("parity", parity != nil), ("stopBits", stopBits != nil),
      ] where isGiven {
        throw entry.error(field, "is for a serial line: expected serial instead of host")
      }
      return .tcp(Address(host: host, port: port.map { UInt16($0) } ?? 502))
    }
    guard host == nil else {
      throw entry.error("host", "expected either host or serial, found both")
    }
    guard port == nil else { throw entry.error("port", "is for a host: a serial line has none") }
    guard path.hasPrefix("/"), !path.contains("\0") else {
      throw entry.error(
        "serial",
        "expected an absolute path such as /dev/serial/by-id/…, found \"\(path.prefix(80))\"")
    }
    if let baud, !SerialFormat.speeds.contains(Int(baud)) {
      let known = SerialFormat.speeds.map(String.init).joined(separator: ", ")
      throw entry.error("baud", "expected one of \(known), found \(baud)")
    }
    return .serial(
      Serial(
        path: path, baud: baud.map { Int($0) }, parity: parity, stopBits: stopBits.map { Int($0) }))
  }

  static func unit(
    _ entry: inout ConfigurationReader, at place: Place
  ) throws(ConfigurationError) -> UInt8? {
    switch place {
    case .tcp: try entry.integer("unit", in: 0...255).map { UInt8($0) }
    // Nobody answers to 0 on a serial line, and what is beyond 247 is reserved.
    case .serial: try entry.integer("unit", in: 1...247).map { UInt8($0) }
    }
  }

  /// `proxy: "0.0.0.0:1502"`, or an object where more is to be said.
  static func proxy(
    _ entry: inout ConfigurationReader, at place: Place, earlier: [Device]
  ) throws(ConfigurationError) -> Proxy? {
    guard let node = entry.node("proxy") else { return nil }
    let proxy: Proxy
    if case .object = node.value, var fields = try entry.object("proxy") {
      guard let listen = try address("listen", &fields) else {
        throw fields.missing("listen", "address:port, such as 0.0.0.0:1502")
      }
      var found = Proxy(listen: listen)
      if let seconds = try fields.integer("maximumAgeSeconds", in: 1...300, unit: "seconds") {
        found.maximumAge = TimeSpan(seconds: seconds)
      }
      found.allowsWrites = try fields.boolean("allowWrites") ?? false
      try fields.finish()
      proxy = found
    } else {
      guard let listen = try address("proxy", &entry) else { return nil }
      proxy = Proxy(listen: listen)
    }
    for other in earlier {
      if other.proxy?.listen == proxy.listen {
        throw entry.error(
          "proxy", "\(proxy.listen) is the proxy of \(other.name): expected another port")
      }
      if other.proxy != nil, Self.isSame(other.place, place) {
        throw entry.error(
          "proxy", "\(other.name)'s proxy serves this device too: expected one for each place")
      }
    }
    return proxy
  }

  private static func isSame(_ left: Place, _ right: Place) -> Bool {
    switch (left, right) {
    case (.tcp(let left), .tcp(let right)): left == right
    case (.serial(let left), .serial(let right)): left.path == right.path
    case (.tcp, .serial), (.serial, .tcp): false
    }
  }
}
