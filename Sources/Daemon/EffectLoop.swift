import HeliographCore
import Ledger
import Mesh
import Quantities
import Sealing
import Storage

/// One thread's work: steps the machine, makes its effects durable, then performs them.
///
/// **Durable before visible.** The stores of a batch of events are committed in one transaction
/// before any other effect of that batch is performed. When the store refuses, the batch and its
/// effects are kept as they are and tried again; meanwhile only texts and questions are taken, and
/// what a text wants stored waits behind the kept batch together with its answer.
struct EffectLoop<Machine: Stepping> {
  /// The most events that share one commit.
  static var maximumBatch: Int { 128 }
  /// The most effects that wait for a store that fails; then texts wait too.
  static var maximumKept: Int { 4096 }
  /// The longest that the loop sleeps, so that a set-back clock can't hold a timer for ever.
  static var longestWait: TimeSpan { TimeSpan(seconds: 5) }
  /// Waits between attempts to commit: doubled from the first to the second.
  static var retryWaits: ClosedRange<TimeSpan> { TimeSpan(seconds: 1)...TimeSpan(seconds: 60) }

  /// How many stored records are looked at, and how often: a million in a day and a bit.
  static var checkedRecords: Int { 50 }
  static var checkInterval: TimeSpan { TimeSpan(seconds: 5) }
  /// How many are looked at for folding as often, while there is something to fold.
  static var foldedRecords: Int { 250 }
  /// How long folding rests after the store refused: nothing depends on it.
  static var foldingRest: TimeSpan { TimeSpan(minutes: 30) }

  /// The store's trouble while it lasts.
  private struct Trouble {
    let reason: String
    let since: TimeSpan
    var wait: TimeSpan
    var retryAt: TimeSpan
  }

  let surroundings: EffectRunner<Machine>.Surroundings
  private(set) var machine: Machine
  private var timers: [TimerName: Instant] = [:]
  private var uncommitted: [StoreWrite] = []
  private var ownHead: StoredState.OwnHead?
  /// The count that the marker outside the database tells; nil until it was looked at.
  private var markedCount: Int64?
  private var kept: [Effect] = []
  private var trouble: Trouble?
  /// Events that were not taken since it was said last, and when that was.
  private var refused = 0
  private var refusalsSaid: TimeSpan?
  private var lastBeat: TimeSpan?
  private var lastNow = Instant.distantPast
  private var lastCheck: TimeSpan?
  private var folding: RecordStore.FoldingCourse?
  private var foldsFrom: TimeSpan?
  private var isDamaged = false

  init(machine: Machine, surroundings: EffectRunner<Machine>.Surroundings) {
    self.machine = machine
    self.surroundings = surroundings
  }

  /// Does what can be done now; the result is how long, in real time, there is nothing to do.
  mutating func turn(_ queue: EventQueue, uptime: TimeSpan) -> TimeSpan {
    beat(uptime)
    refused += queue.takeRefusals()
    if refused > 0, refusalsSaid.map({ uptime >= $0 + .minute }) ?? true {
      surroundings.journal.line(
        .warning, "too much at once: \(refused) events were not taken; peers send records again")
      (refused, refusalsSaid) = (0, uptime)
    }
    if let trouble, uptime >= trouble.retryAt { retry(uptime) }
    if trouble == nil { takeBatch(queue, uptime) } else { takeQuestions(queue) }
    if trouble == nil { checkRecords(uptime) }
    return wait(queue, uptime)
  }

  private mutating func takeBatch(_ queue: EventQueue, _ uptime: TimeSpan) {
    var questions: [EventQueue.Entry] = []
    for timer in dueTimers() { step(.timer(timer)) }
    let entries = queue.take(atMost: Self.maximumBatch)
    var frames = verifiedFrames(entries)
    for entry in entries {
      switch entry {
      case .event(.frame(let peer, let bytes)):
        step(frames.removeFirst() ?? .frame(from: peer, bytes: bytes))
      case .event(let event): step(event)
      case .look: questions.append(entry)
      }
    }
    do throws(Refusal) {
      try settle()
    } catch {
      fail(error.reason, uptime)
    }
    questions.forEach(answer)
  }

  /// Steps the machine and puts what it wants in the queue for the next commit.
  private mutating func step(_ event: Event) {
    keep(machine.step(event, at: surroundings.clock.now()))
  }

