import HeliographCore
import Mesh
import Planning
import Quantities
import Sealing
import Sites

/// What the daemon's effect runner does for a station on a board, done here for the simulated.
extension Neighbourhood {
  /// Starts a node from what its disk holds.
  mutating func start(_ node: Int) throws(BrokenInvariant) {
    guard !nodes[node].isUp else { return }
    if isHonest(node) { try audit.check(nodes[node].store, of: node) }
    nodes[node].life += 1
    nodes[node].station = Station(
      nodes[node].configuration,
      restoring: nodes[node].store.restore(nodes[node].configuration, knowing: frames),
      at: nodes[node].clock.time(at: now, since: plan.start))
    note(tag: 1, [now.rawValue, Int64(node)], "\(nodes[node].name) starts")
    let life = nodes[node].life
    let durable = nodes[node].store.records.count
    guard nodes[node].station?.ledger.recordCount == durable || !isHonest(node) else {
      throw BrokenInvariant(
        .nothingLost, "\(nodes[node].name) starts without records that are on its disk")
    }
    try tell(.started, to: node)
    queue.add(
      .event(
        node: node, life: life,
        .engine(.ready(slots: nodes[node].runner.slots, name: "simulated engine"))),
      at: now + TimeSpan(seconds: 2))
    for link in network.links where link.touches(node) {
      queue.add(.linkTries(link), at: network.retry(after: now))
    }
  }

  /// Steps a station with an event, and commits what it wants stored before anything is seen.
  mutating func tell(_ event: Event, to node: Int) throws(BrokenInvariant) {
    guard nodes[node].isUp else { return }
    traceEvent(event, to: node)
    try step(event, node)
  }

  private mutating func step(_ event: Event, _ node: Int) throws(BrokenInvariant) {
    let clock = nodes[node].clock.time(at: now, since: plan.start)
    steps += 1
    guard let effects = nodes[node].station?.step(event, at: clock) else { return }
    guard effects.count <= Self.mostEffects || !isHonest(node) else {
      throw BrokenInvariant(
        .bounded, "\(nodes[node].name) does \(effects.count) things for one event")
    }
    guard nodes[node].commitIsDue || effects.holdWrites else {
      for effect in effects { try perform(effect, of: node) }
      return
    }
    let writes = effects.compactMap { effect -> StoreWrite? in
      if case .store(let write) = effect { write } else { nil }
    }
    nodes[node].store.stage(writes)
    if nodes[node].waiting.isEmpty {
      nodes[node].waiting = effects
    } else {
      nodes[node].waiting += effects
    }
    if !nodes[node].commitIsDue {
      nodes[node].commitIsDue = true
      queue.add(
        .commit(node: node, life: nodes[node].life),
        at: now + TimeSpan(milliseconds: random.within(1...15)))
    }
  }

  /// A frame arrives; what it says is read once for all who get the same, and a signature that was
  /// found genuine, or was just made here, is not verified again (`FrameMemo`).
  mutating func deliver(_ bytes: [UInt8], from sender: Int, to node: Int) throws(BrokenInvariant) {
    guard nodes[node].isUp else { return }
    let arrival = frames.arrival(of: bytes, from: nodes[sender].keys.publicKey)
    // A dozen nodes get the same bytes: they are traced once, then by their number.
    var traced = arrival.isNew ? bytes : []
    // What is sealed differs from run to run, as its key is drawn outside: its contract, parcel and
    // number are traced, and its length.
    if Frame.isSealed(bytes) { traced = Array(bytes.prefix(40)) }
    trace.add(
      20,
      [now.rawValue, Int64(node), Int64(sender), Int64(bytes.count), arrival.serial ?? 0], traced)
    if let event = heard(arrival.event, by: node) { try step(event, node) }
  }

