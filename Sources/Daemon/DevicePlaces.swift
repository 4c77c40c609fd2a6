import Hardware
import Quantities
import Sites

/// The bus of each configured device: one for each place.
struct DevicePlaces {
  /// In the devices' order.
  let buses: [ModbusBus]

  /// Throws when two devices want one serial line at different settings.
  init(
    _ devices: [Configuration.Device], maps: [DeviceSession.Map]
  ) throws(ServiceError) {
    var made: [ModbusEndpoint: ModbusBus] = [:]
    var lines: [String: (device: DeviceName, format: SerialFormat)] = [:]
    var buses: [ModbusBus] = []
    let endpoints = zip(devices, maps).map { Self.endpoint(of: $0, $1) }
    for (device, endpoint) in zip(devices, endpoints) {
      if case .serial(let line) = endpoint {
        let first = lines[line.path] ?? (device.name, line.format)
        guard first.format == line.format else {
          throw ServiceError(
            "device \(device.name): serial: \(line.path) is \(Self.words(first.format)) for "
              + "\(first.device) and \(Self.words(line.format)) for \(device.name): set both "
              + "devices to one speed, and say it for both (baud, parity, stopBits)")
        }
        lines[line.path] = first
      }
      // Whoever of the place has the proxy says how old its answers may be.
      let age = zip(devices, endpoints).compactMap { $1 == endpoint ? $0.proxy?.maximumAge : nil }
      let bus = made[endpoint] ?? ModbusBus(endpoint, maximumAge: age.first ?? .zero)
      made[endpoint] = bus
      buses.append(bus)
    }
    self.buses = buses
  }

  /// Where the device is, with what its profile says of the line where the configuration is silent.
  static func endpoint(
    of device: Configuration.Device, _ map: DeviceSession.Map
  ) -> ModbusEndpoint {
    switch device.place {
    case .tcp(let address): return .tcp(host: address.host, port: address.port)
    case .serial(let serial):
      var format = map.usualFormat
      format.baud = serial.baud ?? format.baud
      format.parity = serial.parity ?? format.parity
      format.stopBits = serial.stopBits ?? format.stopBits
      return .serial(SerialLine(path: serial.path, format: format))
    }
  }

  private static func words(_ format: SerialFormat) -> String {
    let parity = format.parity.rawValue.prefix(1).uppercased()
    return "\(format.baud) baud 8\(parity)\(format.stopBits)"
  }
}

extension DeviceSession.Map {
  /// The unit that such devices have out of the box.
  var usualUnit: UInt8 {
    switch self {
    case .profile(let profile): profile.manners.unit ?? 1
    case .sunSpec: 1
    }
  }

  /// How such devices talk on a serial line out of the box.
  var usualFormat: SerialFormat {
    switch self {
    case .profile(let profile): profile.manners.serial ?? SerialFormat()
    case .sunSpec: SerialFormat()
    }
  }
}
