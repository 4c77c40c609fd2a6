import Ledger
import Market
import Mesh
import Planning
import Quantities
import Sealing
import Sites
import Texting

/// A household's node without any I/O: events in, effects out.
///
/// The station only routes. Site, surplus, forecast, job queue, trader, ledger and gossip are
/// machines of their own; each event goes to those it concerns and their wishes are joined. The
/// same struct runs on a board and in a simulated neighbourhood.
public struct Station: Sendable {
  /// How often frontiers are compared with every linked neighbour.
  public static let synchroniseInterval = TimeSpan(minutes: 5)
  /// How long after a start the neighbours are waited for with the first signature.
  static let questionTime = TimeSpan(seconds: 30)

  public let configuration: StationConfiguration
  var site: Site
  var surplus: Surplus
  var forecast: SurplusForecast
  /// What energy costs; a price list may change it while the node runs.
  var tariff: Tariff
  /// What the last days came to, slot by slot.
  var records: DayRecords
  /// What is meant to happen; nil before the first look.
  public internal(set) var plan: Plan?
  /// The slot that the plan was made in, and whether something since makes it stale.
  var planSlot: TimeSlot?
  var planIsStale = true
  /// When the plan was made, and the present slot as it took it.
  var plannedAt: Instant?
  /// Whether a battery that keeps what it holds may take what is left over.
  var keepsTaking = false
  var plannedPresent: SlotForecast?
  /// What was last predicted from a slot on; nil once the forecast has learned something since.
  var predicted: (slot: TimeSlot, hasPanels: Bool, slots: [SlotForecast])?
  var probe = CurtailmentProbe()
  /// What could be spare while the panels are held back; nil when what is measured counts.
  var possible: Power?
  var queue: JobQueue
  var steering: Steering
  /// Whether `atRest` is owed.
  var isStopping = false
  public internal(set) var ledger: CommunityLedger
  public internal(set) var trader: EnergyTrader
  /// Computing with and for neighbours.
  public internal(set) var computingTrader: ComputingTrader
  /// When the timer for computing fires next; nil while it is not set.
  var computingDue: Instant?
  var gossip = Gossip()
  var engine = EngineState.unknown
  var keeper: EngineKeeper
  var computing = ComputingPower()
  /// Whether the computing side's sensor was said to give nothing; said once until it does.
  var lacksComputingPower = false
  var relays: RelayBank
  var pulseMeters: [PulseMeter]
  /// What the light was told last.
  var light: StatusLight?
  public internal(set) var log = DecisionLog()
  var day: DayAccount
  var storageTrouble: String?
  /// When this node last complained about what a neighbour sent.
  var complainedAt: [PublicKey: Instant] = [:]
  /// Lines about what a neighbour does, since when.
  var linesAbout: [PublicKey: (since: Instant, count: Int)] = [:]
  /// What the store was last told to fold.
  var folding: Coverage?
  /// Neighbours that are heard after own records came back.
  var talks: [PublicKey: WitnessTalk] = [:]
  /// Whom the household was told nothing is lent to.
  var doubtTold: [PublicKey] = []
  /// Names for neighbours, by key.
  let names: [PublicKey: String]
  /// Effects that restoring gave; performed with the first step.
  private var restored: [Effect] = []

  /// A station that goes on from what an earlier run stored; empty for a new node.
  public init(
    _ configuration: StationConfiguration, restoring stored: StoredState = StoredState(),
    at now: Instant
  ) {
    self.configuration = configuration
    names = Dictionary(
      configuration.neighbours.map { ($0.key, $0.name) }, uniquingKeysWith: { first, _ in first })
    site = Site(devices: configuration.devices, localTime: configuration.localTime)
    relays = RelayBank(plans: configuration.relays, at: now)
    pulseMeters = configuration.pulseMeters.map(PulseMeter.init(plan:))
    surplus = Surplus(thresholds: configuration.surplus, at: now)
    forecast = SurplusForecast(
      localTime: configuration.localTime, place: configuration.place, panels: configuration.panels)
    tariff = configuration.tariff
    records = DayRecords(at: now)
    queue = JobQueue(
      rules: configuration.jobRules, localTime: configuration.localTime, at: now)
    queue.management = configuration.engine
    keeper = EngineKeeper(configuration.engine)
    steering = Steering(rules: configuration.steering, localTime: configuration.localTime)
    ledger = stored.ledger ?? configuration.emptyLedger
    trader = EnergyTrader(
      policy: configuration.market, community: configuration.community,
      keys: configuration.keys, names: names, links: configuration.links)
    computingTrader = ComputingTrader(
      policy: configuration.computing, community: configuration.community,
      keys: configuration.keys, names: names, claimsAtMost: configuration.market.claimsAtMost)
    day = DayAccount(day: configuration.localTime.dayNumber(at: now))
    restore(stored, at: now)
  }

