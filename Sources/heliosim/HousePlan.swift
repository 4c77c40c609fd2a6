import Hardware
import Quantities
import Simulation
import Sites

/// A simulated house and the devices that it is to be read by.
struct HousePlan {
  /// What a device of the house is called in the node's configuration, where it answers, how it
  /// is read, and what it is asked for.
  struct Device {
    let name: String
    let unit: UInt8
    /// "sunspec", "sunspec-classic", "sunspec-float", "sunspec-der", or the name of a profile.
    let profile: String
    /// In the words of `SiteQuantity`.
    var provides: [String] = []
    var faults: [FaultPlan.Entry] = []
    /// What a real device held once; nil shows the house.
    var dump: RegisterDump?
  }

  var equipment: HouseEquipment
  var devices: [Device]
  /// What holds whatever the devices are told.
  var rules = HouseSettings()

  /// Sets of models that a SunSpec device may show itself by.
  private static let sunSpec: [(name: String, models: [UInt16])] = [
    ("sunspec", [1, 103, 802, 203]), ("sunspec-classic", SunSpecImage.classic),
    ("sunspec-float", SunSpecImage.float), ("sunspec-der", SunSpecImage.der),
    // A roof's inverter alone, without meter and store.
    ("sunspec-roof", [1, 103, 120]),
  ]

  static let presets = HouseEquipment.street.map { $0.name.lowercased() }

  /// The house of the street that is called `name`.
  static func preset(_ name: String) throws(StreetError) -> HousePlan {
    guard let index = presets.firstIndex(of: name) else {
      throw StreetError(
        "\(name): no such house. Expected one of \(presets.joined(separator: ", "))")
    }
    return HousePlan(equipment: HouseEquipment.street[index], devices: devices(of: name))
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

  /// The house at `instant` with its devices, whose maps come from `profiles`.
  func household(
    seed: UInt64, at instant: Instant, weather: Weather, profiles: ProfileLibrary
  ) throws(StreetError) -> SimulatedHousehold {
    let house = SimulatedHouse(equipment, seed: seed, at: instant, weather: weather)
    var simulated: [SimulatedDevice] = []
    for device in devices {
      simulated.append(
        SimulatedDevice(
          unit: device.unit, layout: try layout(of: device, profiles: profiles),
          faults: FaultPlan(device.faults, seed: seed &+ UInt64(device.unit)),
          showing: house.reading(device: device.name)))
    }
    return SimulatedHousehold(house, devices: simulated, rules: rules, weather: weather)
  }

  private func layout(
    of device: Device, profiles: ProfileLibrary
  ) throws(StreetError) -> RegisterLayout {
    if let dump = device.dump { return .dump(dump.image) }
    if let models = HousePlan.sunSpec.first(where: { $0.name == device.profile })?.models {
      return .sunSpec(
        models,
        SunSpecImage.Nameplate(
          maker: "Heliograph", model: "Simulated house", version: "1", serial: equipment.name))
    }
    guard let profile = profiles[device.profile] else {
      let known = (HousePlan.sunSpec.map(\.name) + profiles.names).joined(separator: ", ")
      throw StreetError(
        "\(equipment.name): no profile \(device.profile). Expected one of \(known); "
          + "name their folder with --profiles")
    }
    return .profile(RegisterMap(profile))
  }
}
