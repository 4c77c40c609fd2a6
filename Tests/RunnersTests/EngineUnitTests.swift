import Glibc
import Runners
import Testing

@Suite("An engine that is a unit")
struct EngineUnitTests {
  static let unit = "heliograph-engine@llama.service"

  /// A systemctl that acts on files as systemd does on units, and its unit's control group.
  final class StandIn {
    let folder: ScratchFolder
    let witness = ProcessWitness()
    private let group = "sys/fs/cgroup/heliograph.slice"

    init(frozen: Bool = false, active: Bool = false) throws {
      folder = try ScratchFolder()
      for name in ["usr", "usr/bin", "sys", "sys/fs", "sys/fs/cgroup", group] {
        guard mkdir(folder.path + "/" + name, 0o755) == 0 else {
          throw ScratchFolder.Failure(message: "no folder \(name)")
        }
      }
      let text = """
        #!/bin/sh
        cd "${0%/usr/bin/systemctl}" || exit 1
        echo "$*" >>calls
        events() { printf 'populated %s\\nfrozen %s\\n' $1 $2 >\(group)/events.new
          mv \(group)/events.new \(group)/cgroup.events; }
        case "$3" in
          start) [ ! -e refuse ] || { cat refuse >&2; exit 1; }
            [ ! -e hang ] || exec sleep 3600
            [ ! -e short ] || exit 0
            echo active >state; events 1 0 ;;
          stop) [ "$(cat freezer)" != frozen ] || { echo "Unit is frozen" >&2; exit 1; }
            echo inactive >state; echo success >result; rm -f \(group)/cgroup.events ;;
          freeze) [ ! -e refuse ] || { cat refuse >&2; exit 1; }
            echo frozen >freezer; (sleep 0.1; events 1 1) >/dev/null 2>&1 & ;;
          thaw) echo running >freezer; events 1 0 ;;
          show) echo "ActiveState=$(cat state)"; echo "FreezerState=$(cat freezer)"
            echo "ControlGroup=/heliograph.slice"; echo "Result=$(cat result)"
            echo "ExecMainStatus=$(cat code)" ;;
        esac
        """
      try folder.write(text, to: "systemctl.text")
      // By a process of its own: nobody can run what is open for writing somewhere.
      guard system("cd '\(folder.path)' && cp systemctl.text usr/bin/systemctl") == 0,
        chmod(folder.path + "/usr/bin/systemctl", 0o755) == 0
      else { throw ScratchFolder.Failure(message: "no systemctl") }
      try folder.write(active ? "active\n" : "inactive\n", to: "state")
      try folder.write(frozen ? "frozen\n" : "running\n", to: "freezer")
      try folder.write("success\n", to: "result")
      try folder.write("0\n", to: "code")
      if active { try events(populated: true, frozen: frozen) }
    }

    func events(populated: Bool, frozen: Bool) throws {
      try folder.write(
        "populated \(populated ? 1 : 0)\nfrozen \(frozen ? 1 : 0)\n", to: group + "/cgroup.events")
    }

    func engine(startMilliseconds: Int64 = 30_000) throws -> EngineProcess {
      var limits = EngineProcessLimits()
      limits.lookMilliseconds = 5
      limits.startMilliseconds = startMilliseconds
      let witness = witness
      return try EngineProcess(
        .unit(EngineUnitTests.unit), directory: folder.path + "/engine", limits: limits,
        root: folder.path
      ) { witness.add($0) }
    }

    /// What systemctl was asked for, without the questions.
    var orders: [String] {
      (folder.read("calls") ?? "").split(separator: "\n").map { line in
        line.split(separator: " ").dropFirst(2).joined(separator: " ")
      }.filter { !$0.hasPrefix("show") }
    }

    var isFrozen: Bool { folder.read(group + "/cgroup.events")?.contains("frozen 1") == true }
  }