  private mutating func restore(_ stored: StoredState, at now: Instant) {
    for record in stored.records {
      _ = ledger.receive(record.bytes, storedAs: record.identity)
    }
    let forks = stored.entries.filter { $0.key.hasPrefix(Self.forkPrefix) }
    restored = forks.flatMap { restoreProof($0) }
    ledger.begin(marker: stored.ownHead.map { ($0.count, $0.head) }, at: now)
    for entry in stored.entries {
      ledger.restore(key: entry.key, value: entry.value)
      site.restore(key: entry.key, value: entry.value)
      trader.restore(key: entry.key, value: entry.value)
      computingTrader.restore(key: entry.key, value: entry.value)
      log.restore(key: entry.key, value: entry.value)
      day.restore(key: entry.key, value: entry.value)
      records.restore(key: entry.key, value: entry.value)
      steering.restore(key: entry.key, value: entry.value, at: now)
      restoreGPIO(entry, at: now)
      if entry.key == Self.reserveKey, let value = try? CBORValue(decoding: entry.value),
        let permille = value.integer, (0...1000).contains(permille)
      {
        surplus.thresholds.reserve = StateOfCharge(permille: permille)
      }
    }
    let contracts = ledger.accounts.contracts.compactMap(EnergyContract.init)
    for contract in contracts where contract.stage == .acknowledged {
      if contract.counterpart(of: ledger.ownKey) != nil,
        configuration.localTime.dayNumber(at: contract.slot.start) == day.day
      {
        day.take(contract, ownKey: ledger.ownKey)
      }
    }
    let values = stored.entries.map { (key: $0.key, value: $0.value) }
    restored += effects(of: queue.restore(values), at: now)
    for error in forecast.restore(values) { restored += say(.storage, error.message, at: now) }
  }

  static let reserveKey = "reserve"
  /// Before the author's key: a record that contradicts a known one and has no place yet.
  static let forkPrefix = "fork/"

  /// Takes one event and says what is to be done about it.
  public mutating func step(_ event: Event, at now: Instant) -> [Effect] {
    let effects = route(event, at: now)
    guard !restored.isEmpty else { return effects }
    defer { restored = [] }
    return restored + effects
  }

  private mutating func route(_ event: Event, at now: Instant) -> [Effect] {
    switch event {
    case .started: start(at: now)
    case .timer(.poll(let device)): effects(of: site.timer(device, at: now), at: now)
    case .timer(.control): control(at: now)
    case .timer(.market): trade(at: now)
    case .timer(.relays): self.effects(of: relays.settle(at: now), at: now)
    case .timer(.synchronise): synchronise(at: now)
    case .timer(.steering): steer(at: now)
    case .timer(.computing): computeForNeighbours(at: now)
    case .reading(let reading): take(reading, at: now)
    case .readingFailed(let device, let fault):
      effects(of: site.failed(device, fault, at: now), at: now)
    case .controls(let device, let controls):
      effects(of: steering.learn(controls, of: device, at: now), at: now)
    case .steered(let outcome): effects(of: steering.finished(outcome, at: now), at: now)
    case .stopping: stop(at: now)
    case .linkUp(let key): linkUp(key, at: now)
    case .linkDown(let key, let reason): linkDown(key, reason: reason, at: now)
    case .frame(let key, let bytes): take(frame: bytes, from: key, at: now)
    case .records(let key, let records): take(records: records, from: key, at: now)
    case .folded(let author, let bytes): noteFolded(author, bytes: bytes)
    case .frontier(let key, let entries): take(frontier: entries, from: key, at: now)
    case .orders(let key, let orders): take(orders: orders, from: key, at: now)
    case .text(let message): take(message, at: now)
    case .batchStaged(let batch, let message): add(batch, replyTo: message, at: now)
    case .batchRefused(let reason, let message):
      [.reply(to: message, text: TextReply.refusal(reason))]
    case .workStaged(let staged, let pay, let message):
      want(staged, payingAtMost: pay, replyTo: message, at: now)
    case .work(let outcome): take(outcome, at: now)
    case .jobProgress(let progress): take(progress, at: now)
    case .jobHeld(let number, let reason):
      effects(of: queue.held(number, reason: reason, at: now), at: now)
    case .engine(let state): take(state, at: now)
    case .engineProcess(let state): take(state, at: now)
    case .engineCard(let range): learn(card: range)
    case .computingPower(let power): take(computing: power, at: now)
    case .computingPowerUnknown(let reason): computingUnknown(reason, at: now)
    case .weather(let outlook): take(outlook)
    case .tariff(let tariff): take(tariff)
    case .pulses(let snapshot): take(snapshot, at: now)
    case .relayFailed(let name, let reason): relayFailed(name, reason, at: now)
    case .button(let press): take(press, at: now)
    case .storageFailing(let reason): storageFails(reason, at: now)
    case .storageWorking: storageWorks(at: now)
    }
  }

