import HeliographCore
import Market
import Mesh
import Quantities
import Sealing
import Sites
import Texting

extension SimulatedNode {
  /// The nodes of a plan: keys, houses, clocks and habits drawn from its seed.
  static func neighbours(
    of plan: SimulationPlan, links: [PacketSimulator.Link], weather: Weather,
    random: inout RandomSource
  ) -> [SimulatedNode] {
    var made: [(equipment: HouseEquipment, keys: KeyPair)] = []
    for number in 0..<plan.houses {
      made.append((equipment(number, random: &random), keys(random: &random)))
    }
    var nodes: [SimulatedNode] = []
    for (number, parts) in made.enumerated() {
      let known = links.filter { $0.touches(number) }.map { link in
        made[link.low == number ? link.high : link.low]
      }
      nodes.append(
        SimulatedNode(
          number: number, name: parts.equipment.name, keys: parts.keys,
          configuration: configuration(
            of: parts.equipment, keys: parts.keys,
            neighbours: known.map { Neighbour(name: $0.equipment.name, key: $0.keys.publicKey) },
            controlInterval: plan.controlInterval),
          house: SimulatedHouse(
            parts.equipment, seed: random.next(), at: plan.start, weather: weather,
            stateOfCharge: StateOfCharge(percent: random.within(20...60))),
          store: SimulatedStore(fault: plan.diskFaults[number]),
          runner: SimulatedRunner(slots: Int(random.within(1...4))),
          clock: DriftingClock(
            offset: TimeSpan(milliseconds: random.within(-3000...3000)),
            drift: random.within(-30...30))))
    }
    return nodes
  }

  /// What the household tells its station. It's asked less often than on a board and plans one day
  /// instead of two, so that a day takes some thousand steps; nothing else differs.
  private static func configuration(
    of equipment: HouseEquipment, keys: KeyPair, neighbours: [Neighbour],
    controlInterval: TimeSpan
  ) -> StationConfiguration {
    var configuration = StationConfiguration(
      name: equipment.name, keys: keys, community: Community(name: "simulation"),
      devices: [
        SiteDevice(
          name: "house", pollInterval: TimeSpan(seconds: 90),
          provides: [.pv, .load, .grid, .battery, .stateOfCharge, .totals])
      ],
      battery: StationConfiguration.BatteryPlant(
        capacity: equipment.batteryCapacity, maximumCharge: equipment.maximumCharge,
        maximumDischarge: equipment.maximumDischarge,
        efficiencyPermille: equipment.batteryEfficiency),
      neighbours: neighbours, controlInterval: controlInterval)
    configuration.plannedSlots = Int(TimeSlot.slotsPerDay)
    configuration.readers = SMSAdmission(readers: [Neighbourhood.ownersNumber])
    return configuration
  }

  /// A house like one of the street's, with a roof of its own.
  private static func equipment(_ number: Int, random: inout RandomSource) -> HouseEquipment {
    let street = HouseEquipment.street
    var equipment = street[number % street.count]
    equipment.name += number < street.count ? "" : "\(number / street.count + 1)"
    equipment.panels = equipment.panels.scaled(by: random.within(80...120), over: 100)
    equipment.panelLagMinutes += random.within(-40...40)
    return equipment
  }

  private static func keys(random: inout RandomSource) -> KeyPair {
    var seed: [UInt8] = []
    for _ in 0..<32 { seed.append(UInt8(truncatingIfNeeded: random.next())) }
    guard let keys = KeyPair(seed: seed) else { preconditionFailure("32 bytes make a key") }
    return keys
  }
}
