import Daemon
import Glibc
import HeliographCore
import Ledger
import Mesh
import Planning
import Quantities
import Sealing
import Storage
import Texting

/// The node that gets killed: the real station, effect loop, database and head marker, with a
/// neighbour who talks and an owner who types without end.
///
/// It says on standard output what it promises: a line for each record, own or a neighbour's, once
/// the effects of the commit that holds it are performed.
struct CrashNode {
  static let option = "--node"
  static let databaseName = "heliograph.db"

  let directory: String
  let life: Int64
  let turns: Int
  /// The file with the neighbours' frames.
  let trade: String
  /// Promises before the commit: a fault that has to be found.
  let promisesEarly: Bool
  /// Stays after its turns until it is killed.
  let waits: Bool

  /// `DIRECTORY LIFE TURNS TRADE [--early] [--wait]`, as `CrashDisk` starts it.
  init?(_ arguments: [String]) {
    guard arguments.count >= 4, let life = Int64(arguments[1]), let turns = Int(arguments[2]) else {
      return nil
    }
    directory = arguments[0]
    self.life = life
    self.turns = turns
    trade = arguments[3]
    promisesEarly = arguments.contains("--early")
    waits = arguments.contains("--wait")
  }

  /// What the node is told to be.
  static func configuration() throws(StreetError) -> StationConfiguration {
    var neighbours: [Neighbour] = []
    for number in CrashTrade.neighbours {
      let key = try CrashTrade.keys(number).publicKey
      neighbours.append(Neighbour(name: "house\(number)", key: key))
    }
    return StationConfiguration(
      name: "house1", keys: try CrashTrade.keys(CrashTrade.node), community: CrashTrade.community,
      devices: [], neighbours: neighbours)
  }

  /// Lives for so many turns and stops as a node does; the exit code.
  func run() throws -> Int32 {
    let configuration = try Self.configuration()
    let frames = try CrashTrade.frames(in: trade)
    let store = try RecordStore(path: directory + "/" + Self.databaseName)
    var ledger = configuration.emptyLedger
    _ = try store.restore(&ledger)
    let marker = HeadMarker(directory: directory)
    let stored = StoredState(
      ledger: ledger, entries: try store.entries(), ownHead: try marker.read())
    let buyer = configuration.neighbours[0].key
    var next = Int(ledger.chain(of: buyer)?.count ?? 0) / 3
    let queue = EventQueue()
    let station = Station(configuration, restoring: stored, at: NodeClock.system.now())
    let runner = EffectRunner(
      machine: PromisingStation(station: station, isEarly: promisesEarly), queue: queue,
      surroundings: .init(
        store: store, clock: .system, journal: Journal { _, _ in }, owner: ledger.ownKey,
        head: marker
      ) { effect in
        guard case .reply(PromisingStation.promise, let text) = effect else { return }
        // Nobody reads any more: nobody is left to kill this process.
        if !StreetSystem.write(text, to: STDOUT_FILENO) { _exit(3) }
      })
    queue.offer(.started)
    queue.offer(.linkUp(buyer))
    // It has heard a neighbour, and so may sign.
    queue.offer(.frame(from: buyer, bytes: Frame.frontier([]).encoded))
    runner.turn()
    // What came last comes again, as after a link that was lost.
    next = max(0, next - 1)
    for turn in 0..<turns {
      guard next < frames.count else { break }
      if turn % 4 != 3 {
        queue.offer(.frame(from: buyer, bytes: frames[next]))
        next += 1
      }
      for message in 0..<Int64(1 + turn % 3) {
        let credits = 1 + (life * 100 + Int64(turn) * 3 + message) % 100_000
        queue.offer(
          .text(
            TextMessage(
              id: .init(Int64(turn) * 8 + message), origin: .local, text: "LIMIT house2 \(credits)"
            )))
      }
      runner.turn()
    }
    if waits {
      // Until nobody reads its promises any more, at the latest.
      var reader = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
      while poll(&reader, 1, -1) < 0 {}
    }
    queue.offer(.stopping)
    runner.turn()
    try store.checkpoint()
    return 0
  }
}

/// A station whose every stored record is answered with a line about it, after its commit.
struct PromisingStation: Stepping {
  static let promise = TextMessage.Identifier(.max)

  var station: Station
  let isEarly: Bool

  mutating func step(_ event: Event, at now: Instant) -> [Effect] {
    let effects = station.step(event, at: now)
    let lines = effects.compactMap { effect -> String? in
      guard case .store(.record(let record)) = effect else { return nil }
      return CrashPromises.line(record)
    }
    guard !lines.isEmpty else { return effects }
    let text = lines.joined()
    guard isEarly else { return effects + [.reply(to: Self.promise, text: text)] }
    _ = StreetSystem.write(text, to: STDOUT_FILENO)
    return effects
  }

  func knows(_ record: Record) -> Bool { station.knows(record) }
  func jobReports(at instant: Instant) -> [JobReport] { station.jobReports(at: instant) }
  var jobAccount: JobAccount { station.jobAccount }
  func snapshot(at instant: Instant, since serial: Int64) -> Snapshot {
    station.snapshot(at: instant, since: serial)
  }
  func plannedCourse(at instant: Instant) -> EnergyCourse { station.plannedCourse(at: instant) }
  func recordedCourse(of day: RecordedDay, at instant: Instant) -> EnergyCourse {
    station.recordedCourse(of: day, at: instant)
  }
}
