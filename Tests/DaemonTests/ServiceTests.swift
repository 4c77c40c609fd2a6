import Daemon
import Glibc
import Hardware
import Quantities
import Sealing
import Sites
import Testing

/// The whole daemon as a process, on loopback.
@Suite(.serialized) struct ServiceTests {
  static let profiles = "Sources/Hardware/Profiles"

  /// A key file for a node below `directory`, and its public key.
  static func makeKey(_ directory: TemporaryDirectory, _ seed: UInt8) throws -> PublicKey {
    mkdir(directory.file("node"), 0o750)
    let bytes = [UInt8](repeating: seed, count: 32)
    _ = directory.write("node/key", Hexadecimal.text(bytes))
    return try #require(KeyPair(seed: bytes)).publicKey
  }

  @Test("reads a device, answers texts, refuses a second daemon and ends well")
  func oneNode() throws {
    let directory = TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let profile = try ProfileLibrary.profile(atPath: Self.profiles + "/growatt-sph.json5")
    let server = try ModbusServer(port: 0)
    defer { server.stop() }
    var reading = DeviceReading(device: "inverter", at: .zero)
    reading.pvPower = Power(watts: 3000)
    reading.loadPower = Power(watts: 500)
    reading.gridPower = Power(watts: -1500)
    reading.batteryPower = Power(watts: 1000)
    reading.stateOfCharge = StateOfCharge(percent: 80)
    reading.generatedTotal = Energy(wattHours: 5_000_000)
    reading.chargedTotal = Energy(wattHours: 2_000_000)
    reading.dischargedTotal = Energy(wattHours: 1_800_000)
    reading.operatingState = .producing
    server.update(image: RegisterMap(profile).encode(reading), unit: 1)
    var path = [CChar](repeating: 0, count: 4096)
    let workingDirectory = String(cString: getcwd(&path, path.count))
    let file = directory.write(
      "node.json5",
      """
      { name: "amber", community: "lane", dataDirectory: "\(directory.file("node"))",
        profileDirectory: "\(workingDirectory)/\(Self.profiles)",
        devices: [{ name: "inverter", host: "127.0.0.1", port: \(server.port),
                    profile: "growatt-sph", pollSeconds: 1 }] }
      """)
    let daemon = try DaemonProcess(configuration: file, directory: directory.path)
    let status = daemon.ask("STATUS") { $0.contains("3000 W") }
    #expect(status.contains("80%"))
    #expect(daemon.ask("SNAPSHOT 0")?.contains("\"pvPower\":3000000") == true)
    #expect(daemon.ask("SNAPSHOT")?.hasPrefix("Error: ") == true)
    #expect(daemon.ask("RUN /tmp/none.jsonl")?.contains("runs no jobs") == true)

    let second = try DaemonProcess(configuration: file, directory: directory.path)
    #expect(second.wait() == 1)
    #expect(second.journal.contains("another heliographd (process \(daemon.process)) runs"))
    #expect(daemon.end(SIGTERM) == 0)
    #expect(access(directory.file("node/control.sock"), F_OK) != 0)
  }

  @Test("a damaged database is kept aside, a new one begun, and nothing signed without the old")
  func damagedDatabase() throws {
    let directory = TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let file = directory.write(
      "node.json5",
      """
      { name: "amber", community: "lane", dataDirectory: "\(directory.file("node"))",
        peers: [{ name: "birch", key: "\(try Self.makeKey(directory, 8).hexadecimal)" }] }
      """)
    _ = try Self.makeKey(directory, 7)
    let first = try DaemonProcess(configuration: file, directory: directory.path)
    #expect(first.ask("LIMIT birch 20") { !$0.isEmpty }.hasPrefix("birch"))
    #expect(first.end(SIGTERM) == 0)
    _ = directory.write("node/heliograph.db", String(repeating: "rubbish ", count: 4096))
    let second = try DaemonProcess(configuration: file, directory: directory.path)
    #expect(second.ask("LIMIT birch 30") { !$0.isEmpty }.hasPrefix("Error"))
    #expect(second.journal.contains("heliograph.db.damaged-1"))
    #expect(second.journal.contains("own records are missing here"))
    #expect(second.end(SIGTERM) == 0)
    #expect(access(directory.file("node/heliograph.db.damaged-1"), F_OK) == 0)
    // What the store itself finds while it runs is moved aside at the next start.
    _ = directory.write("node/heliograph.db.is-damaged", "")
    let third = try DaemonProcess(configuration: file, directory: directory.path)
    #expect(third.ask("STATUS") { !$0.isEmpty }.isEmpty == false)
    #expect(third.journal.contains("heliograph.db.damaged-2"))
    #expect(third.end(SIGTERM) == 0)
    #expect(access(directory.file("node/heliograph.db.is-damaged"), F_OK) != 0)
  }