  /// Makes a node's writes durable, then lets its effects be seen; a crash may come in between.
  mutating func commit(_ node: Int) throws(BrokenInvariant) {
    let crash = now < plan.quietFrom ? nodes[node].crashAtCommit : nil
    if crash == .beforeSync { return try fail(node) }
    nodes[node].store.sync()
    nodes[node].commitIsDue = false
    let records = nodes[node].waiting.compactMap { effect -> StoredRecord? in
      if case .store(.record(let record)) = effect { record } else { nil }
    }
    if !records.isEmpty { try observe(records, on: node) }
    if crash == .afterSync { return try fail(node) }
    if records.contains(where: { $0.author == nodes[node].keys.publicKey }) {
      nodes[node].store.markHead(of: nodes[node].keys.publicKey)
    }
    if crash == .afterHead { return try fail(node) }
    try performWaiting(
      of: node, limit: crash == nil ? .max : nodes[node].waiting.count / 2)
    if crash != nil { try fail(node) }
  }

  private mutating func observe(
    _ records: [StoredRecord], on node: Int
  ) throws(BrokenInvariant) {
    // What others wrote was looked at when they wrote it.
    if records.contains(where: { $0.author == nodes[node].keys.publicKey }) { try markMeters() }
    for record in records {
      trace.add(2, [now.rawValue, Int64(node), record.sequence], record.bytes)
      try audit.observe(record, on: node, resolutions: resolutions, knowing: frames)
      if record.author == nodes[node].keys.publicKey, let known = audit.record(record.identity) {
        frames.learn(genuine: known)
      }
      try account(record, on: node)
    }
  }

  private mutating func performWaiting(of node: Int, limit: Int) throws(BrokenInvariant) {
    let effects = nodes[node].waiting
    nodes[node].waiting = []
    for effect in effects.prefix(limit) { try perform(effect, of: node) }
  }

  private mutating func perform(_ effect: Effect, of node: Int) throws(BrokenInvariant) {
    let life = nodes[node].life
    switch effect {
    // What is folded is months old: no street is simulated for so long.
    case .store, .fold: break
    case .read(let device):
      let answer = now + TimeSpan(milliseconds: random.within(20...250))
      queue.add(.reading(node: node, life: life, device: device), at: answer)
    case .send(let peer, let bytes): send(bytes, from: node, to: peer)
    case .sendRecords(let peer, let request):
      let records = nodes[node].store.records(request)
      if !records.isEmpty { send(Frame.records(records).encoded, from: node, to: peer) }
    case .reply(let identifier, let text):
      note(tag: 3, [now.rawValue, Int64(node)], "\(nodes[node].name) replies: \(text)")
      try answered(identifier.value, with: text, of: node)
    case .stageBatch(_, let identifier):
      queue.add(
        .event(
          node: node, life: life,
          .batchRefused(reason: "there is no such file", replyTo: identifier)), at: now)
    case .startJob(let job, let folder):
      try begin(nodes[node].runner.start(job, folder: folder), of: node)
    case .pauseJob(let job, _):
      if let progress = nodes[node].runner.pause(job) {
        queue.add(.event(node: node, life: life, .jobProgress(progress)), at: now)
      }
      try settleLoad(of: node)
    case .closeJob(let job, let folder, _):
      if let progress = nodes[node].runner.close(job, folder: folder) {
        queue.add(.event(node: node, life: life, .jobProgress(progress)), at: now)
      }
      try settleLoad(of: node)
    case .discardBatch(let folder): nodes[node].runner.discard(folder: folder)
    case .measureComputing:
      let reason = "simulated houses have no sensor"
      queue.add(.event(node: node, life: life, .computingPowerUnknown(reason: reason)), at: now)
    case .steer(let order):
      let result = SteeringResult.notWritten(reason: "this simulated device can't be steered")
      queue.add(
        .event(node: node, life: life, .steered(SteeringOutcome(order: order, result: result))),
        at: now)
    case .work(let order): work(order, of: node)
    case .prepareJob, .atRest, .turnRelay, .showLight, .controlEngine, .stageWork: break
    case .setTimer(let name, let instant):
      let setting = nodes[node].set(name)
      let due = max(now, nodes[node].clock.trueTime(of: instant, since: plan.start))
      queue.add(.timer(node: node, life: life, name, setting: setting), at: due)
    case .report(let decision):
      note(
        tag: 4, [now.rawValue, Int64(node), decision.serial],
        "\(nodes[node].name): \(decision.text)")
    }
  }

