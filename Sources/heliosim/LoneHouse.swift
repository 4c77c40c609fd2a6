import Glibc
import HeliographCore
import Quantities
import Simulation

/// One simulated house with a real node and no neighbours, which lives while somebody takes turns.
struct LoneHouse {
  /// What kind of day it has.
  struct Day {
    /// Where it lives, made anew.
    var directory: String
    /// Where the programs are; empty: beside this one.
    var binaries = ""
    var profiles = ""
    var seed: UInt64 = 1
    var sky: Weather.Sky?
    /// Seconds of the house in one second here.
    var speed: Int64
    var fromMinute: Int64
    /// When it is too late for what was to be done.
    var toMinute: Int64
    /// Where the engine answers.
    var engine: String
    var model: String
    /// How long surplus has to last until it counts as there or gone.
    var surplusSeconds: Int64
    /// Of a disk that loses what was not synchronised when the node is killed.
    var disk: CrashDisk.Programs?
  }

  static let name = "amber"
  private static let pollMilliseconds: Int64 = 200

  let day: Day
  let clock: StreetClock
  let guardian: StreetGuard
  let directory: StreetDirectory
  private let daemon: String
  private let tool: String
  private let house: HouseServer
  private var signals: StreetSignals
  private(set) var node: StreetNode
  private var polledAt: Int64 = 0

  /// Makes the folder and the house; the node is started by `start`.
  init(_ day: Day, signals: StreetSignals) throws(StreetError) {
    self.day = day
    self.signals = signals
    daemon = try StreetStage.daemon(day.binaries)
    tool = try StreetStage.program("heliograph", in: day.binaries)
    let profiles = try StreetProfiles.folder(day.profiles)
    directory = try StreetDirectory(day.directory, houses: [Self.name])
    let startsAt = StreetClock.midnight + TimeSpan(minutes: day.fromMinute)
    let library = try StreetProfiles.library(day.profiles)
    house = try HouseServer(
      preset: Self.name, port: 0, seed: day.seed, at: startsAt,
      weather: Weather(seed: day.seed, sky: day.sky), profiles: library)
    let port = try StreetSystem.freePorts(1)[0]
    node = StreetNode(
      name: Self.name, folder: directory.folder(Self.name), port: port, disk: day.disk)
    guardian = try StreetGuard(log: directory.folder("guard.log"))
    clock = StreetClock(
      startsAt: startsAt, realStart: StreetSystem.realTime(), speed: day.speed)
    let configuration = StreetConfiguration(
      node: node, server: house, clock: clock, profiles: profiles, engine: day.engine,
      model: day.model, sellAtLeast: 8, buyAtMost: 14, surplusSeconds: day.surplusSeconds)
    try directory.write(configuration.text(neighbours: []), to: node.configurationFile)
  }

  mutating func start() throws(StreetError) { try node.start(daemon, guardian: guardian) }

  /// Ends the node as a power cut would.
  mutating func killNode() throws(StreetError) {
    try node.killNow(restartAt: StreetSystem.uptime(), guardian: guardian)
  }

  /// Lets the house move on and looks at the node; throws when a signal came, the day is over or
  /// the node has ended by itself.
  mutating func turn(milliseconds: Int64 = 20) throws(StreetError) {
    house.step(to: clock.now, flexibleLoad: node.flexibleLoad)
    let uptime = StreetSystem.uptime()
    if uptime - polledAt >= Self.pollMilliseconds {
      polledAt = uptime
      if let ending = node.ending(guardian: guardian) {
        throw StreetError("the node \(ending.text); see \(node.log)")
      }
      node.poll(since: .max)
    }
    guard clock.now < StreetClock.midnight + TimeSpan(minutes: day.toMinute) else {
      throw StreetError("the day was over before the work was done; see \(node.log)")
    }
    if let number = signals.wait(milliseconds: milliseconds) {
      throw StreetError("ended by signal \(number)")
    }
  }

  /// Takes turns until the node answers.
  mutating func waitForNode() throws(StreetError) {
    let deadline = StreetSystem.uptime() + Street.startMilliseconds
    while node.snapshot == nil {
      try turn()
      guard StreetSystem.uptime() < deadline else {
        throw StreetError("the node does not answer; see \(node.log)")
      }
    }
  }

  /// Hands a batch in as a person does, with `heliograph run`.
  mutating func handIn(_ batch: TrackedBatch, watts: Int64) throws(StreetError) {
    try waitForNode()
    let file = directory.folder("batches") + "/" + batch.name + ".jsonl"
    try directory.write(batch.text, to: file)
    _ = try StreetProcess.output(
      of: tool, ["--node", node.folder, "run", file, "--watts", "\(watts)"],
      log: directory.folder("tool.log"))
  }

  /// Ends node, house and guard; every other process that the guard watched must have ended.
  mutating func tearDown() {
    node.terminate()
    _ = node.waitForEnd(until: StreetSystem.uptime() + 8000, guardian: guardian)
    house.stop()
    guardian.stop()
  }
}
