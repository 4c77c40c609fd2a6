import Daemon
import Hardware
import Quantities
import Sites
import Testing

@Suite struct GPIOConfigurationTests {
  static func read(_ sections: String) throws(ConfigurationError) -> Configuration {
    try Configuration(
      text: Array("{ name: \"amber\", community: \"lane\", \(sections) }".utf8),
      file: "node.json5")
  }

  @Test("reads relays, pulse meters, a button and a light")
  func everything() throws {
    let configuration = try Self.read(
      """
      battery: { capacityWattHours: 5000 },
      relays: [
        { name: "boiler", line: "GPIO17", mode: "surplus", watts: 2000, minimumOnSeconds: 60 },
        { name: "freezer", chip: "pinctrl-rp1", offset: 27, activeLow: true, mode: "shed",
          group: "g", deadTimeSeconds: 2 },
      ],
      pulseMeters: [
        { name: "in", flow: "gridImport", line: "GPIO22" },
        { name: "sun", flow: "pv", line: "GPIO23", pulsesPerKilowattHour: 800, pull: "none",
          minimumPulseMilliseconds: 20, minimumPauseMilliseconds: 5, pollSeconds: 2 },
      ],
      button: { line: "GPIO24" }, light: { line: "GPIO25" },
      """)
    let boiler = try #require(configuration.relays.first)
    #expect(boiler.plan.power == Power(watts: 2000))
    #expect(boiler.plan.minimumOn == .minute)
    #expect(boiler.plan.minimumOff == TimeSpan(minutes: 5))
    #expect(boiler.line == GPIOPlan.Line(place: .name("GPIO17"), isActiveLow: false))
    #expect(
      configuration.relays.last?.line
        == GPIOPlan.Line(place: .offset(chip: "pinctrl-rp1", line: 27), isActiveLow: true))
    let meter = try #require(configuration.pulseMeters.first)
    #expect(meter.line.isActiveLow)
    #expect(meter.pull == .up)
    #expect(meter.shape == PulseShape())
    #expect(meter.pulsesPerKilowattHour == 1000)
    #expect(configuration.pulseMeters.last?.pull == GPIOPlan.Pull.none)
    #expect(configuration.button?.isActiveLow == true)
    #expect(configuration.light?.isActiveLow == false)
  }

  /// Typed, because Swift 6.0 takes too long to find the type by itself.
  static let mistakes: [(String, String)] = [
    ("relays: [{ name: \"a\", line: \"X\", mode: \"source\" }]", "expected one of surplus, shed"),
    ("relays: [{ name: \"a\", line: \"X\", mode: \"surplus\" }]", "relays[0].watts: missing"),
    ("relays: [{ name: \"a\", line: \"X\", mode: \"shed\" }]", "expected a battery section"),
    ("relays: [{ name: \"a\", mode: \"manual\" }]", "relays[0].line: missing"),
    (
      "relays: [{ name: \"a\", mode: \"manual\", chip: \"c\" }]",
      "relays[0].chip: expected either line, or chip and offset together"
    ),
    (
      "relays: [{ name: \"a\", mode: \"manual\", line: \"X\" },"
        + "{ name: \"a\", mode: \"manual\", line: \"Y\" }]", "a is an earlier relay"
    ),
    (
      "pulseMeters: [{ name: \"a\", line: \"X\", flow: \"water\" }]",
      "expected one of gridImport, gridExport, pv, load, found \"water\""
    ),
    (
      "pulseMeters: [{ name: \"a\", line: \"X\", flow: \"gridImport\" },"
        + "{ name: \"b\", line: \"Y\", flow: \"gridImport\" }]", "gridImport is counted already"
    ),
    (
      "devices: [{ name: \"a\", host: \"h\", profile: \"sunspec\" }],"
        + "pulseMeters: [{ name: \"b\", line: \"X\", flow: \"pv\" }]",
      "devices[0].provides: missing"
    ),
    (
      "devices: [{ name: \"a\", host: \"h\", profile: \"sunspec\", provides: [\"grid\"] }],"
        + "pulseMeters: [{ name: \"a\", line: \"X\", flow: \"pv\" }]", "a is an earlier device"
    ),
    ("button: { line: \"X\", pull: \"up\" }", "button.pull: unknown field"),
  ]

  @Test("names file, line, field and what was expected", arguments: mistakes)
  func errors(_ sections: String, _ expected: String) {
    do throws(ConfigurationError) {
      _ = try Self.read(sections)
      Issue.record("was accepted: \(sections)")
    } catch {
      #expect(error.description.contains(expected), "\(error)")
    }
  }
}