  /// A device answers, or does not.
  mutating func read(_ device: DeviceName, of node: Int) throws(BrokenInvariant) {
    if plan.crashes, now < plan.quietFrom, random.happens(permille: 4) {
      return try tell(
        .readingFailed(device: device, fault: .silent("the simulated device says nothing")),
        to: node)
    }
    try moveHouse(node)
    var reading = nodes[node].house.reading(device: device)
    reading.at = nodes[node].clock.time(at: now, since: plan.start)
    try tell(.reading(shown(reading, to: node)), to: node)
  }

  /// The engine has finished a request.
  mutating func finish(
    _ request: SimulatedRunner.Request, of node: Int
  ) throws(BrokenInvariant) {
    guard let (progress, begun) = nodes[node].runner.finish(request) else { return }
    tally.requestsCompleted += 1
    try begin(begun, of: node)
    guard nodes[node].runner.isWithinBounds else {
      throw BrokenInvariant(
        .workOnce, "\(nodes[node].name) repeated \(nodes[node].runner.repeated) requests")
    }
    try tell(.jobProgress(progress), to: node)
  }

  private mutating func begin(
    _ requests: [SimulatedRunner.Request], of node: Int
  ) throws(BrokenInvariant) {
    for request in requests {
      queue.add(
        .request(node: node, request), at: now + TimeSpan(seconds: random.within(20...90)))
    }
    try settleLoad(of: node)
  }

  /// The machine with the GPU draws its power while a request is in flight.
  private mutating func settleLoad(of node: Int) throws(BrokenInvariant) {
    try moveHouse(node)
    nodes[node].house.flexibleLoad =
      nodes[node].runner.isBusy ? nodes[node].house.equipment.jobPower : .zero
  }

  /// The node loses power: what was not durable is gone.
  mutating func fail(_ node: Int) throws(BrokenInvariant) {
    note(tag: 5, [now.rawValue, Int64(node)], "\(nodes[node].name) crashes")
    tally.crashes += 1
    nodes[node].life += 1
    nodes[node].station = nil
    nodes[node].waiting = []
    nodes[node].timers = []
    nodes[node].commitIsDue = false
    nodes[node].crashAtCommit = nil
    nodes[node].store.crash()
    nodes[node].runner.crash()
    try settleLoad(of: node)
    for link in network.linksUp where link.touches(node) {
      try lose(link, why: "connection reset")
    }
    if isHonest(node) { try audit.check(nodes[node].store, of: node) }
    queue.add(.restart(node: node), at: now + TimeSpan(seconds: random.within(3...1200)))
    if plan.crashes { scheduleCrash(of: node) }
  }

  /// What a station was told, for the digest.
  private mutating func traceEvent(_ event: Event, to node: Int) {
    let at = now.rawValue
    let to = Int64(node)
    switch event {
    case .text(let message): trace.add(21, [at, to], message.text)
    case .timer(let name): trace.add(22, [at, to, name.traceNumber])
    case .reading(let reading):
      trace.add(
        23,
        [
          at, to, reading.gridPower?.rawValue ?? .min, reading.importedTotal?.rawValue ?? .min,
          reading.exportedTotal?.rawValue ?? .min,
        ], reading.device)
    case .jobProgress(let progress):
      trace.add(24, [at, to, progress.job.value, Int64(progress.completed)])
    default: trace.add(25, [at, to])
    }
  }
}

extension [Effect] {
  /// Whether the store has anything to make durable. By place: an effect is long to copy.
  fileprivate var holdWrites: Bool {
    indices.contains { if case .store = self[$0] { true } else { false } }
  }
}

extension TimerName {
  /// For the digest; a house has one device.
  fileprivate var traceNumber: Int64 {
    switch self {
    case .poll: 1
    case .control: 2
    case .market: 3
    case .relays: 4
    case .synchronise: 5
    case .steering: 6
    case .computing: 7
    }
  }
}
