import Quantities
import Simulation
import Testing

@Suite struct SimulatedHouseTests {
  /// 2026-06-21 00:00 UTC.
  private let midnight = Instant(millisecondsSince1970: 1_782_000_000_000)

  @Test("energy is conserved at every step", arguments: [UInt64(1), 2, 3, 4])
  func conserved(seed: UInt64) {
    var random = RandomSource(seed: seed)
    let weather = Weather(seed: seed)
    for equipment in HouseEquipment.street {
      var house = SimulatedHouse(equipment, seed: seed, at: midnight, weather: weather)
      var registers = (imported: house.importedTotal, exported: house.exportedTotal)
      for _ in 0..<1000 {
        house.flexibleLoad = random.happens(permille: 300) ? equipment.jobPower : .zero
        let span = TimeSpan(milliseconds: random.within(1...600_000))
        house.step(to: house.now + span, weather: weather)
        #expect(house.imbalance == 0)
        let charge = house.stateOfCharge ?? .empty
        #expect(charge >= equipment.reserve)
        #expect(charge <= .full)
        #expect(house.flow.pv >= .zero)
        #expect(house.importedTotal >= registers.imported)
        #expect(house.exportedTotal >= registers.exported)
        registers = (house.importedTotal, house.exportedTotal)
      }
    }
  }

  @Test("how often a house is stepped changes nothing")
  func stepsDoNotMatter() {
    let weather = Weather(seed: 7)
    var coarse = SimulatedHouse(.birch, seed: 7, at: midnight, weather: weather)
    var fine = coarse
    coarse.step(to: midnight + .day, weather: weather)
    for minute in 1...1440 {
      fine.step(to: midnight + TimeSpan(minutes: Int64(minute)), weather: weather)
    }
    #expect(coarse.totals == fine.totals)
    #expect(coarse.flow == fine.flow)
  }

  @Test("Amber has much to spare at noon, Cedar has not, and nobody makes power at night")
  func characters() {
    let weather = Weather(seed: 1, sky: .clear)
    var exported: [Energy] = []
    for equipment in HouseEquipment.street {
      var house = SimulatedHouse(equipment, seed: 1, at: midnight, weather: weather)
      house.step(to: midnight + TimeSpan(minutes: 4 * 60 + 30), weather: weather)
      #expect(house.flow.pv == .zero)
      house.step(to: midnight + TimeSpan(minutes: 13 * 60), weather: weather)
      #expect(house.flow.pv > equipment.panels.scaled(by: 7, over: 10))
      house.step(to: midnight + TimeSpan(minutes: 21 * 60 + 30), weather: weather)
      #expect(house.flow.pv == .zero)
      exported.append(house.exportedTotal)
    }
    #expect(exported[0] > Energy(wattHours: 20_000))
    #expect(exported[1] > Energy(wattHours: 5000))
    #expect(exported[2] < Energy(wattHours: 3000))
  }

  @Test("registers move in steps of their resolution and a reading carries it")
  func registersMoveInSteps() {
    let weather = Weather(seed: 3)
    var house = SimulatedHouse(.cedar, seed: 3, at: midnight, weather: weather)
    house.step(to: midnight + TimeSpan(minutes: 700), weather: weather)
    let reading = house.reading(device: "meter")
    #expect(reading.totalResolution == Energy(wattHours: 10))
    #expect((reading.importedTotal?.wattHours ?? 1) % 10 == 0)
    #expect(reading.importedTotal ?? .zero > .zero)
    #expect(reading.at == house.now)
  }

  @Test("a house without a battery says nothing about one")
  func withoutBattery() {
    var equipment = HouseEquipment.amber
    equipment.batteryCapacity = .zero
    let weather = Weather(seed: 3)
    var house = SimulatedHouse(equipment, seed: 3, at: midnight, weather: weather)
    house.step(to: midnight + .day, weather: weather)
    let reading = house.reading(device: "meter")
    #expect(reading.stateOfCharge == nil)
    #expect(reading.batteryPower == nil)
    #expect(house.imbalance == 0)
  }
}
