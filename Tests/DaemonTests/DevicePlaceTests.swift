import Daemon
import Glibc
import Hardware
import Quantities
import Sites
import Testing
import Thrown

@Suite("Where devices are, in the configuration and in the running daemon")
struct DevicePlaceTests {
  static func configuration(_ devices: String) throws -> Configuration {
    try Configuration(
      text: Array("{ name: \"a\", community: \"x\", devices: [\n\(devices)\n] }".utf8),
      file: "node.json5")
  }

  @Test("are a host, a serial line with what is not the profile's, and a port for others")
  func read() throws {
    let devices = try Self.configuration(
      """
      { name: "inverter", host: "10.0.0.9", profile: "growatt-sph", provides: ["pv"],
        proxy: "0.0.0.0:1502" },
      { name: "meter", serial: "/dev/serial/by-id/usb-1", unit: 2, profile: "eastron-sdm630",
        baud: 19200, parity: "even", stopBits: 2, provides: ["grid"],
        proxy: { listen: "[::1]:1503", maximumAgeSeconds: 9, allowWrites: true } },
      { name: "other", serial: "/dev/serial/by-id/usb-1", profile: "eastron-sdm630",
        provides: ["load"] },
      """
    ).devices
    guard case .tcp(let address) = devices[0].place, case .serial(let line) = devices[1].place,
      case .serial(let other) = devices[2].place
    else {
      Issue.record("the places are others")
      return
    }
    #expect(address.description == "10.0.0.9:502")
    #expect(devices[0].unit == nil)
    #expect(devices[0].proxy?.listen.description == "0.0.0.0:1502")
    #expect(devices[0].proxy?.maximumAge == TimeSpan(seconds: 5))
    #expect(devices[0].proxy?.allowsWrites == false)
    #expect(line.path == "/dev/serial/by-id/usb-1")
    #expect(line.baud == 19_200)
    #expect(line.parity == .even)
    #expect(line.stopBits == 2)
    #expect(devices[1].unit == 2)
    #expect(devices[1].proxy?.maximumAge == TimeSpan(seconds: 9))
    #expect(devices[1].proxy?.allowsWrites == true)
    #expect(other.path == line.path)
    #expect(other.baud == nil)
    #expect(devices[2].proxy == nil)
  }

  static let mistakes: [(String, String)] = [
    (
      "{ name: \"m\", profile: \"p\" }",
      "node.json5:2: devices[0].host: missing: expected a host name or address, or "
        + "serial: \"/dev/…\""
    ),
    (
      "{ name: \"m\", profile: \"p\", host: \"h\",\nserial: \"/dev/x\" }",
      "node.json5:2: devices[0].host: expected either host or serial, found both"
    ),
    (
      "{ name: \"m\", profile: \"p\",\nserial: \"ttyUSB0\" }",
      "node.json5:3: devices[0].serial: expected an absolute path such as /dev/serial/by-id/…, "
        + "found \"ttyUSB0\""
    ),
    (
      "{ name: \"m\", profile: \"p\", serial: \"/dev/x\",\nbaud: 9601 }",
      "node.json5:3: devices[0].baud: expected one of 1200, 2400, 4800, 9600, 14400, 19200, 38400, "
        + "57600, 115200, found 9601"
    ),
    (
      "{ name: \"m\", profile: \"p\", serial: \"/dev/x\", parity: \"evn\" }",
      "node.json5:2: devices[0].parity: expected one of none, even, odd, found \"evn\": "
        + "did you mean even?"
    ),
    (
      "{ name: \"m\", profile: \"p\", host: \"h\",\nbaud: 9600 }",
      "node.json5:3: devices[0].baud: is for a serial line: expected serial instead of host"
    ),
    (
      "{ name: \"m\", profile: \"p\", serial: \"/dev/x\",\nport: 502 }",
      "node.json5:3: devices[0].port: is for a host: a serial line has none"
    ),
    (
      "{ name: \"m\", profile: \"p\", serial: \"/dev/x\",\nunit: 0 }",
      "node.json5:3: devices[0].unit: expected a whole number from 1 to 247, found 0"
    ),
    (
      "{ name: \"m\", profile: \"p\", host: \"h\",\nproxy: 1502 }",
      "node.json5:3: devices[0].proxy: expected host:port in quotes, found 1502"
    ),
    (
      "{ name: \"m\", profile: \"p\", host: \"h\", proxy: {\nmaximumAge: 3 } }",
      "devices[0].proxy.listen: missing: expected address:port, such as 0.0.0.0:1502"
    ),
    (
      "{ name: \"m\", profile: \"p\", host: \"h\", provides: [\"pv\"], proxy: \"0.0.0.0:1502\" },\n"
        + "{ name: \"n\", profile: \"p\", host: \"i\", provides: [\"grid\"], "
        + "proxy: \"0.0.0.0:1502\" }",
      "node.json5:3: devices[1].proxy: 0.0.0.0:1502 is the proxy of m: expected another port"
    ),
    (
      "{ name: \"m\", profile: \"p\", host: \"h\", provides: [\"pv\"], proxy: \"0.0.0.0:1502\" },\n"
        + "{ name: \"n\", profile: \"p\", host: \"h\", provides: [\"grid\"], "
        + "proxy: \"0.0.0.0:1503\" }",
      "node.json5:3: devices[1].proxy: m's proxy serves this device too: "
        + "expected one for each place"
    ),
  ]

