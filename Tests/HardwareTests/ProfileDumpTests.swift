import Hardware
import Quantities
import Sites
import Testing

/// What shipped profiles do beside what their fixtures show.
@Suite("Device profiles")
struct ProfileDumpTests {
  @Test("fit the requests that their devices answer")
  func plans() throws {
    let plans = try [
      "growatt-sph", "growatt-spf", "victron-gx", "eastron-sdm630", "epever-tracer",
    ].map { name in
      RegisterMap(try BundledProfiles.named(name)).plan.map { [$0.address, $0.count] }
    }
    #expect(plans[0] == [[0, 93], [1009, 78]])
    #expect(plans[1] == [[0, 79]])
    #expect(plans[2] == [[808, 6], [817, 6], [842, 2], [850, 1]])
    #expect(plans[3] == [[0x34, 24]])
    #expect(plans[4] == [[0x3102, 6], [0x310E, 2], [0x311A, 1], [0x3201, 1]])
  }

  @Test("read what hardly changes apart from what does")
  func slowPlans() throws {
    let inverter = RegisterMap(try BundledProfiles.named("growatt-spf"))
    #expect(inverter.slowPlan == [RegisterSpan(table: .holding, address: 76, count: 2)])
    let charger = RegisterMap(try BundledProfiles.named("epever-tracer"))
    #expect(charger.slowPlan == [RegisterSpan(table: .input, address: 0x3312, count: 2)])
  }

  @Test(
    "state the step of a meter's totals",
    arguments: [
      ("eastron-sdm630", 10), ("eastron-sdm120", 10), ("victron-grid-meter", 10),
    ])
  func resolution(name: String, wattHours: Int64) throws {
    let dump = try ProfileFixtureTests.dump(name)
    let reading = RegisterMap(try BundledProfiles.named(name))
      .decode(dump.image, device: "x", at: .distantPast)
    #expect(reading.totalResolution == Energy(wattHours: wattHours))
  }

  @Test("tell a Growatt's discharge and import from charge and export")
  func growattEvening() throws {
    let map = RegisterMap(try BundledProfiles.named("growatt-sph"))
    var image = RegisterImage()
    image.write([0, 8000, 0, 0, 498, 22], at: 1009, in: .input)
    image.write([0, 1250], at: 1021, in: .input)
    image.write([0, 0], at: 1029, in: .input)
    let reading = map.decode(image, device: "x", at: .distantPast)
    #expect(reading.batteryPower == Power(watts: -800))
    #expect(reading.gridPower == Power(watts: 125))
    #expect(reading.stateOfCharge == StateOfCharge(percent: 22))
    #expect(reading.pvPower == nil)
  }

  @Test("ask a Growatt HU's battery management where the inverter knows no state of charge")
  func growattHU() throws {
    let map = RegisterMap(try BundledProfiles.named("growatt-sph"))
    var image = RegisterImage()
    image.write([0], at: 1014, in: .input)
    #expect(map.decode(image, device: "x", at: .distantPast).stateOfCharge == nil)
    image.write([64], at: 1086, in: .input)
    let reading = map.decode(image, device: "x", at: .distantPast)
    #expect(reading.stateOfCharge == StateOfCharge(percent: 64))
  }

  @Test("say that an Epever whose battery is full holds the panels back")
  func epeverFloats() throws {
    let map = RegisterMap(try BundledProfiles.named("epever-tracer"))
    var image = RegisterImage()
    for (status, state) in [
      (0x0001, OperatingState.sleeping), (0x0005, .throttled), (0x400B, .producing),
      (0x000D, .producing),
    ] {
      image.write([UInt16(status)], at: 0x3201, in: .input)
      #expect(map.decode(image, device: "x", at: .distantPast).operatingState == state)
    }
  }

  @Test("take a Victron state of charge of 0, which stands for no battery, as unknown")
  func victronWithoutBattery() throws {
    let map = RegisterMap(try BundledProfiles.named("victron-gx"))
    var image = RegisterImage()
    image.write([0, 0], at: 842, in: .holding)
    #expect(map.decode(image, device: "x", at: .distantPast).stateOfCharge == nil)
  }

  @Test("say what can be steered, and what undoes it")
  func controls() throws {
    let controls = try ["growatt-sph", "victron-gx", "victron-multi", "growatt-spf"].map { name in
      try BundledProfiles.named(name).controls
    }
    #expect(controls[0].map(\.control) == [.reserve, .batteryPower])
    #expect(controls[0].map(\.memory) == [.flash(dailyWrites: 8), .flash(dailyWrites: 12)])
    #expect(controls[0].allSatisfy { $0.failSafe == .guardian })
    #expect(controls[1].map(\.control) == [.reserve, .exportLimit])
    #expect(controls[2].map(\.failSafe) == [.timeout(TimeSpan(seconds: 60))])
    #expect(controls[2].map(\.memory) == [.volatile])
    #expect(controls[2].map(\.range) == [-15_000_000...15_000_000])
    #expect(controls[3].isEmpty)
  }
}
