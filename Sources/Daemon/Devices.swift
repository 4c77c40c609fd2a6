import Hardware
import HeliographCore
import Quantities
import Sites

/// The household's devices, each read over its bus when the station asks.
struct Devices: Sendable {
  private let sessions: [DeviceName: DeviceSession]

  /// Sets up the sessions; devices of one host and port share a bus and take turns.
  ///
  /// Throws for a profile that is unknown or wrong; whether a device answers is found out later.
  init(_ configuration: Configuration) throws(ServiceError) {
    let needed = configuration.devices.filter { $0.profile != Self.sunSpec }
    var library: ProfileLibrary?
    if !needed.isEmpty {
      do {
        library = try ProfileLibrary(directory: configuration.profileDirectory)
      } catch { throw ServiceError("\(error)") }
    }
    var buses: [Configuration.Address: ModbusBus] = [:]
    var sessions: [DeviceName: DeviceSession] = [:]
    for device in configuration.devices {
      let address = Configuration.Address(host: device.host, port: device.port)
      let bus = buses[address] ?? ModbusBus(host: device.host, port: device.port)
      buses[address] = bus
      let map: DeviceSession.Map
      if device.profile == Self.sunSpec {
        map = .sunSpec
      } else if let profile = library?[device.profile] {
        map = .profile(profile)
      } else {
        let known = [Self.sunSpec] + (library?.names ?? [])
        throw ServiceError(
          "device \(device.name): profile: expected one of \(known.joined(separator: ", ")), "
            + "found \(device.profile)")
      }
      sessions[device.name] = DeviceSession(
        device: device.name, unit: device.unit, map: map, bus: bus)
    }
    self.sessions = sessions
  }

  private static let sunSpec = "sunspec"

  /// One look at a device, for an installer.
  func sample(_ name: DeviceName, at now: Instant) async -> Result<DeviceSample, DeviceFault> {
    guard let session = sessions[name] else {
      return .failure(.unreachable("no device is called \(name)"))
    }
    return await session.sample(at: now)
  }

  /// Reads one device; exactly one reading or failure comes back through `queue`.
  func read(_ name: DeviceName, clock: NodeClock, queue: EventQueue) {
    guard let session = sessions[name] else {
      queue.offer(.readingFailed(device: name, fault: .unreachable("not configured")))
      return
    }
    Task {
      let event: Event
      switch await session.read(at: clock.now()) {
      case .success(var reading):
        // When the answer arrived, not when it was asked for.
        reading.at = clock.now()
        event = .reading(reading)
      case .failure(let fault): event = .readingFailed(device: name, fault: fault)
      }
      await queue.deliver(event)
    }
  }
}
