import Glibc
import Quantities
import Runners
import Simulation

/// The street: three simulated houses, three real nodes, their owners, and the screen.
///
/// One thread does everything in turn; it waits in one place, where signals are taken too.
struct Street {
  static let tickMilliseconds: Int64 = 50
  static let pollMilliseconds: Int64 = 250
  /// How long the nodes may take until all of them answer.
  static let startMilliseconds: Int64 = 30_000

  let options: StreetOptions
  let clock: StreetClock
  let weather: Weather
  let directory: StreetDirectory
  let engineName: String
  let daemon: String
  let guardian: StreetGuard
  let standIn: StandInEngine?
  var signals: StreetSignals
  var display: StreetDisplay
  var houses: [HouseServer]
  var nodes: [StreetNode]
  var journal = StreetJournal()
  var acts: [StreetOwner] = []
  var tries = 0
  var kills: [StreetOptions.Kill]
  /// What went wrong on the way; empty on a good day.
  var problems: [String] = []
  /// The machine's uptime when the nodes were started, and when the first trade was settled.
  var startedAt: Int64
  var firstTradeAt: Int64?
  var recorded: [StreetLine]?
  private var polledAt: Int64 = 0

  var from: Instant { StreetClock.midnight + TimeSpan(minutes: options.fromMinute) }
  var to: Instant { StreetClock.midnight + TimeSpan(minutes: options.toMinute) }

  /// Why the street stopped.
  enum Stop: Hashable {
    case dayOver
    case signal(Int32)
    case outputGone
    case failed
  }

  /// Makes the day's folders, files and servers, and starts the nodes.
  init(_ options: StreetOptions, signals: StreetSignals) throws(StreetError) {
    self.options = options
    self.signals = signals
    kills = options.kills
    display = StreetDisplay(isPlain: options.isPlain)
    weather = Weather(seed: options.seed)
    display.line("Heliograph: a street of three houses, each with its own node.", .strong)

    let stage = try StreetStage(options, weather: weather)
    directory = stage.directory
    daemon = stage.daemon
    houses = stage.houses
    standIn = stage.standIn
    engineName = stage.engineName
    guardian = try StreetGuard(log: directory.folder("street.log"))
    clock = stage.clock
    nodes = stage.nodes
    acts = StreetOwner.day(
      houses: nodes.map(\.name), from: options.fromMinute, batches: stage.batches)
    startedAt = StreetSystem.uptime()
    do {
      for index in nodes.indices { try nodes[index].start(daemon, guardian: guardian) }
    } catch {
      tearDown()
      throw error
    }
  }

  /// Lives through the day, sums it up, and ends everything; returns the exit code.
  mutating func run() -> Int32 {
    defer { tearDown() }
    var stop = waitForNodes() ?? live()
    if stop == .dayOver { stop = settle() ?? .dayOver }
    var code = finish(stop)
    if options.keepsNodes, stop == .dayOver { code = keep(code) }
    return code
  }

  /// Waits until every node answers; nil when they do.
  private mutating func waitForNodes() -> Stop? {
    let deadline = startedAt + Street.startMilliseconds
    while nodes.contains(where: { $0.life != .up }) {
      if let stop = tick(shows: false) { return stop }
      let silent = nodes.filter { $0.life != .up }.map(\.name)
      let isDead = nodes.contains { if case .dead = $0.life { true } else { false } }
      if isDead || StreetSystem.uptime() > deadline, !silent.isEmpty {
        problems.append("no answer from \(silent.joined(separator: ", ")) at the start")
        return .failed
      }
    }
    return nil
  }

  private mutating func live() -> Stop {
    while clock.now < to {
      if let stop = tick(shows: true) { return stop }
      actAsOwners()
      killOnTime()
      if nodes.allSatisfy({ if case .dead = $0.life { true } else { false } }) { return .failed }
    }
    return .dayOver
  }

  /// One turn: the houses move on, the nodes are asked, the screen is drawn, a signal is taken.
  mutating func tick(shows: Bool) -> Stop? {
    let now = clock.now
    for index in houses.indices {
      houses[index].step(to: now, flexibleLoad: nodes[index].flexibleLoad)
    }
    let uptime = StreetSystem.uptime()
    if uptime - polledAt >= Street.pollMilliseconds {
      polledAt = uptime
      pollNodes(uptime)
      if shows, !show() { return .outputGone }
    }
    return signals.wait(milliseconds: Street.tickMilliseconds).map { .signal($0) }
  }

