import Quantities
import Simulation
import Testing

@Suite("A simulated house that is told what to do")
struct CurtailmentTests {
  /// 2026-06-21 00:00 UTC.
  private static let midnight = Instant(millisecondsSince1970: 1_782_000_000_000)
  private static let weather = Weather(seed: 1, sky: .clear)

  /// Amber at noon of a clear day, its battery as full as `charge`.
  private static func noon(charge: Int64) -> SimulatedHouse {
    SimulatedHouse(
      .amber, seed: 1, at: midnight + TimeSpan(minutes: 780), weather: weather,
      stateOfCharge: StateOfCharge(percent: charge))
  }

  @Test("throttles its panels when the battery is full and export is limited")
  func exportLimit() {
    var house = Self.noon(charge: 100)
    let free = house.flow
    #expect(free.pv > Power(watts: 5000) && free.curtailed == .zero)
    #expect(house.reading(device: "x").operatingState == .producing)
    house.settings.exportLimit = Power(watts: 800)
    let held = house.flow
    #expect(held.grid == Power(watts: -800))
    #expect(held.pv + held.curtailed == free.pv && held.curtailed > Power(watts: 3000))
    let reading = house.reading(device: "x")
    #expect(reading.operatingState == .throttled)
    #expect(reading.exportLimit == Power(watts: 800))
    house.settings.exportLimit = .zero
    #expect(house.flow.grid == .zero)
  }

  @Test("fills the battery before it throttles")
  func batteryFirst() {
    var house = Self.noon(charge: 50)
    house.settings.exportLimit = .zero
    #expect(house.flow.battery == house.equipment.maximumCharge)
    #expect(house.flow.grid == .zero)
  }

  @Test("keeps what leaves the inverter under its limit")
  func powerLimit() {
    var house = Self.noon(charge: 100)
    house.settings.powerLimit = Power(watts: 2000)
    #expect(house.flow.inverter == Power(watts: 2000))
    #expect(house.reading(device: "x").powerLimit == Power(watts: 2000))
    // 2,000 of 8,000 + 3,000 W
    #expect(house.reading(device: "x").powerLimitPermille == 181)
  }

  @Test("charges and discharges as it is told, within what the battery can")
  func batterySetPoint() {
    var house = Self.noon(charge: 50)
    house.settings.batteryPower = Power(watts: -1500)
    #expect(house.flow.battery == Power(watts: -1500))
    house.settings.batteryPower = Power(watts: -9000)
    #expect(house.flow.battery == -house.equipment.maximumDischarge)
    house.settings.batteryPower = Power(watts: 1200)
    #expect(house.flow.battery == Power(watts: 1200))
    // A full battery takes nothing, whatever it is told.
    house = Self.noon(charge: 100)
    house.settings.batteryPower = Power(watts: 1200)
    #expect(house.flow.battery == .zero)
  }

  @Test("discharges no lower than its reserve")
  func reserve() {
    var house = SimulatedHouse(
      .amber, seed: 1, at: Self.midnight, weather: Self.weather,
      stateOfCharge: StateOfCharge(percent: 60))
    #expect(house.flow.battery < .zero)
    house.settings.reserve = StateOfCharge(percent: 60)
    #expect(house.flow.battery == .zero)
    house.settings.reserve = StateOfCharge(percent: 55)
    house.step(to: Self.midnight + TimeSpan(minutes: 300), weather: Self.weather)
    #expect(house.stateOfCharge == StateOfCharge(percent: 55))
    #expect(house.imbalance == 0)
  }

  @Test("conserves energy whatever it is told", arguments: [UInt64(1), 2, 3])
  func conserved(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let weather = Weather(seed: seed)
    var house = SimulatedHouse(.birch, seed: seed, at: Self.midnight, weather: weather)
    func power(_ most: Int64) -> Power? {
      random.happens(permille: 500) ? Power(watts: random.below(most)) : nil
    }
    for _ in 0..<2000 {
      house.settings.batteryPower = power(6000).map { $0 - Power(watts: 3000) }
      house.settings.exportLimit = power(3000)
      house.settings.powerLimit = power(8000)
      house.step(
        to: house.now + TimeSpan(milliseconds: random.within(1...200_000)), weather: weather)
      let flow = house.flow
      #expect(house.imbalance == 0)
      #expect(flow.pv >= .zero && flow.curtailed >= .zero)
      if let limit = house.settings.exportLimit { #expect(flow.grid >= -limit) }
      if let limit = house.settings.powerLimit { #expect(flow.inverter <= limit) }
      let charge = house.stateOfCharge ?? .empty
      #expect(charge >= house.equipment.reserve && charge <= .full)
    }
  }
}
