import Planning
import Quantities

/// What the node wants of each job, what Slurm's queue shows, and what follows from the two.
///
/// It decides by what it sees, never by what it remembers to have done: after each look at the
/// queue, what differs from the node's wishes is ordered, again and again until it is so. So an
/// order that was lost, a slurmctld that was away or started again from an older state, and a node
/// that was killed all come to the same end.
struct SlurmBook {
  enum Wish: Hashable, Sendable {
    /// In Slurm's queue, held.
    case prepared
    case running
    /// Not running, whether it is in the queue or not.
    case paused
    case cancelled
  }

  struct Entry: Hashable, Sendable {
    let job: JobNumber
    let folder: String
    fileprivate(set) var wish: Wish
    /// Slurm's number, from when it is known until the job has left the queue.
    fileprivate(set) var identifier: Int64?
    fileprivate(set) var phase: SlurmRow.Phase?
    fileprivate(set) var account: SlurmAccount?
    fileprivate var earlier = TimeSpan.zero
    fileprivate var current = TimeSpan.zero
    /// Orders that Slurm refused in a row.
    fileprivate var refusals = 0
    /// Whether Slurm or its operators keep it from running, in Slurm's words.
    fileprivate var objection: String?
    /// Whether it was released since its latest wish: an objection after that is a new one.
    fileprivate var isReleased = false

    var isFeeding: Bool { wish == .running }
    /// Whether its program is on a node: it may be writing results.
    var isAtWork: Bool { phase == .running || phase == .leaving }
  }

  /// What an examination comes to.
  enum Verdict: Hashable, Sendable {
    /// Every request has its line.
    case done
    /// It ended before that, and is not submitted again until it is asked for.
    case failed
    /// Slurm knows nothing of it: it is submitted again if it is still wanted.
    case unknown
  }

  /// After so many refusals in a row the job is held and its owner asked.
  static let mostRefusals = 3
  static let mostEntries = 1024

  let node: String
  let mode: SlurmSettings.Mode
  let claimMilliseconds: Int64
  /// In order of their numbers.
  private(set) var entries: [Entry] = []
  /// Found running and not asked for, by Slurm's number: since when.
  private var unclaimed: [Int64: Int64] = [:]

  init(settings: SlurmSettings) {
    node = settings.node
    mode = settings.mode
    claimMilliseconds = settings.claimMilliseconds
  }

  /// Whether everything is as it is wanted and stays so by itself.
  var isAtRest: Bool {
    let isQuiet = entries.allSatisfy { entry in
      switch entry.phase {
      case .held, .suspended: entry.wish == .prepared || entry.wish == .paused
      case nil, .waiting, .running, .leaving: false
      }
    }
    return unclaimed.isEmpty && isQuiet
  }

  func entry(_ job: JobNumber) -> Entry? { entries.first { $0.job == job } }

  /// Takes a wish; false where there is no room for another job.
  mutating func wish(_ wish: Wish, for job: JobNumber, folder: String) -> Bool {
    let index = entries.firstIndex { $0.job == job }
    if let index, entries[index].folder == folder {
      // What runs already is not put back by being prepared once more.
      if wish == .prepared, entries[index].wish == .running { return true }
      entries[index].wish = wish
      entries[index].refusals = 0
      entries[index].isReleased = false
      return true
    }
    // Numbers begin again where a node lost its data: the folder says which job is meant.
    if let index { entries.remove(at: index) }
    guard entries.count < Self.mostEntries else { return false }
    entries.append(Entry(job: job, folder: folder, wish: wish))
    entries.sort { $0.job < $1.job }
    return true
  }

  /// The same for a job that is known already; nothing for others.
  mutating func wish(_ wish: Wish, for job: JobNumber) {
    if let folder = entry(job)?.folder { _ = self.wish(wish, for: job, folder: folder) }
  }

  mutating func remove(_ job: JobNumber) { entries.removeAll { $0.job == job } }

  /// Takes in a look at the queue; `finished` have a result for every line.
  mutating func take(
    _ rows: [SlurmRow], finished: Set<JobNumber>, at now: Int64
  ) -> [SlurmOrder] {
    var orders: [SlurmOrder] = []
    for index in entries.indices {
      let mine = rows.filter { $0.name == name(of: entries[index]) }
      // Two of one name come from an answer that was lost: the one that has come furthest stays.
      let kept = mine.first { $0.phase == .running } ?? mine.first
      for other in mine where other != kept {
        orders.append(.cancel(entries[index].job, other.identifier))
      }
      if let kept {
        note(kept, at: index)
        orders += order(kept, entries[index], isFinished: finished.contains(entries[index].job))
      } else {
        orders += absent(index, isFinished: finished.contains(entries[index].job))
      }
    }
    return orders + stray(rows, at: now)
  }

  /// What stands in the way of a job that should run: Slurm or its operators hold it.
  func objections() -> [(job: JobNumber, reason: String)] {
    entries.compactMap { entry in
      guard entry.wish == .running, entry.isReleased, let objection = entry.objection else {
        return nil
      }
      return (entry.job, objection)
    }
  }

  /// Slurm took a job in.
  mutating func submitted(_ job: JobNumber, as identifier: Int64) {
    change(job) { entry in
      entry.identifier = identifier
      entry.phase = .held
      entry.refusals = 0
    }
  }

