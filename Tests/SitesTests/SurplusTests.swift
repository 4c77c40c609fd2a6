import Quantities
import Sites
import Testing

@Suite struct SurplusTests {
  static let start = Instant(millisecondsSince1970: 1_782_000_000_000)
  static func at(_ seconds: Int64) -> Instant { start + TimeSpan(seconds: seconds) }

  static func house(grid: Int64?, battery: Int64? = nil, charge: Int64? = nil) -> SiteState {
    var state = SiteState()
    state.hasPanels = true
    state.hasBattery = battery != nil || charge != nil
    state.gridPower = grid.map { Measured(Power(watts: $0), at: start) }
    state.batteryPower = battery.map { Measured(Power(watts: $0), at: start) }
    state.stateOfCharge = charge.map { Measured(StateOfCharge(percent: $0), at: start) }
    return state
  }

  @Test(
    "what is spare, by one look",
    arguments: [
      // grid, battery, state of charge %, jobs, maximum charge, spare
      (-500, nil, nil, 0, nil, 500), (200, nil, nil, 0, nil, -200),
      (0, nil, nil, 300, nil, 300), (100, nil, nil, 300, nil, 200),
      // Above the reserve (30 %) charging is spare and discharging isn't.
      (-100, 400, 50, 0, nil, 500), (0, -250, 50, 300, nil, 50), (0, -250, 50, 0, nil, -250),
      // Below it the battery comes first, whether a job takes its share or not.
      (-100, 400, 20, 0, nil, 100), (0, 400, 20, 300, nil, 0), (0, 100, 20, 300, 2000, 0),
      (-700, 2000, 20, 0, 2000, 700), (-400, 2000, 20, 300, 2000, 700),
      (300, 0, 20, 0, 2000, -300),
      (nil, 0, 50, 0, nil, nil), (0, nil, 50, 0, nil, nil), (0, 100, nil, 0, nil, nil),
    ] as [(Int64?, Int64?, Int64?, Int64, Int64?, Int64?)])
  func oneLook(
    _ grid: Int64?, _ battery: Int64?, _ charge: Int64?, _ jobs: Int64, _ most: Int64?,
    _ spare: Int64?
  ) {
    let thresholds = SurplusThresholds(maximumCharge: most.map { Power(watts: $0) })
    var surplus = Surplus(thresholds: thresholds, at: Self.start)
    let house = Self.house(grid: grid, battery: battery, charge: charge)
    _ = surplus.update(house, jobsPower: Power(watts: jobs), at: Self.start)
    #expect(surplus.state.power == spare.map { Power(watts: $0) })
  }

  @Test("begins and ends only after its time at its threshold")
  func hysteresis() {
    var surplus = Surplus(thresholds: SurplusThresholds(), at: Self.start)
    // seconds, spare W, whether there is a surplus after it; 150 W for 60 s, 50 W for 60 s
    let cycles: [(at: Int64, spare: Int64, surplus: Bool)] = [
      (0, 100, false), (10, 200, false), (60, 200, false), (65, 149, false), (70, 400, false),
      (129, 400, false), (130, 400, true), (140, 60, true), (150, 50, true), (180, -900, true),
      (200, 51, true), (210, 0, true), (269, 0, true), (270, 0, false), (300, 160, false),
      (360, 150, true),
    ]
    for cycle in cycles {
      _ = surplus.update(
        Self.house(grid: -cycle.spare), jobsPower: .zero, at: Self.at(cycle.at))
      let isSpare = if case .spare = surplus.state { true } else { false }
      #expect(isSpare == cycle.surplus, "at \(cycle.at) s")
      #expect(surplus.state.power == Power(watts: cycle.spare))
    }
  }

  @Test("is unknown when the meter is, and goes on as before when it is back")
  func unknown() {
    var surplus = Surplus(thresholds: SurplusThresholds(), at: Self.start)
    func lines(_ seconds: Int64, _ grid: Int64?) -> [SurplusAction] {
      surplus.update(Self.house(grid: grid), jobsPower: .zero, at: Self.at(seconds))
    }
    #expect(lines(0, nil).isEmpty)
    #expect(lines(5, -640) == [.say("surplus if it lasts: 640 W spare")])
    #expect(lines(65, -640) == [.say("surplus: 640 W spare")])
    #expect(lines(70, nil) == [.say("surplus unknown: no fresh grid power")])
    #expect(lines(75, nil).isEmpty)
    #expect(surplus.state == .unknown(since: Self.at(70)))
    #expect(lines(80, -300) == [.say("surplus known: 300 W spare")])
    #expect(surplus.state == .spare(Power(watts: 300), since: Self.at(65)))
    #expect(lines(90, 10).isEmpty)
    #expect(lines(150, 10) == [.say("surplus gone: 10 W short")])
  }

  @Test("never turns faster than its times, whatever the clouds do")
  func neverHunts() {
    var surplus = Surplus(thresholds: SurplusThresholds(), at: Self.start)
    var state: UInt64 = 7
    var turns: [Int64] = []
    var last = false
    for second in stride(from: Int64(0), to: 86_400, by: 5) {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let watts = Int64(state >> 33) % 600 - 150 + (second / 600 % 2) * 200
      _ = surplus.update(Self.house(grid: -watts), jobsPower: .zero, at: Self.at(second))
      let isSpare = if case .spare = surplus.state { true } else { false }
      if isSpare != last { turns.append(second) }
      last = isSpare
    }
    for (left, right) in zip(turns, turns.dropFirst()) { #expect(right - left >= 60) }
  }
}