  @Test("are refused with line, field and what was expected", arguments: mistakes)
  func faults(devices: String, expected: String) {
    let error = thrown(ConfigurationError.self) { try Self.configuration(devices) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "no error")")
  }

  private static func output(of command: String) -> String {
    guard let pipe = popen(command, "r") else { return "" }
    defer { pclose(pipe) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, pipe)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  @Test("let others read an inverter that takes one connection while the daemon does")
  func proxy() async throws {
    let directory = TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let profile = try ProfileLibrary.profile(
      atPath: ServiceTests.profiles + "/growatt-sph.json5")
    var reading = DeviceReading(device: "inverter", at: .zero)
    reading.pvPower = Power(watts: 3000)
    reading.stateOfCharge = StateOfCharge(percent: 80)
    reading.gridPower = .zero
    reading.batteryPower = .zero
    reading.loadPower = .zero
    let image = RegisterMap(profile).encode(reading)
    // One connection: whoever comes second cuts the first off.
    let inverter = try ModbusListener(
      port: 0, maximumClients: 1, crowding: .replaceIdlest
    ) { request, reply in
      let words = request.span.flatMap { image.words(in: $0) }
      reply(
        ServedAnswer(
          request.frame(words.map { request.reply(words: $0) } ?? request.reply(exception: 2))))
    }
    defer { inverter.stop() }
    var path = [CChar](repeating: 0, count: 4096)
    let workingDirectory = String(cString: getcwd(&path, path.count))
    let port = try DaemonProcess.freePort()
    let file = directory.write(
      "node.json5",
      """
      { name: "amber", community: "lane", dataDirectory: "\(directory.file("node"))",
        profileDirectory: "\(workingDirectory)/\(ServiceTests.profiles)",
        devices: [{ name: "inverter", host: "127.0.0.1", port: \(inverter.port),
                    profile: "growatt-sph", pollSeconds: 1, proxy: "127.0.0.1:\(port)" }] }
      """)
    let daemon = try DaemonProcess(configuration: file, directory: directory.path)
    _ = daemon.ask("STATUS") { $0.contains("3000 W") }
    let client = ModbusBus(host: "127.0.0.1", port: port, timeout: TimeSpan(seconds: 20))
    let sun = RegisterSpan(table: .input, address: 1, count: 2)
    #expect(try await client.read(sun, unit: 1) == [0, 30_000])
    if access("/usr/bin/mbpoll", X_OK) == 0 {
      // Register 2 as mbpoll counts is the low half of the sun's power.
      let output = Self.output(
        of: "mbpoll -m tcp -o 10 -p \(port) -a 1 -t 3 -r 3 -c 1 -1 127.0.0.1 2>&1")
      #expect(output.contains("[3]: \t30000"), "\(output)")
    } else {
      print("SKIPPED: no mbpoll; apt-get install mbpoll")
    }
    #expect(daemon.ask("STATUS") { $0.contains("3000 W") }.contains("80%"))
    #expect(daemon.end(SIGTERM) == 0)
    #expect(!daemon.journal.contains("connection lost"))
  }
}
