import Daemon
import Hardware
import Quantities
import Sites
import Testing
import Thrown

/// `heliograph check`, `watch`, `dump` and `scan` against devices that speak real Modbus.
@Suite("An installer's tools")
struct InstallerToolTests {
  /// A hybrid inverter as unit 1 and a meter as unit 2, and a configuration that reads them.
  struct House {
    let server: ModbusServer
    let directory = TemporaryDirectory()
    let configuration: String

    static var profiles: String {
      #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/") + "/Sources/Hardware/Profiles"
    }

    /// - Parameter grid: what the meter says, W.
    init(grid: Int64) throws {
      server = try ModbusServer(port: 0)
      configuration = directory.write(
        "node.json5",
        """
        { name: "amber", community: "lane", dataDirectory: "\(directory.file("node"))",
          profileDirectory: "\(Self.profiles)",
          devices: [
            { name: "inverter", host: "127.0.0.1", port: \(server.port), profile: "growatt-sph",
              provides: ["pv", "load", "battery", "stateOfCharge"] },
            { name: "meter", host: "127.0.0.1", port: \(server.port), unit: 2,
              profile: "eastron-sdm630", provides: ["grid", "totals"] },
          ] }
        """)
      try show(load: 500, grid: grid)
    }

    func show(load: Int64, grid: Int64) throws {
      var reading = DeviceReading(device: "house", at: .distantPast)
      reading.pvPower = Power(watts: 3000)
      reading.loadPower = Power(watts: load)
      reading.gridPower = Power(watts: grid)
      reading.batteryPower = Power(watts: 1000)
      reading.stateOfCharge = StateOfCharge(percent: 71)
      reading.importedTotal = Energy(wattHours: 500_000)
      reading.exportedTotal = Energy(wattHours: 700_000)
      reading.generatedTotal = Energy(wattHours: 900_000)
      reading.chargedTotal = Energy(wattHours: 300_000)
      reading.dischargedTotal = Energy(wattHours: 250_000)
      reading.operatingState = .producing
      for (unit, profile) in [(UInt8(1), "growatt-sph"), (2, "eastron-sdm630")] {
        let map = RegisterMap(
          try ProfileLibrary.profile(atPath: "\(Self.profiles)/\(profile).json5"))
        server.update(image: map.encode(reading), unit: unit)
      }
    }

    func run(_ arguments: [String], input: String = "") async throws -> ToolProcess {
      let directory = directory
      return try await besidePool { try ToolProcess(arguments, in: directory, input: input) }
    }
  }

  @Test("check finds that all is well, and that a meter is turned round")
  func check() async throws {
    let house = try House(grid: -1500)
    defer { house.server.stop() }
    let well = try await house.run(["check", "--config", house.configuration])
    #expect(well.status == 0, "\(well)")
    #expect(well.output.contains("the powers add up"))
    #expect(well.output.contains("sun 3.00 kW") || well.output.contains("sun 3000 W"))
    try house.show(load: 500, grid: 1500)
    let turned = try await house.run(["check", "--config", house.configuration])
    #expect(turned.status == 1, "\(turned)")
    #expect(turned.output.contains("WRONG") && turned.output.contains("turn the clamp"))
    house.server.remove(unit: 2)
    let silent = try await house.run(["check", "--config", house.configuration])
    #expect(silent.status == 1)
    #expect(silent.output.contains("meter:") && silent.output.contains("unit number"))
  }

  @Test("check with a kettle wants an Enter between two looks")
  func kettle() async throws {
    let house = try House(grid: -1500)
    defer { house.server.stop() }
    let unchanged = try await house.run(
      ["check", "--kettle", "2000", "--config", house.configuration], input: "\n")
    #expect(unchanged.status == 1)
    #expect(unchanged.output.contains("does not see this load"))
    let alone = try await house.run(["check", "--kettle", "--config", house.configuration])
    #expect(alone.status == 1 && alone.complaint.contains("no Enter came"))
  }

  @Test("dump writes a file that reads back to the same values, and overwrites none")
  func dump() async throws {
    let house = try House(grid: -1500)
    defer { house.server.stop() }
    let file = house.directory.file("meter.dump")
    let arguments = ["dump", "meter", "--config", house.configuration, "--output", file]
    #expect(try await house.run(arguments).status == 0)
    let shown = try await house.run(["dump", "meter", "--config", house.configuration])
    let dump = try RegisterDump(text: Array(shown.output.utf8))
    #expect(dump.device == "eastron-sdm630")
    #expect(dump.meanings.contains { $0.quantity == .gridPower && $0.value == -1_500_000 })
    let again = try await house.run(arguments)
    #expect(again.status == 1 && again.complaint.contains("is there already"))
  }

