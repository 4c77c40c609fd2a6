import Quantities
import Sites
import Testing

@Suite("Frozen devices") struct FrozenTests {
  static let hybrid = SiteDevice(
    name: "hybrid", pollInterval: TimeSpan(seconds: 5),
    provides: [.pv, .battery, .stateOfCharge])
  static let meter = SiteDevice(
    name: "meter", pollInterval: TimeSpan(seconds: 5), provides: [.grid, .totals])

  static let houses: [FrozenHouse] = [
    FrozenHouse(name: "all move"),
    FrozenHouse(
      name: "import stands, its register too", grid: { $0 < 20 ? 1200 + $0 : 2000 },
      imported: { 5000 + min($0, 20) }, freezesAt: 140, group: "grid"),
    FrozenHouse(
      name: "import stands, its register moves", grid: { $0 < 20 ? 1200 + $0 : 2000 },
      imported: { 5000 + $0 * 5 / 2 }),
    FrozenHouse(
      name: "a coarse meter at a steady load", grid: { $0 < 20 ? 1200 + $0 : 2000 },
      imported: { 5000 + $0 * 5 / 2 / 100 * 100 }, step: 100),
    FrozenHouse(
      name: "a small import and a register of 10 Wh", grid: { $0 < 20 ? 1200 + $0 : 60 },
      imported: { 5000 + min($0, 20) }),
    FrozenHouse(
      name: "a register that is no good", grid: { $0 < 20 ? 1200 + $0 : 2000 }, imported: { _ in 0 }
    ),
    FrozenHouse(
      name: "battery stands while clouds pass", pv: FrozenHouse.clouds,
      battery: { $0 < 20 ? 3000 - $0 : 1500 }, charge: { _ in 50 }, freezesAt: 140,
      group: "battery"),
    FrozenHouse(
      name: "battery at its limit while clouds pass", pv: FrozenHouse.clouds,
      battery: { $0 < 20 ? 1400 + $0 : 1500 }, charge: { _ in 50 }),
    FrozenHouse(
      name: "battery stands, no cloud", battery: { $0 < 20 ? 3000 - $0 : 1500 },
      charge: { _ in 50 }),
    FrozenHouse(
      name: "battery idle while clouds pass", pv: FrozenHouse.clouds,
      battery: { $0 < 20 ? 3000 - $0 : 0 },
      charge: { _ in 50 }),
    FrozenHouse(
      name: "panels in steps of 100 W", grid: FrozenHouse.clouds, pv: { $0 < 20 ? 3000 : 2000 }),
    FrozenHouse(
      name: "night", grid: FrozenHouse.clouds, pv: { _ in 0 }, battery: { _ in 0 },
      charge: { _ in 10 }),
    FrozenHouse(
      name: "panels at their limit", grid: FrozenHouse.clouds, pv: { $0 < 20 ? 4800 + $0 : 5000 }),
    FrozenHouse(
      name: "panels stand while the house moves", grid: FrozenHouse.clouds,
      pv: { $0 < 20 ? 3000 + $0 : 2000 }, freezesAt: 140, group: "pv"),
  ]

  @Test("are unknown when something shows that they must have moved", arguments: houses)
  func standing(_ house: FrozenHouse) {
    let (freezesAt, lines) = house.run()
    #expect(freezesAt == house.freezesAt, "\(house.name): \(lines)")
    let frozen = lines.filter { $0.contains("frozen") }
    #expect(frozen.count == (house.freezesAt == nil ? 0 : 1), "\(house.name): \(lines)")
    #expect(frozen.allSatisfy { $0.contains("\(house.group) values frozen") }, "\(frozen)")
  }

  @Test("are known again with the first digit that moves, and it is said")
  func movesAgain() {
    var house = FrozenHouse(name: "panels stand for a while")
    house.grid = FrozenHouse.clouds
    house.pv = { $0 < 20 ? 3000 + $0 : $0 < 200 ? 2000 : 2001 + $0 % 3 }
    let (freezesAt, lines) = house.run()
    #expect(freezesAt == 140)
    #expect(lines.filter { $0 == "hybrid: pv values move again" }.count == 1)
  }

  @Test("a battery whose charge never moves though its power would have moved it is frozen")
  func chargeStands() {
    var bench = SiteBench([Self.hybrid])
    for cycle in Int64(0)..<400 {
      let at = SiteBench.at(cycle * 5)
      var reading = DeviceReading(device: "hybrid", at: at)
      reading.batteryPower = Power(watts: -1500)
      reading.stateOfCharge = StateOfCharge(percent: 60)
      reading.batteryCapacity = Energy(wattHours: 10_000)
      bench.read(reading)
      // 5 % of 10 kWh take 20 minutes.
      let state = bench.site.state(at: at)
      #expect((state.batteryPower == nil) == (cycle >= 240), "cycle \(cycle)")
      #expect((state.stateOfCharge == nil) == (cycle >= 240))
    }
  }

  @Test("a power far beyond the inverter's rating is unknown, a little beyond it is not")
  func spikes() {
    let inverter = SiteDevice(
      name: "inverter", pollInterval: TimeSpan(seconds: 5), provides: [.pv])
    var bench = SiteBench([inverter])
    let cycles: [(rated: Int64?, pv: Int64, known: Bool)] = [
      (5000, 300, true), (5000, 3000, true), (5000, 30_000, false), (5000, 3100, true),
      (5000, 7000, true), (5000, 7600, false),
      // A rating that one reading alone says is not believed.
      (500, 3100, true), (5000, 3100, true), (nil, 31_000, false),
    ]
    for (index, cycle) in cycles.enumerated() {
      let at = SiteBench.at(Int64(index) * 5)
      var reading = DeviceReading(device: "inverter", at: at)
      reading.pvPower = Power(watts: cycle.pv)
      reading.ratedPower = cycle.rated.map { Power(watts: $0) }
      bench.read(reading)
      #expect((bench.site.state(at: at).pvPower != nil) == cycle.known, "cycle \(index)")
    }
  }
}
