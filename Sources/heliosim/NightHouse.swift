import Hardware
import Quantities
import Simulation
import Sites

/// The house that a night of faults is lived in: a roof's inverter that sleeps and takes one
/// client, a hybrid inverter with the battery, and a meter on a serial line.
final class NightHouse: Sendable {
  /// A device and how the site gets at it.
  struct Device: Sendable {
    let name: String
    let unit: UInt8
    let session: DeviceSession
    let bus: ModbusBus
  }

  static let begin = StreetClock.midnight + TimeSpan(minutes: 15 * 60)
  static let end = begin + TimeSpan(minutes: 17 * 60)
  /// The last part of it is without faults, so that what was missed can be seen.
  static let healed = end - TimeSpan(minutes: 45)

  static let devices: [(name: String, unit: UInt8, profile: String, provides: [SiteQuantity])] = [
    ("roof", 1, "sunspec-roof", [.pv]),
    ("hybrid", 2, "growatt-sph", [.load, .battery, .stateOfCharge]),
    ("meter", 3, "eastron-sdm630", [.grid, .totals]),
  ]

  let served: ServedHousehold
  let sessions: [Device]
  /// Somebody else's client of the roof's inverter.
  let rival: ModbusBus
  private let listeners: [ModbusListener]
  private let line: ModbusSerialServer

  init(_ options: NightOptions, seed: UInt64, profiles: ProfileLibrary) throws(StreetError) {
    let weather = Weather(seed: seed, sky: .clear)
    var plan = HousePlan(equipment: .amber, devices: [])
    for (index, device) in NightHouse.devices.enumerated() {
      var made = HousePlan.Device(name: device.name, unit: device.unit, profile: device.profile)
      made.faults = HouseFault.allCases.filter { fault in
        switch fault {
        case .night, .oneClient: index == 0
        default: index < 2 || fault.happensOnSerialLines
        }
      }.map { fault in
        let isLong = fault == .frozen || fault == .reset
        return FaultPlan.Entry(fault, every: isLong ? options.every * 12 : options.every)
      }
      plan.devices.append(made)
    }
    var household = try plan.household(
      seed: seed, at: NightHouse.begin, weather: weather, profiles: profiles)
    household.restartWhenTold()
    let late = Int(options.timeout.milliseconds) * 3 / 2
    served = ServedHousehold(household, weather: weather, lateMilliseconds: late)
    do {
      let roof = try ModbusListener(
        port: 0, maximumClients: 1, crowding: .replaceIdlest,
        handler: served.handler(over: .network))
      let hybrid = try ModbusListener(port: 0, handler: served.handler(over: .network))
      listeners = [roof, hybrid]
      line = try ModbusSerialServer(handler: served.handler(over: .serialLine))
    } catch {
      throw StreetError("the house can't be served: \(error)")
    }
    let endpoints: [ModbusEndpoint] =
      listeners.map { .tcp(host: "127.0.0.1", port: $0.port) }
      + [.serial(SerialLine(path: line.path))]
    rival = ModbusBus(endpoints[0], timeout: options.timeout)
    var sessions: [Device] = []
    for (device, endpoint) in zip(NightHouse.devices, endpoints) {
      let bus = ModbusBus(endpoint, timeout: options.timeout)
      let map: DeviceSession.Map
      if device.profile.hasPrefix("sunspec") {
        map = .sunSpec
      } else if let profile = profiles[device.profile] {
        map = .profile(profile)
      } else {
        throw StreetError("no profile \(device.profile). Name their folder with --profiles")
      }
      sessions.append(
        Device(
          name: device.name, unit: device.unit,
          session: DeviceSession(device: device.name, unit: device.unit, map: map, bus: bus),
          bus: bus))
    }
    self.sessions = sessions
  }

  /// The site that reads it.
  func site(poll: TimeSpan) -> Site {
    Site(
      devices: NightHouse.devices.map { device in
        SiteDevice(name: device.name, pollInterval: poll, provides: device.provides)
      })
  }

  func stop() async {
    for device in sessions { await device.bus.disconnect() }
    await rival.disconnect()
    for listener in listeners { listener.stop() }
    line.stop()
  }
}