  private mutating func start(at now: Instant) -> [Effect] {
    var effects = say(.mesh, "\(configuration.name) is up", at: now)
    if ledger.lacksOwnRecords {
      effects += say(
        .ledger, "own records are missing here: reading only until neighbours send them", at: now)
    }
    effects += startGPIO(at: now)
    effects += self.effects(of: site.start(at: now), at: now)
    effects += self.effects(of: steering.start(at: now), at: now)
    // One that an earlier run left standing still.
    if configuration.engine.freezes { effects.append(.controlEngine(.thaw)) }
    effects.append(.setTimer(.control, at: now + configuration.controlInterval))
    effects.append(.setTimer(.market, at: now + TimeSpan(seconds: 1)))
    effects += wakeComputing(within: ComputingTrader.interval, at: now)
    let wait = ledger.isAskingOwnHead ? Self.questionTime : Self.synchroniseInterval
    effects.append(.setTimer(.synchronise, at: now + wait))
    return effects
  }

  // MARK: Storage

  /// The store refuses: feed no engine, since results and account could not be kept.
  ///
  /// And give every steered device back: how often it was written could not be kept either. No
  /// store may be among these: they are performed now.
  private mutating func storageFails(_ reason: String, at now: Instant) -> [Effect] {
    storageTrouble = reason
    return effects(of: relays.turnAllOff(at: now), at: now)
      + (queue.running.map { [.pauseJob($0.number, .drain)] } ?? [])
      + steering.storageStopped(at: now).map { .steer($0) }
  }

  private mutating func storageWorks(at now: Instant) -> [Effect] {
    defer { storageTrouble = nil }
    var effects = say(.storage, "the store works again, nothing was lost", at: now)
    if let job = queue.running, job.status == .running {
      effects.append(.startJob(job.number, folder: job.batch.folder))
    }
    return effects + self.effects(of: steering.storageReturned(at: now), at: now)
  }

  // MARK: Joining effects

  /// A line for the journal, the screen and `WHY`, stored with the step.
  mutating func say(_ topic: Decision.Topic, _ text: String, at now: Instant) -> [Effect] {
    let (decision, store) = log.add(topic, ReasonLine.fit(text), at: now)
    return [.store(StoreWrite(store)), .report(decision)]
  }

  mutating func effects(of actions: [SiteAction], at now: Instant) -> [Effect] {
    actions.flatMap { action -> [Effect] in
      switch action {
      case .read(let device): [.read(device)]
      case .wake(let device, let time): [.setTimer(.poll(device), at: time)]
      case .say(let text): say(.device, text, at: now)
      case .save(let key, let value): [.store(.put(key: key, value: value))]
      }
    }
  }

  mutating func effects(of actions: [JobAction], at now: Instant) -> [Effect] {
    actions.flatMap { action -> [Effect] in
      switch action {
      case .start(let number, let folder): [.startJob(number, folder: folder)]
      case .pause(let number, let kind): [.pauseJob(number, kind)]
      case .close(let number, let folder, let ending):
        [.closeJob(number, folder: folder, ending)]
      case .engine(let order): [.controlEngine(order)]
      case .save(let key, let value): [.store(.put(key: key, value: value))]
      case .forget(let key): [.store(.remove(key: key))]
      case .say(let text): say(.job, text, at: now)
      }
    }
  }
}

extension StoreWrite {
  /// Stores the value, or removes the key of a nil.
  init(_ keyed: KeyedValue) {
    self = keyed.value.map { .put(key: keyed.key, value: $0) } ?? .remove(key: keyed.key)
  }
}