  @Test("watch shows values and registers, and what has changed")
  func watch() async throws {
    let house = try House(grid: -1500)
    defer { house.server.stop() }
    let once = try await house.run([
      "watch", "meter", "--count", "1", "--config", house.configuration,
    ])
    #expect(once.status == 0)
    #expect(once.output.contains("grid -1") && once.output.contains("input 52:"))
    let stranger = try await house.run(
      ["watch", "boiler", "--count", "1", "--config", house.configuration])
    #expect(stranger.status == 2 && stranger.complaint.contains("there are inverter, meter"))
  }

  @Test("scan tells units, profiles and the lines for the configuration")
  func scan() async throws {
    let house = try House(grid: -1500)
    defer { house.server.stop() }
    let found = try await house.run([
      "scan", "127.0.0.1", "--port", "\(house.server.port)", "--units", "1-3",
      "--profiles", House.profiles,
    ])
    #expect(found.status == 0, "\(found)")
    #expect(found.output.contains("unit: 1, profile: \"growatt-sph\""), "\(found.output)")
    #expect(found.output.contains("unit: 2, profile: \"eastron-sdm630\""))
    #expect(!found.output.contains("unit 3"))
    #expect(found.output.contains("name: \"device2\""))
    #expect(found.output.contains("provides: [\"grid\", \"totals\"]"), "\(found.output)")
  }

  @Test("scan tries the units that makers deliver, unless told, and gives each device its name")
  func usualUnits() async throws {
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    var reading = DeviceReading(device: "house", at: .distantPast)
    for quantity in DeviceQuantity.allCases where quantity.isPower || quantity.isTotal {
      reading[quantity] = 1_000_000
    }
    reading.stateOfCharge = StateOfCharge(percent: 71)
    let map = RegisterMap(
      try ProfileLibrary.profile(atPath: "\(House.profiles)/kostal-plenticore.json5"))
    server.update(image: map.encode(reading), unit: 71)
    let found = try ToolProcess(
      ["scan", "127.0.0.1", "localhost", "--port", "\(server.port)", "--profiles", House.profiles],
      in: TemporaryDirectory())
    #expect(found.status == 0, "\(found)")
    #expect(found.output.contains("unit: 71, profile: \"kostal-plenticore\""), "\(found.output)")
    #expect(found.output.contains("device1") && found.output.contains("device2"))
  }

  @Test(
    "refuse what can't be meant, with the reason",
    arguments: [
      (["scan"], "name hosts"), (["scan", "10.0.0.1", "--subnet"], "name hosts"),
      (["scan", "--subnet", "8.8.8.0/24"], "no private network"),
      (["scan", "--subnet", "10.0.0.0/8"], "too large"),
      (["scan", "10.0.0.1", "--units", "9-3"], "--units"),
      (["scan", "--serial", "/dev/x", "--baud", "9601"], "--baud"),
      (["scan", "10.0.0.1:1502"], "--port 1502"),
      (["dump"], "needs a device"), (["check", "--loud", "yes"], "no option --loud"),
      (["check", "--config", "/nowhere.json5"], "/nowhere.json5"),
    ])
  func refusals(arguments: [String], reason: String) async throws {
    let directory = TemporaryDirectory()
    let profiles = arguments.first == "scan" ? ["--profiles", House.profiles] : []
    let refused = try ToolProcess(arguments + profiles, in: directory)
    #expect(refused.status == 2, "\(refused)")
    #expect(refused.complaint.contains(reason), "\(refused.complaint)")
  }

  @Test("the description that the package brings is understood")
  func example() async throws {
    let file = House.profiles + "/../../../Boards/heliograph.json5"
    let configuration = try Configuration(file: file)
    #expect(configuration.devices.map(\.profile) == ["sunspec"])
    #expect(configuration.guardian == nil && !configuration.market.enabled)
  }

  @Test("ask the node where it runs, so that its connection stays the only one")
  func throughNode() async throws {
    let house = try House(grid: -1500)
    defer { house.server.stop() }
    let daemon = try DaemonProcess(
      configuration: house.configuration, directory: house.directory.path)
    _ = daemon.ask("STATUS") { $0.contains("3") }
    let checked = try await house.run(["check", "--config", house.configuration])
    #expect(checked.status == 0, "\(checked)")
    #expect(checked.output.contains("read through its node"))
    #expect(daemon.ask("REGISTERS nobody")?.contains("one of inverter, meter") == true)
    house.server.remove(unit: 2)
    let silent = try await house.run(["dump", "meter", "--config", house.configuration])
    #expect(silent.status == 3 && silent.complaint.contains("exception 11"))
    #expect(daemon.end(15) == 0)
  }
}
