import Glibc
import Testing

/// The whole node against a device that nobody here wrote and that has a watchdog of its own.
@Suite("Steering, end to end", .serialized)
struct SteeringProcessTests {
  private static let charging = "1 1500 \(SteeredHouse.deviceSeconds)"

  private static func charge(_ node: DaemonProcess) {
    let reply = node.ask("CHARGE 1500W 2H") { !$0.hasPrefix("Error") && !$0.isEmpty }
    #expect(reply.hasPrefix("akku: charge 1500 W until"))
  }

  @Test("kill -9: the device falls back by itself, the guardian gives back what does not")
  func killed() async throws {
    guard let house = try SteeredHouse() else { return }
    defer { withExtendedLifetime(house) {} }
    let node = try house.startNode()
    Self.charge(node)
    #expect(node.ask("RESERVE 40") { $0.contains("akku is told") }.isEmpty == false)
    try SteeredHouse.until("the reserve is written") { house.writes(to: 60) == ["40"] }
    // Refreshed at half the device's time-out, so it does not fall back while the node lives.
    try SteeredHouse.until("three refreshes") { house.writes(to: 40).count >= 4 }
    #expect(house.writes(to: 40).allSatisfy { $0 == Self.charging })
    #expect(house.device?.lines.contains("fell back") == false)

    #expect(node.end(SIGKILL) == nil)
    let told = house.writes(to: 40).count
    var mode = try await house.holds(40)
    let deadline = time(nil) + 60
    while mode != 0, time(nil) < deadline {
      usleep(100_000)
      mode = try await house.holds(40)
    }
    #expect(mode == 0)
    #expect(house.device?.lines.contains("fell back") == true)
    #expect(house.writes(to: 40).count == told)
    #expect(try await house.holds(60) == 40)

    let released = try house.guardian()
    #expect(released.status == 0)
    #expect(released.text.contains("akku: reserve released"))
    #expect(released.text.contains("akku: batteryPower released"))
    #expect(try await house.holds(60) == 20)
    let again = try house.guardian()
    #expect(again.status == 0)
    #expect(again.text == "nothing was steered")
    #expect(house.writes(to: 60) == ["40", "20"])
  }

  @Test("nothing is written to another kind of device in the place of the one that was steered")
  func replaced() async throws {
    guard let house = try SteeredHouse() else { return }
    defer { withExtendedLifetime(house) {} }
    let node = try house.startNode()
    #expect(node.ask("RESERVE 40") { $0.contains("akku is told") }.isEmpty == false)
    try SteeredHouse.until("the reserve is written") { house.writes(to: 60) == ["40"] }
    #expect(node.end(SIGKILL) == nil)
    house.replaceProfile()
    let guarded = try house.guardian()
    #expect(guarded.status == 1)
    #expect(guarded.text.contains("was steered as test-hybrid and is other-hybrid now"))
    #expect(house.writes(to: 60) == ["40"])
    // The owner hears it once, with the next start.
    let next = try house.startNode()
    try SteeredHouse.until("the owner is told") { next.journal.contains("set the old one back") }
    #expect(next.end(SIGTERM) == 0)
    #expect(try house.guardian().text == "nothing was steered")
  }

  @Test("flash is written exactly as often as the budget allows, over restarts and kills")
  func budget() async throws {
    guard let house = try SteeredHouse() else { return }
    defer { withExtendedLifetime(house) {} }
    var node = try house.startNode()
    #expect(node.ask("RESERVE 40") { $0.contains("akku is told") }.isEmpty == false)
    try SteeredHouse.until("the reserve is written") { house.writes(to: 60) == ["40"] }
    #expect(node.ask("RESERVE 40") != nil)
    #expect(node.ask("RESERVE 50") != nil)
    try SteeredHouse.until("the second write") { house.writes(to: 60) == ["40", "50"] }
    #expect(node.end(SIGKILL) == nil)
    // Up again, the standing wish is what the device holds: it is read, and not written.
    node = try house.startNode()
    _ = node.ask("WHY") { $0.contains("reserve 50%") }
    #expect(house.writes(to: 60) == ["40", "50"])
    #expect(node.ask("RESERVE 60") != nil)
    try SteeredHouse.until("the third") { house.writes(to: 60) == ["40", "50", "60"] }
    // The fourth write of the day is for the way back.
    #expect(node.ask("RESERVE 70") != nil)
    _ = node.ask("WHY 1") { _ in house.device?.lines.isEmpty == false }
    #expect(node.end(SIGTERM) == 0)
    #expect(house.writes(to: 60) == ["40", "50", "60", "20"])
    #expect(node.journal.contains("written 3 of 4 times today"))
    // Nothing is left of today's budget, so the wish waits for tomorrow.
    node = try house.startNode()
    _ = node.ask("STATUS") { $0.contains("60%") }
    try SteeredHouse.until("it says so") { node.journal.contains("written 4 of 4 times today") }
    #expect(node.end(SIGTERM) == 0)
    #expect(house.writes(to: 60) == ["40", "50", "60", "20"])
    #expect(try house.guardian().text == "nothing was steered")
  }

