import FoundationEssentials
import Glibc
import HeliographCore
import Links
import Quantities
import Simulation

/// One `heliographd` of the street: its folder, its process, and its control socket.
struct StreetNode {
  /// Where it stands.
  enum Life: Hashable {
    case down
    case starting
    case up
    /// The street killed it and will start it again when the machine's uptime reaches this.
    case killed(restartAt: Int64)
    case dead(String)
  }

  let name: String
  /// Its data directory, absolute.
  let folder: String
  /// Where its neighbours' links come in, on loopback.
  let port: UInt16
  private(set) var life = Life.down
  private(set) var snapshot: Snapshot?
  private var process: StreetProcess?
  /// Where a kill takes what was not synchronised; nil for a disk that a kill takes nothing of.
  private let disk: CrashDisk?
  private var kills: UInt64 = 0

  /// - Parameter disk: the programs of a disk that loses what was not synchronised.
  init(name: String, folder: String, port: UInt16, disk: CrashDisk.Programs? = nil) {
    self.disk = disk.map { CrashDisk(folder, log: folder + ".disk.log", $0) }
    self.name = name
    self.folder = folder
    self.port = port
  }

  var configurationFile: String { folder + "/heliograph.json5" }
  var log: String { folder + "/heliographd.log" }
  var socket: String { folder + "/control.sock" }

  /// As the screen shows it.
  var house: StreetHouse {
    switch life {
    case .up:
      StreetHouse(
        name: name, snapshot: snapshot, trouble: snapshot == nil ? "not answering" : "")
    case .down, .starting: StreetHouse(name: name, trouble: "starting")
    case .killed: StreetHouse(name: name, trouble: "killed")
    case .dead: StreetHouse(name: name, trouble: "node ended")
    }
  }

  /// What its running jobs draw; a node that does not answer runs none that we know of.
  var flexibleLoad: Power {
    snapshot?.runningJobs.reduce(.zero) { $0 + $1.power } ?? .zero
  }

  mutating func start(_ daemon: String, guardian: StreetGuard) throws(StreetError) {
    try disk?.forget()
    let process = try StreetProcess.start(
      daemon, ["--config", configurationFile], log: log, environment: disk?.environment ?? [])
    guardian.watch(process)
    self.process = process
    life = .starting
  }

  /// Types one line at its control socket; nil when it does not answer.
  func ask(_ line: String) -> String? {
    try? ControlClient(node: socket, timeoutSeconds: 3).ask(line)
  }

  /// Asks for its snapshot with the decisions after `serial`.
  mutating func poll(since serial: Int64) {
    switch life {
    case .down, .killed, .dead: return
    case .starting, .up: break
    }
    snapshot = ask("SNAPSHOT \(serial)").flatMap { answer in
      try? JSONDecoder().decode(Snapshot.self, from: Data(answer.utf8))
    }
    if snapshot != nil { life = .up }
  }

  /// How it ended, told once; nil while it runs.
  mutating func ending(guardian: StreetGuard) -> StreetProcess.Ending? {
    guard let process, let ending = process.ending() else { return nil }
    forget(process, guardian: guardian)
    life = .dead(ending.text)
    return ending
  }

  /// Ends it as a power cut would; what its disk lost by it.
  @discardableResult
  mutating func killNow(
    restartAt uptime: Int64, guardian: StreetGuard
  ) throws(StreetError) -> CrashDisk.Loss? {
    guard let process else { return nil }
    process.signal(SIGKILL)
    process.waitForEnd()
    forget(process, guardian: guardian)
    life = .killed(restartAt: uptime)
    kills += 1
    return try disk?.lose(kills)
  }

  /// Asks it to end.
  func terminate() { process?.signal(SIGTERM) }

  /// Waits for its end until `deadline` of the machine's uptime, then ends it; false when it had
  /// to be killed.
  mutating func waitForEnd(until deadline: Int64, guardian: StreetGuard) -> Bool {
    guard let process else { return true }
    defer { forget(process, guardian: guardian) }
    while StreetSystem.uptime() < deadline {
      if process.ending() != nil {
        // What it may have left in its group goes with it.
        process.signal(SIGKILL)
        return true
      }
      usleep(20_000)
    }
    process.signal(SIGKILL)
    process.waitForEnd()
    return false
  }

  private mutating func forget(_ ended: StreetProcess, guardian: StreetGuard) {
    guardian.release(ended)
    process = nil
    snapshot = nil
    life = .down
  }
}
