import Quantities
import Sites
import Testing

@Suite("Curtailment") struct CurtailmentTests {
  static let plant = SiteDevice(
    name: "plant", pollInterval: TimeSpan(seconds: 5),
    provides: [.pv, .grid, .battery, .stateOfCharge], owes: [])

  /// One look at a house, in W and %; nil is not offered.
  struct Look: Sendable {
    var pv: Int64? = 3000
    var grid: Int64?
    var battery: Int64?
    var charge: Int64?
    var state: OperatingState?
    var rated: Int64?
    var limit: Int64?
    var permille: Int64?
    var export: Int64?
    var most: Int64?
    var expected: Curtailment
  }

  static func reading(_ look: Look, _ seconds: Int64) -> DeviceReading {
    var reading = DeviceReading(device: "plant", at: SiteBench.at(seconds))
    reading.pvPower = look.pv.map { Power(watts: $0) }
    reading.gridPower = look.grid.map { Power(watts: $0) }
    reading.batteryPower = look.battery.map { Power(watts: $0) }
    reading.stateOfCharge = look.charge.map { StateOfCharge(percent: $0) }
    reading.operatingState = look.state
    reading.ratedPower = look.rated.map { Power(watts: $0) }
    reading.powerLimit = look.limit.map { Power(watts: $0) }
    reading.powerLimitPermille = look.permille
    reading.exportLimit = look.export.map { Power(watts: $0) }
    reading.maximumCharge = look.most.map { Power(watts: $0) }
    return reading
  }

  static func watts(_ value: Int64) -> Power { Power(watts: value) }

  static let looks: [Look] = [
    Look(grid: -500, expected: .none),
    Look(pv: nil, grid: -500, state: .producing, expected: .unknown),
    Look(grid: -500, state: .throttled, expected: .curtailed(.throttled)),
    Look(state: .producing, expected: .none),
    // A limit, reached or not, and one that is none.
    Look(pv: 1990, rated: 5000, limit: 2000, expected: .curtailed(.powerLimit(watts(2000)))),
    Look(pv: 1905, rated: 5000, limit: 2000, expected: .curtailed(.powerLimit(watts(2000)))),
    Look(pv: 1500, rated: 5000, limit: 2000, expected: .none),
    Look(pv: 4990, rated: 5000, limit: 5000, expected: .none),
    Look(pv: 2480, rated: 5000, permille: 500, expected: .curtailed(.powerLimit(watts(2500)))),
    Look(pv: 4990, rated: 5000, permille: 1000, expected: .none),
    Look(pv: 2480, permille: 500, expected: .none),
    Look(pv: 0, state: .producing, limit: 0, expected: .curtailed(.powerLimit(.zero))),
    Look(pv: 0, state: .sleeping, limit: 0, expected: .none),
    Look(pv: 0, limit: 0, expected: .unknown),
    // Zero export.
    Look(pv: 700, grid: 0, export: 0, expected: .curtailed(.exportLimit(.zero))),
    Look(pv: 700, grid: 300, export: 0, expected: .none),
    Look(pv: 0, grid: 20, export: 0, expected: .none),
    Look(pv: 700, grid: 0, battery: 900, charge: 70, export: 0, expected: .none),
    Look(
      pv: 700, grid: 0, battery: 0, charge: 99, export: 0,
      expected: .curtailed(.exportLimit(.zero))),
    Look(
      pv: 3700, grid: 0, battery: 2950, charge: 70, export: 0, most: 3000,
      expected: .curtailed(.exportLimit(.zero))),
    Look(
      pv: 700, grid: 0, battery: 0, charge: 50, export: 0, most: 0,
      expected: .curtailed(.exportLimit(.zero))),
    Look(pv: 700, grid: 0, battery: -400, charge: 100, export: 0, expected: .none),
    // A limit above zero, reached, not reached, and one that nobody keeps to.
    Look(pv: 5000, grid: -4000, export: 4000, expected: .curtailed(.exportLimit(watts(4000)))),
    Look(pv: 5000, grid: -3000, export: 4000, expected: .none),
    Look(pv: 9000, grid: -6000, export: 4000, expected: .none),
    Look(pv: 5000, export: 4000, expected: .unknown),
    // An island, or a limit that nobody told of.
    Look(pv: 700, grid: 0, battery: 10, charge: 100, expected: .curtailed(.batteryFull)),
    Look(pv: 700, grid: -900, battery: 10, charge: 100, expected: .none),
    Look(pv: 50, grid: 0, battery: 0, charge: 100, expected: .none),
    Look(pv: 700, grid: 0, battery: 500, charge: 100, expected: .none),
  ]