  /// Slurm carried an order out.
  mutating func obeyed(_ order: SlurmOrder) {
    change(order.job) { entry in
      entry.refusals = 0
      if case .release = order { entry.isReleased = true }
    }
  }

  /// Slurm refused an order; true when that was once too often.
  mutating func refused(_ order: SlurmOrder) -> Bool {
    var isEnough = false
    change(order.job) { entry in
      entry.refusals += 1
      guard entry.refusals >= Self.mostRefusals else { return }
      entry.refusals = 0
      isEnough = true
      // A cancellation that can't be had is given up; anything else rests until it is asked again.
      entry.wish = .paused
    }
    return isEnough
  }

  /// A job has left the queue.
  mutating func ended(
    _ job: JobNumber, _ verdict: Verdict, ending: SlurmEnding?, booking: SlurmBooking?
  ) {
    change(job) { entry in
      entry.identifier = nil
      entry.phase = nil
      if verdict == .failed { entry.wish = .paused }
      guard var account = entry.account else { return }
      entry.current = max(entry.current, ending?.elapsed ?? .zero)
      account.state = verdict == .done ? "done" : ending?.state ?? "unknown"
      account.elapsed = max(entry.earlier + entry.current, booking?.elapsed ?? .zero)
      let restarts = min(ending?.restarts ?? 0, 1 << 30)
      account.runs = max(account.runs, booking?.runs ?? 0, ending == nil ? 0 : restarts + 1)
      account.energy = booking?.energy
      entry.account = account
    }
  }

  // MARK: Deciding

  private func name(of entry: Entry) -> SlurmJobName {
    SlurmJobName(node: node, job: entry.job, folder: entry.folder)
  }

  private func order(_ row: SlurmRow, _ entry: Entry, isFinished: Bool) -> [SlurmOrder] {
    if isFinished {
      // It ends by itself, unless it was put back as it wrote its last line.
      let isStaying = row.phase == .running || row.phase == .leaving
      return isStaying ? [] : [.cancel(entry.job, row.identifier)]
    }
    switch entry.wish {
    case .cancelled: return row.phase == .leaving ? [] : [.cancel(entry.job, row.identifier)]
    case .prepared, .paused: return rest(row)
    case .running: break
    }
    switch row.phase {
    case .held where row.objection == nil || !entry.isReleased:
      return [.release(entry.job, row.identifier)]
    // In the other mode it was not this node that suspended it.
    case .suspended where mode == .suspend: return [.resume(entry.job, row.identifier)]
    case .held, .suspended, .waiting, .running, .leaving: return []
    }
  }

  /// What brings a job of the queue to rest.
  private func rest(_ row: SlurmRow) -> [SlurmOrder] {
    switch row.phase {
    case .waiting: [.hold(row.name.job, row.identifier)]
    case .running where mode == .suspend: [.suspend(row.name.job, row.identifier)]
    case .running: [.requeue(row.name.job, row.identifier)]
    case .suspended where mode == .requeue: [.requeue(row.name.job, row.identifier)]
    case .held, .suspended, .leaving: []
    }
  }

  private func absent(_ index: Int, isFinished: Bool) -> [SlurmOrder] {
    let entry = entries[index]
    if let identifier = entry.identifier { return [.examine(entry.job, identifier)] }
    let isWanted = entry.wish == .prepared || entry.wish == .running
    return isWanted && !isFinished ? [.submit(entry.job)] : []
  }

  /// Jobs of an earlier run of this node that nobody asks for are brought to rest, after a while.
  private mutating func stray(_ rows: [SlurmRow], at now: Int64) -> [SlurmOrder] {
    let names = Set(entries.map { name(of: $0) })
    var since: [Int64: Int64] = [:]
    var orders: [SlurmOrder] = []
    for row in rows where !names.contains(row.name) {
      let resting = rest(row)
      guard !resting.isEmpty else { continue }
      let found = unclaimed[row.identifier] ?? now
      since[row.identifier] = found
      if now - found >= claimMilliseconds { orders += resting }
    }
    unclaimed = since
    return orders
  }

  // MARK: Noting

  private mutating func note(_ row: SlurmRow, at index: Int) {
    var entry = entries[index]
    let isSame = entry.identifier == row.identifier
    var runs = isSame ? entry.account?.runs ?? 0 : 0
    if !isSame { (entry.earlier, entry.current) = (.zero, .zero) }
    if row.elapsed < entry.current {
      entry.earlier = entry.earlier + entry.current
      entry.current = .zero
    }
    entry.current = max(entry.current, row.elapsed)
    if row.phase == .running, entry.phase != .running, entry.phase != .suspended { runs += 1 }
    entry.identifier = row.identifier
    entry.phase = row.phase
    entry.objection = row.objection
    entry.account = SlurmAccount(
      identifier: row.identifier, state: row.words, elapsed: entry.earlier + entry.current,
      runs: runs)
    entries[index] = entry
  }

  private mutating func change(_ job: JobNumber, _ body: (inout Entry) -> Void) {
    guard let index = entries.firstIndex(where: { $0.job == job }) else { return }
    body(&entries[index])
  }
}