  private mutating func keep(_ effects: [Effect]) {
    for effect in effects {
      guard case .store(let write) = effect else {
        kept.append(effect)
        continue
      }
      uncommitted.append(write)
      if case .record(let record) = write, record.author == surroundings.owner,
        record.sequence >= ownHead?.count ?? 0
      {
        ownHead = StoredState.OwnHead(count: record.sequence + 1, head: record.identity)
      }
    }
  }

  /// Makes everything so far durable and performs the rest; throws and keeps it all otherwise.
  private mutating func settle() throws(Refusal) {
    do {
      try surroundings.store.commit(uncommitted)
      uncommitted.removeAll(keepingCapacity: true)
      if let head = ownHead { try mark(head) }
      ownHead = nil
    } catch {
      throw Refusal(reason: "\(error)")
    }
    let effects = kept
    kept.removeAll(keepingCapacity: true)
    perform(effects)
  }

  /// Moves the marker on, never back: while a restored database gets its own records again from
  /// neighbours, it tells less than was signed, and a restart must not forget that.
  private mutating func mark(_ head: StoredState.OwnHead) throws {
    guard let marker = surroundings.head else { return }
    let known = try markedCount ?? marker.read()?.count ?? 0
    guard head.count > known else { return }
    markedCount = known
    try marker.write(head)
    markedCount = head.count
  }

  private mutating func perform(_ effects: [Effect]) {
    for effect in effects {
      switch effect {
      case .store: preconditionFailure("stores are committed, not performed")
      case .setTimer(let name, let instant): timers[name] = instant
      case .sendRecords(let peer, let request): send(request, to: peer)
      case .fold(let coverage): folding = RecordStore.FoldingCourse(coverage)
      case .report(let decision):
        surroundings.journal.line(.information, "\(decision.topic.rawValue): \(decision.text)")
      default: surroundings.perform(effect)
      }
    }
  }

  private mutating func dueTimers() -> [TimerName] {
    let now = surroundings.clock.now()
    if now < lastNow {
      // The clock was set back: what was due in a minute still is, not in an hour and a minute.
      let back = lastNow.since(now)
      timers = timers.mapValues { $0 - back }
    }
    lastNow = now
    let due = timers.filter { $0.value <= now }
      .sorted { ($0.value, $0.key) < ($1.value, $1.key) }
    for timer in due { timers[timer.key] = nil }
    return due.map(\.key)
  }
}

// Records that neighbours send and get.
extension EffectLoop {
  /// Frames of records, decoded and with their signatures verified on all cores; nil in the place
  /// of each other frame.
  private func verifiedFrames(_ entries: [EventQueue.Entry]) -> [Event?] {
    var peers: [PublicKey?] = []
    var counts: [Int] = []
    var records: [ReceivedRecord] = []
    for entry in entries {
      guard case .event(.frame(let peer, let bytes)) = entry else { continue }
      guard Frame.holdsRecords(bytes), case .records(let items)? = try? Frame.decode(bytes)
      else {
        peers.append(nil)
        counts.append(0)
        continue
      }
      peers.append(peer)
      counts.append(items.count)
      records += items.map { ReceivedRecord($0) }
    }
    let verified = surroundings.verifier.verify(records) { !machine.knows($0) }
    var start = 0
    return zip(peers, counts).map { peer, count in
      defer { start += count }
      return peer.map { .records(from: $0, Array(verified[start..<start + count])) }
    }
  }

  /// Reads what a neighbour lacks and sends it; what can't be read now it asks for again.
  private mutating func send(_ request: RecordRequest, to peer: PublicKey) {
    do throws(StorageError) {
      let records = try surroundings.store.records(request)
      guard !records.isEmpty else { return }
      surroundings.perform(.send(to: peer, bytes: Frame.records(records).encoded))
    } catch { readingFailed(error) }
  }

  /// A start does not read all of a large database: some records are looked at every few seconds.
  private mutating func checkRecords(_ uptime: TimeSpan) {
    if let lastCheck, uptime < lastCheck + Self.checkInterval { return }
    lastCheck = uptime
    guard !isDamaged else { return }
    do throws(StorageError) {
      try surroundings.store.check(next: Self.checkedRecords)
      try foldRecords(uptime)
    } catch { readingFailed(error) }
  }

  private mutating func foldRecords(_ uptime: TimeSpan) throws(StorageError) {
    guard var course = folding else { return }
    if let foldsFrom, uptime < foldsFrom { return }
    foldsFrom = uptime + Self.foldingRest
    let freed = try surroundings.store.fold(next: Self.foldedRecords, &course)
    foldsFrom = nil
    folding = course.isOver ? nil : course
    for (author, bytes) in freed.sorted(by: { $0.key < $1.key }) {
      step(.folded(author, bytes: bytes))
    }
  }

