import Daemon
import Glibc
import Hardware
import Quantities
import Sites
import Testing

/// A house with one device that pymodbus makes, which writes down what it is told, and a node.
final class SteeredHouse {
  let directory = TemporaryDirectory()
  let python: String
  let port: UInt16
  let configuration: String
  private let description: String
  private(set) var device: ChildRun?
  private var runs = 0
  /// After so many seconds without a word the device falls back by itself.
  static let deviceSeconds = 4

  /// PV 5000 W, load 500 W, export 4500 W, battery idle at 60 %.
  private static let registers =
    "{\"0\": [61036, 5000, 500, 0, 60], \"40\": [0, 0, 0], \"60\": [20]}"

  /// Nil where there is no Python with pymodbus.
  init?() throws {
    guard let python = ChildRun.python() else { return nil }
    self.python = python
    port = try DaemonProcess.freePort()
    mkdir(directory.file("profiles"), 0o750)
    mkdir(directory.file("node"), 0o750)
    _ = directory.write("profiles/test-hybrid.json5", Self.profile)
    description = """
      { name: "amber", community: "lane", dataDirectory: "\(directory.file("node"))",
        profileDirectory: "\(directory.file("profiles"))", guardian: "systemd",
        devices: [{ name: "akku", host: "127.0.0.1", port: \(port), profile: "test-hybrid",
                    pollSeconds: 1, steer: true }] }
      """
    configuration = directory.write("node.json5", description)
    try startDevice()
  }

  private static let profile = """
    { name: "test-hybrid", maker: "Test", devices: "a hybrid with a watchdog", functionCode: 3,
      wordOrder: "highFirst", totalResolutionMilliwattHours: 1000,
      registers: [
        { quantity: "gridPower", address: 0, type: "s16" },
        { quantity: "pvPower", address: 1, type: "u16" },
        { quantity: "loadPower", address: 2, type: "u16" },
        { quantity: "batteryPower", address: 3, type: "s16" },
        { quantity: "stateOfCharge", address: 4, type: "u16" },
      ],
      controls: [
        { control: "batteryPower", failSafe: "timeout", timeoutSeconds: \(deviceSeconds),
          memory: "volatile", minimum: -3000, maximum: 3000,
          write: [
            { address: 40, type: "u16", value: { charging: 1, discharging: 2, idle: 3 } },
            { address: 41, type: "s16", value: "requested" },
            { address: 42, type: "u16", value: "timeoutSeconds" },
          ],
          release: [{ address: 40, type: "u16", value: 0 }] },
        { control: "reserve", failSafe: "guardian", memory: "flash", dailyWrites: 4,
          minimum: 10, maximum: 90,
          write: [{ address: 60, type: "u16", value: "requested" }],
          release: [{ address: 60, type: "u16", value: 20 }] },
      ] }
    """

  /// Describes the device as one of another kind, as after its replacement.
  func replaceProfile() {
    let (old, new) = ("test-hybrid", "other-hybrid")
    _ = directory.write("profiles/\(new).json5", Self.profile.replacing(old, with: new))
    _ = directory.write("node.json5", description.replacing(old, with: new))
  }

  /// Switches the device on; what it was told before is not kept.
  func startDevice() throws {
    let made = try ChildRun(
      [
        python, "Tests/Interop/steered_device.py",
        "{\"unit\": 1, \"holding\": \(Self.registers), \"seconds\": \(Self.deviceSeconds)}",
        "\(port)",
      ], output: directory.file("device"))
    device = made
    try Self.until("the device serves") { made.lines.contains("port \(port)") }
  }

  func stopDevice() {
    device?.end(SIGKILL)
    device = nil
  }

  /// A node, started as systemd starts one.
  func startNode(environment: [String] = ["INVOCATION_ID=test"]) throws -> DaemonProcess {
    try DaemonProcess(
      configuration: configuration, directory: directory.path, environment: environment)
  }

  /// Runs the guardian to its end.
  func guardian(_ options: [String] = []) throws -> (status: Int32?, text: String) {
    let program = try #require(DaemonProcess.program)
    runs += 1
    let run = try ChildRun(
      [program, "--config", configuration, "--safe-state"] + options,
      output: directory.file("guardian\(runs)"))
    let status = run.wait()
    return (status, run.lines.joined(separator: "\n"))
  }

  /// What was written to registers 40 and on, or 60, in order.
  func writes(to address: Int) -> [String] {
    (device?.lines ?? []).filter { $0.hasPrefix("write \(address) ") }
      .map { String($0.dropFirst("write \(address) ".count)) }
  }

  /// What the device holds there now.
  func holds(_ address: Int) async throws -> UInt16? {
    let bus = ModbusBus(host: "127.0.0.1", port: port, timeout: TimeSpan(seconds: 20))
    let words = try await bus.read(
      RegisterSpan(table: .holding, address: address, count: 1), unit: 1)
    await bus.disconnect()
    return words.first
  }

  /// Waits for something that must happen, for at most half a minute.
  static func until(_ what: String, _ condition: () -> Bool) throws {
    let deadline = time(nil) + 30
    while !condition() {
      try #require(time(nil) < deadline, "\(what): not within half a minute")
      usleep(20_000)
    }
  }
}
