import Glibc
import Hardware
import Quantities
import Runners
import Sealing
import Sites
import Testing

/// Two daemons on loopback: one house pays, the other one's engine computes.
@Suite("Computing between two daemons", .serialized)
struct ComputingTradeProcessTests {
  /// The model's digest; the stand-in has no file.
  static let digest = String(repeating: "5a", count: 32)
  /// Node seconds in a real one: quotes are waited for for 20 s.
  static let speed = 60

  /// amber buys, birch computes, in full sun, with the stand-in as its engine.
  final class Street {
    let homes = [TemporaryDirectory(), TemporaryDirectory()]
    let engine: StandInEngine
    let inverter: ModbusServer
    var nodes: [DaemonProcess] = []

    init(exaggeration: Int64 = 1) throws {
      engine = try StandInEngine(tokensPerSecond: 1000, exaggeration: exaggeration)
      let path = ServiceTests.profiles + "/growatt-sph.json5"
      inverter = try ModbusServer(port: 0)
      var reading = DeviceReading(device: "inverter", at: .zero)
      reading.pvPower = Power(watts: 3000)
      reading.loadPower = Power(watts: 500)
      reading.gridPower = Power(watts: -1500)
      reading.batteryPower = Power(watts: 1000)
      reading.stateOfCharge = StateOfCharge(percent: 80)
      inverter.update(
        image: RegisterMap(try ProfileLibrary.profile(atPath: path)).encode(reading), unit: 1)
      let keys = [try ServiceTests.makeKey(homes[0], 1), try ServiceTests.makeKey(homes[1], 2)]
      let ports = [try DaemonProcess.freePort(), try DaemonProcess.freePort()]
      var now = timespec()
      clock_gettime(CLOCK_REALTIME, &now)
      let started = Int64(now.tv_sec) * 1000
      for own in 0...1 {
        let other = 1 - own
        let file = homes[own].write(
          "node.json5",
          """
          { name: "\(["amber", "birch"][own])", community: "lane",
            dataDirectory: "\(homes[own].file("node"))", controlSeconds: 5,
            clock: { startsAt: "2026-06-21T10:00:00Z", realStart: \(started), speed: \(speed) },
            listen: "127.0.0.1:\(ports[own])",
            peers: [{ name: "\(["amber", "birch"][other])", key: "\(keys[other].hexadecimal)",
                      address: "127.0.0.1:\(ports[other])" }],
            \(own == 1 ? provider : "")
            market: { computing: { models: [{ name: "stand-in", sha256: "\(digest)",
                        \(own == 1 ? "price: 100000" : "") }] } } }
          """)
        nodes.append(try DaemonProcess(configuration: file, directory: homes[own].path))
      }
      _ = amber.ask("SNAPSHOT 0") { $0.contains("\"peersLinked\":1") }
      _ = birch.ask("STATUS") { $0.contains("3000 W") }
      _ = birch.ask("LIMIT amber 50") { !$0.isEmpty && !$0.hasPrefix("Error") }
    }

    private var provider: String {
      var buffer = [CChar](repeating: 0, count: 4096)
      let place = String(cString: getcwd(&buffer, buffer.count))
      return """
        profileDirectory: "\(place)/\(ServiceTests.profiles)",
        devices: [{ name: "inverter", host: "127.0.0.1", port: \(inverter.port),
                    profile: "growatt-sph", pollSeconds: 5 }],
        jobs: { engine: "http://127.0.0.1:\(engine.port)", watts: 20 },
        """
    }

    private var digest: String { ComputingTradeProcessTests.digest }
    private var speed: Int { ComputingTradeProcessTests.speed }

    var amber: DaemonProcess { nodes[0] }
    var birch: DaemonProcess { nodes[1] }

    /// Hands a batch of so many requests to amber, for its neighbours.
    func run(_ count: Int) -> String {
      let lines = (1...count).map { number in
        """
        {"custom_id":"photo-\(number)","method":"POST","url":"/v1/chat/completions","body":\
        {"model":"stand-in","messages":[{"role":"user","content":"?"}],"max_tokens":100}}\n
        """
      }
      let file = homes[0].write("photos.jsonl", lines.joined())
      return amber.ask("RUN \(file) PAY 45 BY 22:00") ?? ""
    }

    /// Names below birch's jobs folder that are a neighbour's.
    var leftOver: [String] {
      guard let listing = opendir(homes[1].file("node/jobs")) else { return [] }
      defer { closedir(listing) }
      var names: [String] = []
      while let entry = readdir(listing) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
          pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasPrefix("neighbour-") { names.append(name) }
      }
      return names
    }

    func end() {
      for node in nodes { #expect(node.end(SIGTERM) == 0) }
      inverter.stop()
      engine.stop()
    }
  }

  @Test("results arrive, the provider keeps nothing, and what is owed is price times tokens")
  func trade() throws {
    let street = try Street()
    defer { withExtendedLifetime(street) {} }
    #expect(street.run(3).contains("1 neighbour is asked"))
    let end = street.amber.ask("WHY") { _ in street.amber.journal.contains("computed photos") }
    #expect(!end.isEmpty)
    let journal = street.amber.journal
    // 13 words each at 0.1 credits.
    #expect(journal.contains("3 of 3 answers, 3.90 credits, in photos-"), "\(journal)")
    let line = journal.split(separator: ", in ").last ?? ""
    let file = line.split(separator: "\n").first ?? ""
    let bytes = FileText.read(street.homes[0].file("node/jobs/\(file)"))
    let output = String(decoding: bytes ?? [], as: UTF8.self)
    for number in 1...3 { #expect(output.contains("\"custom_id\":\"photo-\(number)\"")) }
    _ = street.birch.ask("WHY") { _ in street.birch.journal.contains("its files are deleted") }
    #expect(street.birch.ask("BAL") { $0.contains("3.9") }.contains("amber"))
    _ = street.birch.ask("BAL") { _ in street.leftOver.isEmpty }
    street.end()
  }

  @Test("tokens that are claimed and not there are disputed, and only those counted are owed")
  func dispute() throws {
    let street = try Street(exaggeration: 50)
    defer { withExtendedLifetime(street) {} }
    _ = street.run(2)
    _ = street.birch.ask("WHY") { _ in street.birch.journal.contains("disputes its job") }
    // Each answer has 76 bytes, so at most 77 tokens; 100 were claimed.
    let owed = "15.40"
    #expect(street.birch.ask("BAL") { $0.contains(owed) }.contains("amber"))
    _ = street.amber.ask("WHY") { _ in
      street.amber.journal.contains("2 of 2 answers, \(owed) credits")
    }
    street.end()
  }
}