  private mutating func pollNodes(_ uptime: Int64) {
    for index in nodes.indices {
      let name = nodes[index].name
      if let ending = nodes[index].ending(guardian: guardian) {
        let log = nodes[index].log
        let last = StreetSystem.lastLine(of: log).map { " (\($0))" } ?? ""
        say("its node \(ending.text)\(last)", of: name)
        problems.append("\(name)'s node \(ending.text)\(last); see \(log)")
      }
      if case .killed(let restartAt) = nodes[index].life, uptime >= restartAt {
        restart(index)
      }
      nodes[index].poll(since: journal.serial(of: name))
    }
    journal.take(
      nodes.compactMap { node in node.snapshot.map { (house: node.name, snapshot: $0) } })
    let settled = nodes.reduce(0) { $0 + ($1.snapshot?.day.tradesSettled ?? 0) }
    if settled > 0, firstTradeAt == nil { firstTradeAt = uptime }
  }

  private mutating func restart(_ index: Int) {
    do {
      journal.restarted(nodes[index].name, at: clock.now)
      try nodes[index].start(daemon, guardian: guardian)
      say("its node is started again", of: nodes[index].name)
    } catch {
      problems.append("\(nodes[index].name): \(error)")
    }
  }

  /// Types the next line that is due; a node that does not answer is asked again a few times.
  private mutating func actAsOwners() {
    let minute = clock.now.since(StreetClock.midnight).minutes
    while let act = acts.first, act.minute <= minute {
      guard let node = nodes.first(where: { $0.name == act.house }) else { return }
      let typedAt = clock.now
      let answer = node.ask(act.line)
      tries += 1
      guard answer != nil || tries >= StreetOwner.tries else { return }
      tries = 0
      acts.removeFirst()
      say(
        "owner \(act.purpose): \(answer ?? "the node does not answer")", of: act.house,
        at: typedAt)
      if answer == nil || answer?.hasPrefix("Error") == true {
        problems.append("\(act.house) did not take \"\(act.line)\": \(answer ?? "no answer")")
      }
    }
  }

  private mutating func killOnTime() {
    let minute = clock.now.since(StreetClock.midnight).minutes
    while let kill = kills.first, kill.minute <= minute {
      kills.removeFirst()
      guard let index = nodes.firstIndex(where: { $0.name == kill.house }) else { continue }
      // Five minutes of the street, and at most 2 s here: the slot that it was killed in goes on.
      let pause = max(Street.pollMilliseconds, min(2000, 300_000 / options.speed))
      do {
        let loss = try nodes[index].killNow(
          restartAt: StreetSystem.uptime() + pause, guardian: guardian)
        let lost = loss.map { ", its disk loses \($0.pieces) pieces and \($0.names) names" } ?? ""
        say("its node is killed (SIGKILL)\(lost); it comes back soon", of: kill.house)
      } catch { problems.append("\(kill.house): \(error)") }
    }
  }

  /// Gives the last slots' settlements a few seconds; nil when all is settled or time is up.
  private mutating func settle() -> Stop? {
    let deadline = StreetSystem.uptime() + 8000
    while StreetSystem.uptime() < deadline {
      let summary = StreetSummary(houses: nodes.map(\.house))
      if summary.balanceSum == .zero, summary.energySold == summary.energyBought { break }
      if let stop = tick(shows: true) { return stop }
    }
    return nil
  }

  private mutating func keep(_ code: Int32) -> Int32 {
    display.line("The nodes stay up. Ctrl-C ends them.", .strong)
    while true {
      guard let stop = tick(shows: false) else { continue }
      if case .signal(SIGINT) = stop { return code }
      return 1
    }
  }

  mutating func say(_ text: String, of house: String, at instant: Instant? = nil) {
    journal.note(StreetEvent(house: house, at: instant ?? clock.now, text: text))
  }

  private mutating func show() -> Bool {
    var screen = StreetScreen(
      houses: nodes.map(\.house), at: min(clock.now, to), from: from, to: to,
      speed: options.speed, engine: engineName)
    screen.events = journal.events
    if options.record != nil, recorded == nil,
      screen.at.since(StreetClock.midnight).minutes >= options.recordMinute
    {
      recorded = screen.lines(columns: 100, rows: 32)
    }
    return display.show(screen, journal: journal)
  }

  /// Ends nodes, servers and the guard, in that order.
  private mutating func tearDown() {
    nodes.forEach { $0.terminate() }
    let deadline = StreetSystem.uptime() + 8000
    for index in nodes.indices
    where !nodes[index].waitForEnd(until: deadline, guardian: guardian) {
      display.line("\(nodes[index].name)'s node did not end when asked and was killed.", .bad)
    }
    houses.forEach { $0.stop() }
    standIn?.stop()
    guardian.stop()
  }
}