  @Test("is told from state, limits, grid and battery", arguments: looks.indices)
  func look(_ index: Int) {
    let look = Self.looks[index]
    var bench = SiteBench([Self.plant])
    // Known for its panels before.
    bench.read(Self.reading(Look(rated: look.rated, expected: .none), 0))
    for second in stride(from: Int64(5), through: 70, by: 5) {
      bench.read(Self.reading(look, second))
    }
    #expect(bench.site.state(at: SiteBench.at(70)).curtailment == look.expected, "\(look)")
  }

  @Test("takes a minute to begin and to end, and is said each time")
  func hysteresis() {
    var bench = SiteBench([Self.plant])
    let held = Look(pv: 700, grid: 0, export: 0, expected: .none)
    let free = Look(pv: 2700, grid: 900, export: 0, expected: .none)
    let blind = Look(pv: 700, export: 0, expected: .none)
    // seconds, look, curtailed after it, line
    let cycles: [(at: Int64, look: Look, state: Bool?, line: String?)] = [
      (0, free, false, nil), (5, held, false, nil), (30, held, false, nil),
      (35, free, false, nil), (40, held, false, nil), (99, held, false, nil),
      (100, held, true, "curtailed: export limit 0 W"), (105, held, true, nil),
      (110, free, true, nil), (165, free, true, nil), (167, held, true, nil),
      (170, free, true, nil), (200, blind, nil, nil), (205, free, true, nil),
      (264, free, true, nil), (265, free, false, "curtailment over after 2 min"),
    ]
    for cycle in cycles {
      bench.read(Self.reading(cycle.look, cycle.at))
      let state = bench.site.state(at: SiteBench.at(cycle.at)).curtailment
      let isCurtailed: Bool? =
        switch state {
        case .unknown: nil
        case .none: false
        case .curtailed: true
        }
      #expect(isCurtailed == cycle.state, "at \(cycle.at) s")
      #expect(bench.takeLines() == [cycle.line].compactMap { $0 }, "at \(cycle.at) s")
    }
    #expect(bench.site.state(at: SiteBench.at(300)).curtailment == .unknown)
  }

  @Test("a house without panels is never curtailed")
  func noPanels() {
    var bench = SiteBench([
      SiteDevice(name: "meter", pollInterval: TimeSpan(seconds: 5), provides: [.grid])
    ])
    var reading = DeviceReading(device: "meter", at: SiteBench.at(0))
    reading.gridPower = .zero
    bench.read(reading)
    #expect(bench.site.state(at: SiteBench.at(0)).curtailment == .none)
  }

  @Test("makes what is spare the least that there is, and nothing more")
  func surplus() {
    var state = SiteState()
    state.gridPower = Measured(Power(watts: -200), at: SiteBench.start)
    var surplus = Surplus(thresholds: SurplusThresholds(), at: SiteBench.start)
    for (curtailment, isLeast) in [
      (Curtailment.curtailed(.throttled), true), (.none, false), (.unknown, false),
    ] {
      state.curtailment = curtailment
      _ = surplus.update(state, jobsPower: .zero, at: SiteBench.start)
      #expect(surplus.isLeast == isLeast)
      #expect(surplus.state.power == Power(watts: 200))
    }
  }
}