  private mutating func readingFailed(_ error: StorageError) {
    guard error.kind == .corrupt else {
      surroundings.journal.line(.warning, "\(error)")
      return
    }
    guard !isDamaged else { return }
    isDamaged = true
    surroundings.journal.line(.error, "\(error)")
    surroundings.foundDamage(error)
  }
}

// Trouble with the store, and the rhythm of the loop.
extension EffectLoop {
  private mutating func fail(_ reason: String, _ uptime: TimeSpan) {
    let first = Self.retryWaits.lowerBound
    trouble = Trouble(reason: reason, since: uptime, wait: first, retryAt: uptime + first)
    surroundings.journal.line(
      .error, "\(reason) \(kept.count) effects wait; texts are answered, nothing is traded")
    speak(machine.step(.storageFailing(reason: reason), at: surroundings.clock.now()))
  }

  /// Performs effects that store nothing; others wait behind what is kept.
  private mutating func speak(_ effects: [Effect]) {
    let stores = effects.contains { if case .store = $0 { true } else { false } }
    if stores { keep(effects) } else { perform(effects) }
  }

  private mutating func retry(_ uptime: TimeSpan) {
    guard var current = trouble else { return }
    do throws(Refusal) {
      try settle()
    } catch {
      current.wait = min(current.wait + current.wait, Self.retryWaits.upperBound)
      current.retryAt = uptime + current.wait
      trouble = current
      // A device that did not answer the first time must be given back all the same.
      speak(machine.step(.storageFailing(reason: current.reason), at: surroundings.clock.now()))
      return
    }
    trouble = nil
    let lasted = uptime.rawValue - current.since.rawValue
    surroundings.journal.line(
      .notice, "database \(surroundings.store.path): works again after \(lasted / 1000) s")
    keep(machine.step(.storageWorking, at: surroundings.clock.now()))
  }

  /// While the store fails: texts and looks, whether devices were given back, and nothing that
  /// would change the node.
  private mutating func takeQuestions(_ queue: EventQueue) {
    guard kept.count < Self.maximumKept else { return }
    let entries = queue.take(atMost: Self.maximumBatch) { entry in
      if case .event(.steered) = entry { return true }
      return EventQueue.isQuestion(entry)
    }
    for entry in entries {
      if case .event(let event) = entry {
        speak(machine.step(event, at: surroundings.clock.now()))
      } else {
        answer(entry)
      }
    }
  }

  private func answer(_ entry: EventQueue.Entry) {
    guard case .look(let look) = entry else { return }
    let now = surroundings.clock.now()
    switch look {
    case .snapshot(let since, let answer): answer(machine.snapshot(at: now, since: since))
    case .plan(let answer): answer(machine.plannedCourse(at: now))
    case .day(let day, let answer): answer(machine.recordedCourse(of: day, at: now))
    case .jobs(let answer): answer(machine.jobReports(at: now))
    case .account(let answer): answer(machine.jobAccount)
    }
  }

  private mutating func beat(_ uptime: TimeSpan) {
    guard let interval = surroundings.watchdog?.interval else { return }
    if let lastBeat, uptime < lastBeat + interval { return }
    surroundings.watchdog?.beat()
    let snapshot = machine.snapshot(at: surroundings.clock.now(), since: .max)
    surroundings.watchdog?.status(StatusLine.text(snapshot))
    lastBeat = uptime
  }

  private func wait(_ queue: EventQueue, _ uptime: TimeSpan) -> TimeSpan {
    var wait = Self.longestWait
    if let interval = surroundings.watchdog?.interval { wait = min(wait, interval) }
    if let trouble {
      return max(.zero, min(wait, TimeSpan(milliseconds: (trouble.retryAt - uptime).rawValue)))
    }
    if !queue.isEmpty || !uncommitted.isEmpty || !kept.isEmpty { return .zero }
    if let next = timers.values.min() { wait = min(wait, surroundings.clock.realTime(until: next)) }
    return wait
  }

  /// Whether everything that the machine wanted has been made durable and performed.
  var isSettled: Bool { uncommitted.isEmpty && kept.isEmpty }
}

/// Why a commit did not go through. No part of the generic loop: Swift 6.0.3 stops with a fault of
/// its own at a typed throw of a type nested in a generic one.
private struct Refusal: Error {
  let reason: String
}