  @Test("starts, freezes, thaws and stops its unit")
  func goesThroughItsLife() async throws {
    let stand = try StandIn()
    let engine = try stand.engine()
    engine.start()
    #expect(try await stand.witness.wait(for: [.started]))
    engine.freeze()
    #expect(try await stand.witness.wait(for: [.started, .frozen]))
    // Told when the kernel says so, which here takes a while after systemctl has returned.
    #expect(stand.isFrozen)
    engine.thaw()
    #expect(try await stand.witness.wait(for: [.started, .frozen, .thawed]))
    engine.freeze()
    #expect(try await ProcessWitness.wait { engine.state == .frozen })
    engine.stop()
    #expect(try await stand.witness.wait(for: .ended(reason: "as it was told", isDone: false)))
    #expect(engine.state == .stopped)
    let orders = ["start", "freeze", "thaw", "freeze", "thaw", "stop"]
    #expect(stand.orders == orders.map { "\($0) \(Self.unit)" })
    engine.close()
  }

  @Test("takes over a unit that runs or stands, and leaves it so", arguments: [false, true])
  func takesOver(isFrozen: Bool) async throws {
    let stand = try StandIn(frozen: isFrozen, active: true)
    let engine = try stand.engine()
    #expect(try await stand.witness.wait(for: isFrozen ? [.started, .frozen] : [.started]))
    #expect(engine.state == (isFrozen ? .frozen : .running))
    engine.close()
    #expect(stand.orders.isEmpty)
  }

  struct Ending: Sendable {
    var result: String
    var code = "3"
    var reason: String
  }

  @Test(
    "sees that a unit has ended, and says why",
    arguments: [
      Ending(result: "exit-code", reason: "it ended with exit code 3"),
      Ending(result: "oom-kill", reason: "it needed more memory than it may have"),
      Ending(result: "timeout", reason: "it ended: timeout"),
      Ending(result: "success", code: "0", reason: "it ended by itself"),
      Ending(result: "success", code: "15", reason: "it was told to end (15)"),
    ])
  func seesItsEnd(_ ending: Ending) async throws {
    let stand = try StandIn(active: true)
    let engine = try stand.engine()
    #expect(try await stand.witness.wait(for: [.started]))
    try stand.folder.write(ending.result, to: "result")
    try stand.folder.write(ending.code, to: "code")
    try stand.folder.write("failed", to: "state")
    try stand.events(populated: false, frozen: false)
    let isDone = ending.code == "0"
    let ended = EngineProcess.Event.ended(reason: ending.reason, isDone: isDone)
    #expect(try await stand.witness.wait(for: [.started, ended]))
    #expect(engine.state == .stopped)
    // It is not started again by itself.
    #expect(stand.orders.isEmpty)
    engine.close()
  }

  @Test("sees at once that a short command has ended before its first look")
  func seesAShortEnd() async throws {
    let stand = try StandIn()
    try stand.folder.write("", to: "short")
    let engine = try stand.engine()
    engine.start()
    let ended = EngineProcess.Event.ended(reason: "it ended by itself", isDone: true)
    #expect(try await stand.witness.wait(for: [.started, ended]))
    engine.close()
  }

  @Test("says what systemd refuses, and where that leaves the engine")
  func saysRefusals() async throws {
    let stand = try StandIn()
    let refused = "Failed to do it: Interactive authentication required."
    let words = refused + "\nSee system logs and 'systemctl status' for details.\n"
    try stand.folder.write(words, to: "refuse")
    let engine = try stand.engine()
    engine.start()
    #expect(
      try await stand.witness.wait(for: [.failed(reason: "systemctl start: " + refused)]))
    #expect(engine.state == .stopped)
    unlink(stand.folder.path + "/refuse")
    engine.start()
    #expect(try await ProcessWitness.wait { engine.state == .running })
    try stand.folder.write(words, to: "refuse")
    engine.freeze()
    #expect(
      try await stand.witness.wait(for: .failed(reason: "systemctl freeze: " + refused)))
    #expect(engine.state == .running)
    engine.close()
  }

  @Test("gives up a start that takes too long, and takes it back")
  func boundsAStart() async throws {
    let stand = try StandIn()
    try stand.folder.write("", to: "hang")
    let engine = try stand.engine(startMilliseconds: 400)
    engine.start()
    #expect(try await ProcessWitness.wait { !stand.witness.all.isEmpty })
    #expect(stand.witness.all == [.failed(reason: "systemctl took longer than 1 s")])
    #expect(engine.state == .stopped)
    #expect(stand.orders == ["start \(Self.unit)", "stop \(Self.unit)"])
    engine.close()
  }
}
