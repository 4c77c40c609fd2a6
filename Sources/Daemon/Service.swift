import Dispatch
import Glibc
import Hardware
import HeliographCore
import Links
import Quantities
import Runners
import Sites
import Storage
import Texting

extension Station: Stepping {}

/// One node: the station with everything around it, from the first line of the journal to exit.
public final class Service: Sendable {
  /// How long requests in flight may take to end when the node stops.
  public static let drainTime = TimeSpan(seconds: 5)
  /// How long giving steered devices back may take then; what is left is the guardian's.
  public static let restTime = TimeSpan(seconds: 8)

  private let configuration: Configuration
  private let journal: Journal
  private let watchdog: Watchdog
  private let store: RecordStore
  private let queue: EventQueue
  private let edge: Edge
  private let desk: ReplyDesk
  private let runner: EffectRunner<Station>
  private let lock: LockFile

  /// Opens key, database and devices and starts the links; whatever is wrong stops it here.
  public init(
    _ configuration: Configuration, journal: Journal, watchdog: Watchdog
  ) throws {
    self.configuration = configuration
    self.journal = journal
    self.watchdog = watchdog
    // What a house uses and when it is empty is nobody else's business.
    umask(0o027)
    try FileAccess.makeDirectory(configuration.dataDirectory)
    lock = try LockFile(directory: configuration.dataDirectory)
    let keys = try KeyFile.open(configuration.keyFile)
    guard !configuration.peers.contains(where: { $0.key == keys.publicKey }) else {
      throw ServiceError("peers: one of them has this node's own key: expected neighbours only")
    }
    let clock = NodeClock(configuration.clock)
    let localTime = try configuration.localTime(from: clock.now())
    let marker = HeadMarker(directory: configuration.dataDirectory)
    var stationConfiguration = configuration.stationConfiguration(
      keys: keys, localTime: localTime)
    stationConfiguration.computing = configuration.computingPolicy { journal.line(.warning, $0) }
    let database = NodeDatabase(path: configuration.databasePath)
    let opened = try database.open(for: stationConfiguration, journal: journal)
    store = opened.store
    var stored = opened.state
    stored.ownHead = try marker.read()

    let queue = EventQueue()
    // First in the queue: whatever the links or the engine say comes after it.
    queue.offer(.started)
    let hub = try LinkHub(
      keys: keys, listen: configuration.listen.map { HostPort(host: $0.host, port: $0.port) },
      peers: configuration.peers.compactMap { peer in
        peer.address.map {
          PeerAddress(key: peer.key, address: HostPort(host: $0.host, port: $0.port))
        }
      },
      allowed: Set(configuration.peers.map(\.key))
    ) { Self.hear($0, queue: queue, journal: journal, peers: configuration.peers) }
    let desk = ReplyDesk(queue: queue)
    let devices = try Devices(configuration)
    let jobs = try configuration.jobs.map { jobs throws(ServiceError) in
      try JobDesk(jobs, node: configuration.name, queue: queue)
    }
    let work = configuration.neighbourWork.map { settings in
      WorkDesk(
        NeighbourWork(keys: keys, settings: settings), queue: queue,
        send: { hub.send(to: $0, bytes: $1) }, say: { journal.line(.warning, $0) })
    }
    let edge = Edge(
      devices: devices, hub: hub, jobs: jobs, work: work,
      engine: try EngineControl(configuration.jobs, queue: queue) { jobs?.look() },
      computing: ComputingSensor(configuration.jobs),
      gpio: try Self.gpio(configuration, queue: queue, journal: journal), desk: desk,
      queue: queue, clock: clock, localTime: localTime,
      steering: SteeringDesk(devices: devices, clock: clock, queue: queue))
    self.queue = queue
    self.desk = desk
    self.edge = edge
    let station = Station(stationConfiguration, restoring: stored, at: clock.now())
    runner = EffectRunner(
      machine: station, queue: queue,
      surroundings: .init(
        store: store, clock: clock, journal: journal, owner: keys.publicKey, head: marker,
        watchdog: watchdog, verifier: RecordVerifier(cores: Self.cores),
        foundDamage: { _ in database.noteDamage() }
      ) { edge.perform($0) })
    let identity = "\(configuration.name) \(keys.publicKey.short)"
    journal.line(.notice, "\(identity) starts; records stored: \(opened.records)")
  }