  @Test("two nodes link, share what they sign, and a killed one comes back with all of it")
  func twoNodes() throws {
    let homes = [TemporaryDirectory(), TemporaryDirectory()]
    // The optimiser would remove them after their last mention, under the daemons' feet.
    defer { withExtendedLifetime(homes) {} }
    let names = ["amber", "birch"]
    let keys = [try Self.makeKey(homes[0], 1), try Self.makeKey(homes[1], 2)]
    let ports = [try DaemonProcess.freePort(), try DaemonProcess.freePort()]
    func configuration(_ own: Int) -> String {
      let other = 1 - own
      return homes[own].write(
        "node.json5",
        """
        { name: "\(names[own])", community: "lane", dataDirectory: "\(homes[own].file("node"))",
          listen: "127.0.0.1:\(ports[own])",
          peers: [{ name: "\(names[other])", key: "\(keys[other].hexadecimal)",
                    address: "127.0.0.1:\(ports[other])" }] }
        """)
    }
    let amber = try DaemonProcess(configuration: configuration(0), directory: homes[0].path)
    let birch = try DaemonProcess(configuration: configuration(1), directory: homes[1].path)
    _ = amber.ask("SNAPSHOT 0") { $0.contains("\"peersLinked\":1") }
    let reply = amber.ask("LIMIT birch 25") { !$0.isEmpty }
    #expect(!reply.hasPrefix("Error"))
    #expect(birch.end(SIGKILL) == nil)
    #expect(amber.end(SIGKILL) == nil)
    let head = try #require(try HeadMarker(directory: homes[0].file("node")).read())
    #expect(head.count == 1)

    let again = try DaemonProcess(configuration: configuration(0), directory: homes[0].path)
    #expect(again.ask("BAL") { !$0.isEmpty }.contains("25"))
    let other = try DaemonProcess(configuration: configuration(1), directory: homes[1].path)
    _ = other.ask("SNAPSHOT 0") { $0.contains("\"peersLinked\":1") }
    #expect(again.end(SIGTERM) == 0)
    #expect(other.end(SIGTERM) == 0)
    #expect(other.journal.contains("birch stopped"))
  }

  @Test("a full disk costs one clear line; the node answers on and stores when there is room")
  func fullDisk() throws {
    let directory = TemporaryDirectory()
    defer { withExtendedLifetime(directory) {} }
    let node = directory.file("node")
    mkdir(node, 0o750)
    guard mount("tmpfs", node, "tmpfs", 0, "size=1m") == 0 else {
      print("SKIPPED: full disk: a small tmpfs needs root (errno \(errno))")
      return
    }
    defer { umount2(node, Int32(2)) }  // MNT_DETACH
    let file = directory.write(
      "node.json5",
      """
      { name: "amber", community: "lane", dataDirectory: "\(node)",
        peers: [{ name: "birch", key: "\(String(repeating: "5a", count: 32))" }] }
      """)
    let daemon = try DaemonProcess(configuration: file, directory: directory.path)
    _ = daemon.ask("LIMIT birch 5") { !$0.isEmpty && !$0.hasPrefix("Error") }
    // Everything that is left of the disk goes to somebody else.
    let filler = open(directory.file("node/filler"), O_WRONLY | O_CREAT, 0o600)
    let block = [UInt8](repeating: 1, count: 4096)
    while write(filler, block, block.count) > 0 {}
    close(filler)
    // What the log has room for may still be stored; in the end a commit is refused.
    var limit = 6
    while !daemon.journal.contains("it is tried again"), limit < 200 {
      _ = daemon.ask("LIMIT birch \(limit)", timeoutSeconds: 1)
      limit += 1
    }
    #expect(daemon.ask("STATUS") != nil)
    unlink(directory.file("node/filler"))
    _ = daemon.ask("WHY") { _ in daemon.journal.contains("works again") }
    let lines = daemon.journal.split(separator: "\n").filter { $0.contains("tried again") }
    #expect(lines.count == 1)
    #expect(daemon.end(SIGTERM) == 0)
  }
}
