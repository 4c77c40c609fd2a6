import Hardware
import Quantities
import Simulation
import Sites

/// A simulated house behind the devices that it is read by, on one Modbus TCP port or one serial
/// line.
final class HouseServer: Sendable {
  /// Where the devices are to be found.
  enum Wire: Sendable {
    /// A port of loopback; 0 picks a free one.
    case network(UInt16)
    case serialLine(path: String, SerialFormat)
    case pseudoTerminal
  }

  private enum Server: Sendable {
    case network(ModbusListener)
    case serialLine(ModbusSerialServer)
  }

  let equipment: HouseEquipment
  let devices: [HousePlan.Device]
  private let served: ServedHousehold
  private let server: Server

  /// The port it is served on; 0 for a serial line.
  var port: UInt16 {
    if case .network(let listener) = server { listener.port } else { 0 }
  }

  /// Where it is to be found, in words.
  var place: String {
    switch server {
    case .network(let listener): "127.0.0.1:\(listener.port)"
    case .serialLine(let line): line.path
    }
  }

  /// Serves the house of `plan`.
  ///
  /// - Parameter lateMilliseconds: how long a late answer takes.
  init(
    _ plan: HousePlan, on wire: Wire, seed: UInt64, at instant: Instant, weather: Weather,
    profiles: ProfileLibrary, lateMilliseconds: Int = 2500
  ) throws(StreetError) {
    equipment = plan.equipment
    devices = plan.devices
    let household = try plan.household(
      seed: seed, at: instant, weather: weather, profiles: profiles)
    served = ServedHousehold(household, weather: weather, lateMilliseconds: lateMilliseconds)
    do {
      switch wire {
      case .network(let port):
        let isSingle = household.devices.contains { $0.faults.lasts(.oneClient) }
        server = .network(
          try ModbusListener(
            address: "127.0.0.1", port: port, maximumClients: isSingle ? 1 : 16,
            crowding: isSingle ? .replaceIdlest : .wait,
            handler: served.handler(over: .network)))
      case .serialLine(let path, let format):
        server = .serialLine(
          try ModbusSerialServer(
            path: path, format: format, handler: served.handler(over: .serialLine)))
      case .pseudoTerminal:
        server = .serialLine(
          try ModbusSerialServer(handler: served.handler(over: .serialLine)))
      }
    } catch {
      throw StreetError("\(plan.equipment.name) can't be served: \(error)")
    }
  }

  /// Serves the preset house `name` on `port`; each house lives by a seed of its own, or all would
  /// cook at the same minute.
  convenience init(
    preset name: String, port: UInt16, seed: UInt64, at instant: Instant, weather: Weather,
    profiles: ProfileLibrary
  ) throws(StreetError) {
    let index = HousePlan.presets.firstIndex(of: name) ?? 0
    try self.init(
      try HousePlan.preset(name), on: .network(port), seed: seed &* 31 &+ UInt64(index),
      at: instant, weather: weather, profiles: profiles)
  }

  /// The household as it is.
  var now: SimulatedHousehold { served.now }

  /// Lets time pass; `flexibleLoad` is what its machine draws from its socket from now on.
  func step(to instant: Instant, flexibleLoad: Power) {
    served.step(to: instant, flexibleLoad: flexibleLoad)
  }

  func stop() {
    switch server {
    case .network(let listener): listener.stop()
    case .serialLine(let line): line.stop()
    }
  }
}
