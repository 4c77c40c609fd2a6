import Quantities
import Simulation
import Testing

@Suite struct RecordedHouseTests {
  private typealias Households = BacktestHouseholds

  /// Energy in watt-hours of a sum in microjoules.
  private func wattHours(_ microjoules: Int64) -> Int64 {
    EnergyTotals.energy(microjoules: microjoules).wattHours
  }

  @Test("the books balance at each step, whatever the job draws", arguments: [UInt64(1), 2, 3])
  func balances(seed: UInt64) {
    var random = RandomSource(seed: seed)
    for limit in [nil, Power.zero, Power(watts: 1000)] {
      var equipment = Households.battery
      equipment.exportLimit = limit
      var house = RecordedHouse(Households.days(4, seed: seed), equipment: equipment)
      while house.now < house.record.end {
        house.jobPower = random.happens(permille: 400) ? Power(watts: 300) : .zero
        house.step(to: house.now + TimeSpan(milliseconds: random.within(1...1_000_000)))
        #expect(house.imbalance == 0)
        let charge = house.stateOfCharge ?? .empty
        #expect((equipment.reserve...StateOfCharge.full).contains(charge))
        #expect(house.supply.sun + house.supply.storedSun <= house.supply.energy)
        if let limit, let flow = house.flow { #expect(-flow.grid <= limit) }
      }
    }
  }

  @Test("what is missing and left over goes where it was worked out by hand")
  func byHand() {
    // Battery half full: 2500 Wh. At 95 % it takes 1000 Wh and keeps 950.
    let record = Households.hours([(500, 1500), (400, 0), (3500, 0)])
    var house = RecordedHouse(record, equipment: Households.battery)
    house.step(to: record.begin(of: 4))
    #expect(wattHours(house.totals.charged) == 1000)
    #expect(wattHours(house.storedGain) == 950)
    #expect(wattHours(house.totals.exported) == 0)
    house.jobPower = Power(watts: 100)
    house.step(to: record.begin(of: 8))
    #expect(wattHours(house.storedGain) == 450)
    #expect(wattHours(house.totals.imported) == 0)
    house.jobPower = .zero
    // 2950 Wh less the reserve of 500 are 2450: less than the 2500 W that it could give.
    house.step(to: record.begin(of: 12))
    #expect(wattHours(house.totals.discharged) == 500 + 2450)
    #expect(wattHours(house.totals.imported) == 3500 - 2450)
  }

  @Test("a job's sun is what the panels leave, in held-back hours what they could")
  func sun() {
    var equipment = Households.battery
    equipment.batteryCapacity = .zero
    equipment.exportLimit = .zero
    let record = Households.hours([(300, 500), (300, 900), (300, 100)])
    var house = RecordedHouse(record, equipment: equipment)
    house.jobPower = Power(watts: 300)
    house.step(to: record.begin(of: 4))
    #expect(wattHours(house.supply.sun) == 200)
    #expect(wattHours(house.totals.imported) == 100)
    house.step(to: record.begin(of: 8))
    #expect(wattHours(house.supply.sun) == 500)
    #expect(wattHours(house.curtailed) == 300)
    house.step(to: record.end)
    #expect(wattHours(house.supply.sun) == 500)
    #expect(wattHours(house.supply.energy) == 900)
    #expect(house.supply.sharePerMillion == 555_555)
  }

  @Test("what the battery gives is shared between household and job as they fall short")
  func shared() {
    let record = Households.hours([(600, 0)])
    var house = RecordedHouse(record, equipment: Households.battery)
    house.jobPower = Power(watts: 300)
    house.step(to: record.end)
    #expect(wattHours(house.supply.sun) == 0)
    #expect(wattHours(house.supply.storedSun) == 300)
    // What was charged from the grid is no sun.
    house = RecordedHouse(Households.hours([(0, 0), (0, 0)]), equipment: Households.battery)
    house.settings.batteryPower = Power(watts: 1000)
    house.step(to: house.record.begin(of: 4))
    house.settings.batteryPower = nil
    house.jobPower = Power(watts: 1000)
    house.step(to: house.record.end)
    // 2500 Wh of sun and 950 of the grid: of 1000 given, 2500/3450 are sun.
    #expect((724...725).contains(wattHours(house.supply.storedSun)))
  }

  @Test("in a gap nothing flows but the job, from the grid")
  func gap() {
    let record = Households.hours([(400, 900), (nil, 900), (400, nil), (400, 900)])
    var house = RecordedHouse(record, equipment: Households.battery)
    house.step(to: record.begin(of: 4))
    let before = house.totals
    #expect(house.flow == nil)
    #expect(house.reading(device: "house") == nil)
    house.jobPower = Power(watts: 200)
    house.step(to: record.begin(of: 12))
    #expect(house.totals.pv == before.pv)
    #expect(house.totals.charged == before.charged)
    #expect(wattHours(house.totals.imported - before.imported) == 400)
    #expect(house.supply.sun == 0)
    #expect(house.imbalance == 0)
    #expect(record.wholeDays.isEmpty)
  }
}
