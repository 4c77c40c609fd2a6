import Daemon
import Quantities
import Testing
import Thrown

@Suite struct ConfigurationTests {
  static let key = String(repeating: "ab", count: 32)

  static func read(_ text: String) throws(ConfigurationError) -> Configuration {
    try Configuration(text: Array(text.utf8), file: "node.json5")
  }

  @Test("reads every field, with comments and bare names")
  func everything() throws {
    let configuration = try Self.read(
      """
      // A house on the lane.
      {
        name: "amber", community: 'lane', dataDirectory: "/tmp/amber/",
        clock: { startsAt: "2026-06-21T04:30:00Z", realStart: 1766000000000, speed: 600 },
        timeZone: "Europe/Berlin", listen: "[::1]:7001",
        peers: [{ name: "birch", key: "\(Self.key)", address: "10.0.0.2:7002" },],
        devices: [
          { name: "inverter", host: "10.0.0.9", port: 1502, unit: 3, profile: "growatt-sph",
            pollSeconds: 10, provides: ["pv", "stateOfCharge"], steer: true },
        ],
        guardian: "systemd",
        battery: { capacityWattHours: 10000, reservePercent: 30, maximumChargeWatts: 3000 },
        jobs: { engine: "http://127.0.0.1:8080", slots: 2, watts: 45 },
        market: { enabled: true, sellAtLeast: 9.5, buyAtMost: 21.125 },
        surplus: { startWatts: 200, stopWatts: 20, startSeconds: 30 }, /* the rest as is */
        text: { readers: ["+255700000001"], spool: "/var/spool/gammu" },
      }
      """)
    #expect(configuration.name == "amber")
    #expect(configuration.databasePath == "/tmp/amber/heliograph.db")
    #expect(configuration.keyFile == "/tmp/amber/key")
    #expect(configuration.clock?.startsAt == TimestampText.instant("2026-06-21T04:30:00Z"))
    #expect(configuration.listen?.host == "::1")
    #expect(configuration.listen?.port == 7001)
    #expect(configuration.peers.first?.address?.description == "10.0.0.2:7002")
    #expect(configuration.devices.first?.poll == TimeSpan(seconds: 10))
    #expect(configuration.devices.first?.unit == 3)
    #expect(configuration.devices.first?.provides == [.pv, .stateOfCharge])
    #expect(configuration.devices.first?.steer == true)
    #expect(configuration.guardian == .systemd)
    #expect(configuration.battery?.maximumDischarge == Power(watts: 3000))
    #expect(configuration.jobs?.directory == "/tmp/amber/jobs")
    #expect(configuration.market.buyAtMost == Price(millicreditsPerKilowattHour: 21_125))
    #expect(configuration.surplus.stopAfter == TimeSpan(seconds: 60))
    #expect(configuration.text.spool == "/var/spool/gammu")
  }