  private static var cores: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }

  private static func gpio(
    _ configuration: Configuration, queue: EventQueue, journal: Journal
  ) throws(ServiceError) -> GPIOLines? {
    guard !configuration.gpioPlan.isEmpty else { return nil }
    do throws(GPIOError) {
      return try GPIOLines(configuration.gpioPlan) { report in
        switch report {
        case .relayFailed(let name, let reason): queue.offer(.relayFailed(name, reason: reason))
        case .button(let press): queue.offer(.button(press))
        case .trouble(let line): journal.line(.warning, line)
        }
      }
    } catch { throw ServiceError("\(error)") }
  }

  private static func hear(
    _ event: LinkEvent, queue: EventQueue, journal: Journal, peers: [Configuration.Peer]
  ) {
    switch event {
    case .up(let peer): queue.offer(.linkUp(peer))
    case .down(let peer, let reason): queue.offer(.linkDown(peer, reason: reason))
    case .frame(let peer, let bytes): queue.offer(.frame(from: peer, bytes: bytes))
    case .refused(let reason): journal.line(.warning, "link refused: \(reason)")
    case .unreachable(let peer, let reason):
      let name = peers.first { $0.key == peer }?.name ?? peer.short
      journal.line(.notice, "\(name) can't be reached: \(reason)")
    }
  }

  /// Runs until SIGTERM or SIGINT; the process's exit status.
  ///
  /// Blocks the calling thread, which becomes the effect loop's.
  public func run() throws -> Int32 {
    let control = try ControlSocket(path: configuration.controlSocketPath) { [self] line in
      await answer(line)
    }
    defer { control.stop() }
    let proxies = try edge.devices.proxies(configuration)
    defer { for proxy in proxies { proxy.stop() } }
    let (batches, folder) = try openDoors()
    defer {
      batches?.stop()
      folder?.stop()
    }
    let spool = try configuration.text.spool.map { try serveSpool($0) }
    defer { spool?.cancel() }
    let outlook = OutlookWatch(
      configuration, clock: edge.clock, queue: queue, journal: journal)
    defer { outlook?.stop() }
    let signals = [SIGTERM, SIGINT].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(
        signal: number, queue: DispatchQueue(label: "signals"))
      source.setEventHandler { [self] in close() }
      source.activate()
      return source
    }
    signal(SIGPIPE, SIG_IGN)
    defer { for source in signals { source.cancel() } }
    watchdog.ready()
    let isDurable = runner.run()
    edge.gpio?.stop()
    edge.hub.stop()
    if isDurable {
      // Not needed for durability: a stopped node's database is one file then.
      try? store.checkpoint()
    } else {
      journal.line(.error, "stopped while the database refused: what it kept back was not sent")
    }
    journal.line(.notice, "\(configuration.name) stopped")
    return 0
  }

  /// How programs hand in batches: the Batch API and the watched folder.
  private func openDoors() throws(ServiceError) -> (BatchAPI?, WatchedFolder?) {
    guard let jobs = edge.jobs else { return (nil, nil) }
    let node = NodeBatches(
      jobs: jobs, queue: queue, desk: desk, clock: edge.clock, journal: journal,
      configuredModel: configuration.jobs?.model ?? "")
    return (
      try BatchAPI(configuration, node: node), try WatchedFolder(configuration, node: node)
    )
  }

  /// Lets requests in flight end, for at most `drainTime`, then ends the loop.
  private func close() {
    watchdog.stopping()
    journal.line(.notice, "stopping")
    let begun = NodeClock.uptime()
    edge.countLast()
    let isHeard = queue.offer(.stopping)
    if let jobs = edge.jobs {
      jobs.close()
      while !jobs.isDrained, NodeClock.uptime() < begun + Self.drainTime { usleep(20_000) }
      jobs.stop()
    }
    let left = begun + Self.restTime - NodeClock.uptime()
    if !isHeard || !edge.steering.waitForRest(max(left, .zero)) {
      journal.line(.warning, "not every steered device was given back in time")
    }
    edge.engine?.close()
    runner.stop()
  }

  /// Answers one line of the control socket: the text grammar, `SNAPSHOT <serial>`,
  /// `REGISTERS <device>`, `COURSE PLAN` or `COURSE <day>`, and `ACCOUNT` or `ACCOUNT <month>`.
  private func answer(_ line: String) async -> String {
    let words = line.split { $0.isWhitespace }
    if words.first?.uppercased() == DeviceLook.command { return await look(words.dropFirst()) }
    if words.first?.uppercased() == CourseQuestion.command {
      return await course(words.dropFirst())
    }
    if words.first?.uppercased() == JobAccountText.command {
      return await account(words.dropFirst())
    }
    guard words.first?.uppercased() == "SNAPSHOT" else {
      return await desk.ask(line, from: .local)
        ?? "Error: no answer in \(ReplyDesk.patience.seconds) s. STATUS says what holds it up."
    }
    guard words.count == 2, let serial = Int64(words[1]) else {
      return "Error: expected SNAPSHOT and a number, such as SNAPSHOT 0."
    }
    return await withCheckedContinuation { continuation in
      let isTaken = queue.look(since: serial) { snapshot in
        continuation.resume(returning: SnapshotText.json(snapshot))
      }
      if !isTaken { continuation.resume(returning: "Error: the node is busy. Ask again.") }
    }
  }

  private func account(_ words: ArraySlice<Substring>) async -> String {
    let month = words.first.map { JobAccountText.Month($0) }
    guard words.count <= 1, month != .some(nil) else {
      return "Error: expected ACCOUNT, or ACCOUNT and a month such as 2026-11."
    }
    return await withCheckedContinuation { continuation in
      let isTaken = queue.lookAtAccount { [edge] account in
        continuation.resume(
          returning: JobAccountText.table(
            account, of: month ?? nil, localTime: edge.localTime))
      }
      if !isTaken { continuation.resume(returning: "Error: the node is busy. Ask again.") }
    }
  }

  private func course(_ words: ArraySlice<Substring>) async -> String {
    guard words.count == 1, let question = words.first.flatMap({ CourseQuestion(String($0)) })
    else { return "Error: expected COURSE and PLAN, TODAY, YESTERDAY or 2026-06-21." }
    return await withCheckedContinuation { continuation in
      let isTaken = question.ask(queue) { continuation.resume(returning: CourseText.json($0)) }
      if !isTaken { continuation.resume(returning: "Error: the node is busy. Ask again.") }
    }
  }

  private func look(_ words: ArraySlice<Substring>) async -> String {
    let names = configuration.devices.map(\.name)
    guard words.count == 1, let name = words.first,
      let device = configuration.devices.first(where: { $0.name == name })
    else { return "Error: expected REGISTERS and one of \(names.joined(separator: ", "))." }
    let sample = await edge.devices.sample(device.name, at: edge.clock.now())
    return DeviceLook.text(
      of: sample.map {
        RegisterDump(device: device.profile, image: $0.image, reading: $0.reading)
      })
  }

  private func serveSpool(_ directory: String) throws -> Task<Void, Never> {
    let spool = try TextSpool(directory: directory)
    let admission = SMSAdmission(readers: configuration.text.readers)
    return Task { [desk, journal] in
      await spool.run(trouble: { journal.line(.warning, "text messages: \($0)") }) { message in
        guard admission.admits(message.sender) else {
          journal.line(.notice, "text message of a number that may not read: no answer")
          return nil
        }
        return await desk.ask(message.text, from: .sms(number: message.sender))
      }
    }
  }
}
