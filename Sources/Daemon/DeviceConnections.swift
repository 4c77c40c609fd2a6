import Hardware
import Quantities
import Sites
import Synchronization

/// Sessions for single devices, made as they are asked for: one whose profile is broken keeps
/// nobody from the others, unlike at the daemon's start.
final class DeviceConnections: Sendable {
  private let configuration: Configuration
  private let timeout: TimeSpan
  private let buses = Mutex<[ModbusEndpoint: ModbusBus]>([:])

  init(_ configuration: Configuration, timeout: TimeSpan) {
    self.configuration = configuration
    self.timeout = timeout
  }

  /// How the named device is talked to; devices of one place share a bus.
  func session(_ name: DeviceName) throws(ServiceError) -> DeviceSession {
    guard let device = configuration.devices.first(where: { $0.name == name }) else {
      throw ServiceError("it is configured no more")
    }
    let map: DeviceSession.Map
    if device.profile == Devices.sunSpec {
      map = .sunSpec
    } else {
      do throws(ProfileError) {
        map = .profile(
          try ProfileLibrary.profile(
            atPath: "\(configuration.profileDirectory)/\(device.profile).json5"))
      } catch { throw ServiceError("\(error)") }
    }
    let endpoint = DevicePlaces.endpoint(of: device, map)
    let bus = buses.withLock { buses in
      let bus = buses[endpoint] ?? ModbusBus(endpoint, timeout: timeout)
      buses[endpoint] = bus
      return bus
    }
    return DeviceSession(
      device: device.name, unit: device.unit ?? map.usualUnit, map: map, bus: bus)
  }
}