  @Test(
    "names file, line, field and what was expected",
    arguments: [
      ("{\n name: \"a\",\n community: \"lane\"", "node.json5:3: expected , or } after community"),
      ("{ name: \"a\",\n  community lane }", "node.json5:2: expected : after community, found 'l'"),
      ("{\n name: amber }", "node.json5:2: expected a value, found amber: text needs quotes"),
      ("{\n\n/* never", "node.json5:3: a comment begins here and never ends"),
      ("{ name: \"a\" }", "node.json5:1: community: missing: expected the neighbourhood's name"),
      ("[1]", "node.json5:1: expected an object { … }, found a list"),
      (
        "{\n name: “amber” }",
        "node.json5:2: expected a value, found '“': type straight quotes"
      ),
      ("{\n nmae: \"a\" }", "node.json5:2: nmae: unknown field: did you mean name?"),
      (
        "{ name: \"a\", community: \"x\", devices: [{ name: \"m\", host: \"h\", "
          + "profile: \"p\" },\n{ name: \"n\", host: \"h\", profile: \"p\" }] }",
        "node.json5:1: devices[0].provides: missing: expected which of pv, load, grid, battery, "
          + "stateOfCharge, totals it is read for, as there are several devices"
      ),
      (
        "{ name: \"a\", community: \"x\", text: { readers: [\"+255700000001\"] } }",
        "text.spool: missing: expected gammu-smsd's folder, since readers are listed"
      ),
      (
        "{ name: \"a b\", community: \"x\" }",
        "node.json5:1: name: expected 1 to 16 letters, digits or -, found \"a b\""
      ),
      (
        "{ name: \"a\", community: \"x\",\n\n comunity: 2 }",
        "node.json5:3: comunity: unknown field: did you mean community?"
      ),
      (
        "{ name: \"a\", community: \"x\", devices: [\n{ name: \"m\", host: \"h\", profile: \"p\",\n"
          + "port: 70000 } ] }",
        "node.json5:3: devices[0].port: expected a whole number from 1 to 65535, found 70000"
      ),
      (
        "{ name: \"a\", community: \"x\", devices: [{ name: \"m\", host: \"h\" }] }",
        "devices[0].profile: missing: expected sunspec or the name of a profile"
      ),
      (
        "{ name: \"a\", community: \"x\", listen: \"here\" }",
        "listen: expected host:port, found \"here\""
      ),
      (
        "{ name: \"a\", community: \"x\", peers: [{ name: \"b\", key: \"abc\" }] }",
        "peers[0].key: expected 64 hexadecimal digits"
      ),
      (
        "{ name: \"a\", community: \"x\", market: { sellAtLeast: 1.2345 } }",
        "market.sellAtLeast: expected credits per kWh from 0 to 1000000"
      ),
      (
        "{ name: \"a\", community: \"x\", surplus: { startWatts: 10, stopWatts: 10 } }",
        "surplus.stopWatts: expected less than startWatts (10), found 10"
      ),
      (
        "{ name: \"a\", community: \"x\", clock: { startsAt: \"2026-02-30T00:00:00Z\" } }",
        "clock.startsAt: expected a time such as"
      ),
      (
        "{ name: \"a\", community: \"x\", guardian: \"cron\" }",
        "guardian: expected \"systemd\" or \"watchdog\", found \"cron\""
      ),
      (
        "{ name: \"a\", community: \"x\", devices: [{ name: \"m\", host: \"h\", "
          + "profile: \"p\",\n steer: true, pollSeconds: 61 }] }",
        "node.json5:2: devices[0].pollSeconds: expected at most 60, since this device is steered"
      ),
      (
        "{ name: \"a\", name: \"b\" }", "node.json5:1: name stands on line 1 already"
      ),
    ])
  func errors(text: String, expected: String) {
    do throws(ConfigurationError) {
      _ = try Self.read(text)
      Issue.record("was accepted: \(text)")
    } catch {
      #expect(error.description.contains(expected), "\(error)")
      #expect(!error.description.contains("\n"))
    }
  }

  @Test("survives whatever bytes it is given")
  func rubbish() {
    var state: UInt64 = 1
    let alphabet = Array("{}[]:,\"'\\/*-.0129truenul \n\t\u{e9}name".utf8)
    for _ in 0..<3000 {
      var bytes: [UInt8] = []
      for _ in 0..<40 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      #expect(throws: ConfigurationError.self) {
        _ = try Configuration(text: bytes, file: "rubbish")
      }
    }
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 100_000)
    #expect(throws: ConfigurationError.self) { _ = try Configuration(text: deep, file: "deep") }
  }

  @Test(
    "reads and writes points in time",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-06-21T04:30:00Z", 1_782_016_200),
      ("2000-02-29T23:59:59Z", 951_868_799), ("2100-03-01T00:00:00Z", 4_107_542_400),
    ] as [(String, Int64)])
  func timestamps(text: String, seconds: Int64) {
    let instant = Instant(millisecondsSince1970: seconds * 1000)
    #expect(TimestampText.instant(text) == instant)
    #expect(TimestampText.text(instant) == text)
  }

  @Test("a metered socket tells the computing side's power and nothing of the house")
  func meteredSocket() throws {
    func read(_ sensor: String) throws -> Configuration {
      try Configuration(
        text: Array(
          """
          { name: "amber", community: "lane",
            devices: [{ name: "inverter", host: "10.0.0.1", profile: "sunspec" },
                      { name: "socket", host: "10.0.0.2", profile: "eastron-sdm120-socket" }],
            jobs: { engine: "/run/llama.sock", powerSensor: "\(sensor)" } }
          """.utf8), file: "house.json5")
    }
    let configuration = try read("socket")
    #expect(configuration.devices.map(\.provides) == [nil, []])
    let error = thrown(ConfigurationError.self) { try read("soket") }
    #expect(error?.description.contains("name of a device, found \"soket\"") == true)
  }
}