  @Test("a stop gives the device back itself; a guardian beside a living node refuses")
  func stopped() async throws {
    guard let house = try SteeredHouse() else { return }
    defer { withExtendedLifetime(house) {} }
    let node = try house.startNode()
    Self.charge(node)
    let beside = try house.guardian()
    #expect(beside.status == 1)
    #expect(beside.text.contains("another heliographd (process \(node.process)) runs"))
    #expect(try await house.holds(40) == 1)
    // By force it works without the node's database, which the node holds.
    let forced = try house.guardian(["--force"])
    #expect(forced.status == 0, "\(forced.text)")
    #expect(forced.text.contains("so all that may be steered is given back"))
    #expect(house.writes(to: 40).contains("0"))
    try SteeredHouse.until("the node steers on") { house.writes(to: 40).last == Self.charging }
    #expect(node.end(SIGTERM) == 0)
    #expect(house.writes(to: 40).last == "0")
    #expect(try await house.holds(40) == 0)
    let after = try house.guardian()
    #expect(after.status == 0)
    #expect(after.text == "nothing was steered")
  }

  @Test("a guardian that can't reach a device says what becomes of it, and tries again when asked")
  func unreachable() async throws {
    guard let house = try SteeredHouse() else { return }
    defer { withExtendedLifetime(house) {} }
    let node = try house.startNode()
    Self.charge(node)
    #expect(node.ask("RESERVE 40") { $0.contains("akku is told") }.isEmpty == false)
    try SteeredHouse.until("the reserve is written") { house.writes(to: 60) == ["40"] }
    #expect(node.end(SIGKILL) == nil)
    house.stopDevice()
    let failed = try house.guardian()
    #expect(failed.status == 1)
    let lines = failed.text.split(separator: "\n")
    #expect(
      lines.contains {
        $0.hasPrefix("akku: batteryPower not released")
          && $0.hasSuffix("it falls back by itself within \(SteeredHouse.deviceSeconds) s")
      }, "\(failed.text)")
    #expect(
      lines.contains {
        $0.hasPrefix("akku: reserve not released") && $0.hasSuffix("set it back by hand")
      }, "\(failed.text)")
    try house.startDevice()
    let later = try house.guardian()
    #expect(later.status == 0)
    #expect(later.text.contains("akku: reserve was released already"))
    #expect(later.text.contains("akku: batteryPower released"))
  }

  @Test("without a readable database everything that may be steered is given back")
  func corrupt() async throws {
    guard let house = try SteeredHouse() else { return }
    defer { withExtendedLifetime(house) {} }
    let node = try house.startNode()
    Self.charge(node)
    #expect(node.ask("RESERVE 40") { $0.contains("akku is told") }.isEmpty == false)
    try SteeredHouse.until("the reserve is written") { house.writes(to: 60) == ["40"] }
    #expect(node.end(SIGKILL) == nil)
    _ = house.directory.write("node/heliograph.db", String(repeating: "rubbish ", count: 4096))
    unlink(house.directory.file("node/heliograph.db-wal"))
    let result = try house.guardian()
    #expect(result.status == 0, "\(result.text)")
    #expect(result.text.contains("so all that may be steered is given back"))
    #expect(try await house.holds(40) == 0)
    #expect(try await house.holds(60) == 20)
  }

  @Test("a node that systemd did not start steers nothing that needs the guardian")
  func unguarded() throws {
    guard let house = try SteeredHouse() else { return }
    defer { withExtendedLifetime(house) {} }
    let node = try house.startNode(environment: [])
    Self.charge(node)
    #expect(node.ask("RESERVE 40") != nil)
    try SteeredHouse.until("it says why") {
      node.journal.contains("systemd did not start this node")
    }
    #expect(node.end(SIGTERM) == 0)
    #expect(house.writes(to: 60).isEmpty)
  }
}
