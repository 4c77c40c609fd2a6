import Hardware
import Quantities
import Simulation
import Sites

/// A simulated house behind the devices that it is read by, on one Modbus TCP port.
struct HouseServer {
  /// What a device of the house is called in the node's configuration, where it answers, how it
  /// is read, and what it is asked for.
  struct Device {
    let name: String
    let unit: UInt8
    /// "sunspec", or the name of a profile.
    let profile: String
    /// In the words of `SiteQuantity`.
    let provides: [String]
  }

  /// A meter is older than today: its registers don't begin at zero, which in SunSpec would also
  /// mean "not implemented".
  private static let importedBefore = Energy(wattHours: 500_000)
  private static let exportedBefore = Energy(wattHours: 1_200_000)

  static let presets = HouseEquipment.street.map { $0.name.lowercased() }

  private(set) var house: SimulatedHouse
  let devices: [Device]
  private let maps: [RegisterMap?]
  private let server: ModbusServer

  var port: UInt16 { server.port }
  var equipment: HouseEquipment { house.equipment }

  /// Serves the preset house `name` on `port` of loopback; 0 picks a free one.
  init(
    preset name: String, port: UInt16, seed: UInt64, at instant: Instant, weather: Weather,
    profiles: ProfileLibrary
  ) throws(StreetError) {
    guard let index = HouseServer.presets.firstIndex(of: name) else {
      throw StreetError(
        "\(name): no such house. Expected one of \(HouseServer.presets.joined(separator: ", "))")
    }
    // Each house lives by a seed of its own, or all would cook at the same minute.
    house = SimulatedHouse(
      HouseEquipment.street[index], seed: seed &* 31 &+ UInt64(index), at: instant,
      weather: weather)
    devices = HouseServer.devices(of: name)
    var maps: [RegisterMap?] = []
    for device in devices {
      guard device.profile != "sunspec" else {
        maps.append(nil)
        continue
      }
      guard let profile = profiles[device.profile] else {
        throw StreetError("\(name): no profile \(device.profile). Name their folder: --profiles")
      }
      maps.append(RegisterMap(profile))
    }
    self.maps = maps
    do {
      server = try ModbusServer(address: "127.0.0.1", port: port)
    } catch {
      throw StreetError("\(name): port \(port) can't be served: \(error)")
    }
    show()
  }

  /// Lets time pass; `flexibleLoad` is what its machine draws from its socket from now on.
  mutating func step(to instant: Instant, weather: Weather, flexibleLoad: Power) {
    house.flexibleLoad = flexibleLoad
    house.step(to: instant, weather: weather)
    show()
  }

  func stop() { server.stop() }

  private func show() {
    var reading = house.reading(device: "house")
    reading.importedTotal = reading.importedTotal.map { $0 + HouseServer.importedBefore }
    reading.exportedTotal = reading.exportedTotal.map { $0 + HouseServer.exportedBefore }
    for (device, map) in zip(devices, maps) {
      let image = map.map { $0.encode(reading) } ?? sunSpecImage(of: reading)
      server.update(image: image, unit: device.unit)
    }
  }

  private func sunSpecImage(of reading: DeviceReading) -> RegisterImage {
    SunSpecImage.image(
      of: reading, storage: .battery,
      nameplate: .init(
        maker: "Heliograph", model: "Simulated house", version: "1", serial: house.equipment.name))
  }

  private static func devices(of preset: String) -> [Device] {
    let meter = Device(
      name: "meter", unit: 2, profile: "eastron-sdm630",
      provides: ["grid", "totals"])
    let household = ["pv", "load", "battery", "stateOfCharge"]
    switch preset {
    case "birch":
      return [
        Device(name: "inverter", unit: 1, profile: "growatt-sph", provides: household), meter,
      ]
    case "cedar":
      return [Device(name: "gx", unit: 100, profile: "victron-gx", provides: household), meter]
    default:
      // SunSpec has no register for the household's load: the node derives it.
      return [
        Device(
          name: "inverter", unit: 1, profile: "sunspec",
          provides: ["pv", "grid", "battery", "stateOfCharge", "totals"])
      ]
    }
  }
}
