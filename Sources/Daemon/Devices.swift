import Hardware
import HeliographCore
import Quantities
import Sites
import Synchronization

/// The household's devices, each read over its bus when the station asks.
struct Devices: Sendable {
  private let sessions: [DeviceName: DeviceSession]
  private let buses: [ModbusBus]
  /// What was told last about what can be steered of each.
  private let told = Told()

  private final class Told: Sendable {
    let controls = Mutex<[DeviceName: [DeviceControl]]>([:])
  }

  /// Sets up the sessions; devices of one place share a bus and take turns.
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
    var maps: [DeviceSession.Map] = []
    for device in configuration.devices {
      if device.profile == Self.sunSpec {
        maps.append(.sunSpec)
      } else if let profile = library?[device.profile] {
        maps.append(.profile(profile))
      } else {
        let known = [Self.sunSpec] + (library?.names ?? [])
        throw ServiceError(
          "device \(device.name): profile: expected one of \(known.joined(separator: ", ")), "
            + "found \(device.profile)")
      }
    }
    let places = try DevicePlaces(configuration.devices, maps: maps)
    var sessions: [DeviceName: DeviceSession] = [:]
    for (index, device) in configuration.devices.enumerated() {
      sessions[device.name] = DeviceSession(
        device: device.name, unit: device.unit ?? maps[index].usualUnit, map: maps[index],
        bus: places.buses[index])
    }
    self.sessions = sessions
    buses = places.buses
  }

  static let sunSpec = "sunspec"

  /// One look at a device, for an installer.
  func sample(_ name: DeviceName, at now: Instant) async -> Result<DeviceSample, DeviceFault> {
    guard let session = sessions[name] else {
      return .failure(.unreachable("no device is called \(name)"))
    }
    return await session.sample(at: now)
  }

  /// Opens the ports where others may read the devices; they stay open as long as what is returned.
  ///
  /// Throws for a port that can't be had.
  func proxies(_ configuration: Configuration) throws(ServiceError) -> [ModbusProxy] {
    var proxies: [ModbusProxy] = []
    for (device, bus) in zip(configuration.devices, buses) {
      guard let proxy = device.proxy else { continue }
      var pace = ModbusPace.unhurried
      for (other, its) in zip(configuration.devices, buses) where its === bus {
        if let theirs = sessions[other.name]?.pace { pace = pace.slowed(to: theirs) }
      }
      do {
        proxies.append(
          try ModbusProxy(
            of: bus, pace: pace, address: proxy.listen.host, port: proxy.listen.port,
            allowsWrites: proxy.allowsWrites))
      } catch { throw ServiceError("device \(device.name): proxy: \(error.message)") }
    }
    return proxies
  }

  /// How a device is talked to; nil for one that is not configured.
  func session(_ name: DeviceName) -> DeviceSession? { sessions[name] }

  /// What can be steered, if that is not what was told last.
  private func news(of name: DeviceName, _ controls: [DeviceControl]?) -> [DeviceControl]? {
    guard let controls else { return nil }
    return told.controls.withLock { told in
      guard told[name] ?? [] != controls else { return nil }
      told[name] = controls
      return controls
    }
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
        if let controls = news(of: name, try? await session.controls()) {
          await queue.deliver(.controls(name, controls))
        }
        event = .reading(reading)
      case .failure(let fault): event = .readingFailed(device: name, fault: fault)
      }
      await queue.deliver(event)
    }
  }
}
