import Planning
import Quantities
import Simulation
import Testing

import heliosim

@Suite struct BacktestOptionsTests {
  @Test("a household's battery, limit, prices and place are read")
  func read() throws {
    let words =
      "--data x.csv --battery 7.5 --charge 3000 --efficiency 900 --reserve 20 --export-limit 0 "
      + "--import-price 28.5 --export-price -1 --zone +05:30 --latitude -33.9 --longitude 18.4 "
      + "--tilt 30 --azimuth 0 --peak 5000 --from 2016-06-02 --step 1 --job 300Wx4h --json"
    let options = try BacktestOptions(words.split(separator: " ").map(String.init))
    #expect(options.equipment.batteryCapacity == Energy(wattHours: 7500))
    #expect(options.equipment.maximumCharge == Power(watts: 3000))
    #expect(options.equipment.maximumDischarge == Power(watts: 3750))
    #expect(options.equipment.efficiencyPermille == 900)
    #expect(options.equipment.reserve == StateOfCharge(percent: 20))
    #expect(options.equipment.exportLimit == .zero)
    #expect(options.prices.importPrice == Price(millicreditsPerKilowattHour: 28_500))
    #expect(options.prices.exportPrice == Price(creditsPerKilowattHour: -1))
    #expect(options.patterns == [JobPattern.usual[0]])
    #expect(options.wantsJSON)
    let plan = try options.plan(BacktestHouseholds.days(3, seed: 1), options.patterns[0])
    #expect(plan.days.count == 2)
    #expect(plan.interval == .minute)
    #expect(plan.place?.latitude == Angle(microdegrees: -33_900_000))
    #expect(plan.panels.first?.peak == Power(watts: 5000))
    #expect(plan.localTime.minuteOfDay(at: BacktestHouseholds.june) == 330)
  }

  @Test(
    "a wrong command line is refused in one line that names the option",
    arguments: [
      ("", "--data"), ("--data", "--data"), ("--data x --battery ten", "--battery"),
      ("--data x --battery -1", "--battery"), ("--data x --efficiency 0", "--efficiency"),
      ("--data x --job 300", "--job"), ("--data x --from 2016-13-01", "--from"),
      ("--data x --latitude 50", "--longitude"), ("--data x --tilt 30", "--peak"),
      ("--data x --speed 3", "--speed"), ("x", "x"), ("--data x --step 0", "--step"),
    ])
  func refused(words: String, name: String) {
    var said = "taken"
    do { _ = try BacktestOptions(words.split(separator: " ").map(String.init)) } catch {
      said = error.description
    }
    #expect(said.contains(name), "said: \(said)")
    #expect(said != "taken")
    #expect(!said.contains("\n"))
  }
}
