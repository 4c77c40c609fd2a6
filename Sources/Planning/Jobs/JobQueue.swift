import Quantities
import Sites

/// Owns a household's jobs: takes them in, starts and pauses them with the surplus, counts.
///
/// One job runs at a time. After a restart every job that ran waits again and is started by the
/// same rules; what the runner has on disk is done and isn't repeated. `control` decides, in
/// `JobQueue+Control.swift`.
public struct JobQueue: Sendable {
  /// The largest power that a job may state; more is taken as this.
  public static let powerLimit = Power(watts: 1_000_000)
  /// The key that the next number is stored under.
  static let nextNumberKey = "jobs/next"

  public let rules: JobRules
  public var localTime: LocalTime
  /// In order of number; at most `liveLimit` unfinished and `doneLimit` finished ones.
  public internal(set) var jobs: [Job] = []
  /// What ended jobs came to.
  public internal(set) var account = JobAccount()
  /// What was learned of the engine, a record for each model; see `recordLimit`.
  public internal(set) var engineRecords: [EngineRecord] = []
  /// The models of which was said that they are slower than they were.
  var slowModels: [String] = []
  /// The sums since local midnight.
  public internal(set) var day: JobDay
  var nextNumber: Int64 = 1
  /// Up to when running time and energy are counted.
  var countedUntil: Instant
  /// What was spare at the latest control.
  var spare: Power?
  /// What the jobs draw by the computing side's own sensor; nil while that is unknown.
  public var measuredDrawing: Power?
  /// What energy costs now, taken from the grid and not given to it; nil while nobody said.
  public var importPrice: Price?
  public var exportPrice: Price?
  var savedAt: Instant
  /// What can be done with the engine.
  public var management = EngineManagement()
  /// How the engine is eased now.
  public internal(set) var easing = Easing.none
  /// Whether a job for the engine runs, or would if the engine were ready.
  public internal(set) var wantsEngine = false

  public init(rules: JobRules = JobRules(), localTime: LocalTime, at now: Instant) {
    self.rules = rules
    self.localTime = localTime
    day = JobDay(day: localTime.dayNumber(at: now))
    countedUntil = now
    savedAt = now
  }

  /// The job of this number, if the queue remembers it.
  public func job(_ number: JobNumber) -> Job? { jobs.first { $0.number == number } }

  /// What running and draining jobs draw: as measured, else what they state.
  public var drawing: Power { running == nil ? .zero : measuredDrawing ?? statedDrawing }

  /// What running and draining jobs state that they draw.
  public var statedDrawing: Power {
    eased(jobs.reduce(.zero) { $1.isDrawing ? $0 + $1.batch.power : $0 })
  }

  /// The job that the engine works for.
  public var running: Job? { jobs.first(where: \.isDrawing) }

  /// How many jobs wait to start.
  public var waitingCount: Int { jobs.count { $0.status == .waiting } }

  /// What a plan needs to know of the jobs that may run.
  ///
  /// Plans count whole slots; of the slot that lasts now a part is gone, which is added to what a
  /// job still takes, so that one planned from now on is done in time all the same.
  public func planningJobs(at now: Instant) -> [PlanningJob] {
    let gone = now.since(TimeSlot(containing: now).start)
    return jobs.filter { $0.status == .waiting || $0.status == .running }.map { job in
      PlanningJob(
        number: job.number, power: job.batch.power, remaining: remaining(of: job) + gone,
        deadline: job.batch.deadline, priority: job.batch.priority, value: job.batch.value,
        interruptible: job.batch.interruptible, running: job.status == .running,
        after: job.batch.after.filter { self.job($0)?.isLive == true })
    }
  }

  /// How long a job still takes at the pace it has shown, or at the rules' before it has.
  func remaining(of job: Job) -> TimeSpan {
    if let command = job.batch.command { return command.remaining(after: job.ranFor) }
    let answered = Int64(job.completed + job.failed)
    let each = answered > 0 ? job.ranFor.scaled(by: 1, over: answered) : rules.requestSpan
    let left = each.clamped(to: .zero ... .day).scaled(
      by: Int64(min(job.requestsLeft, 1_000_000)), over: 1)
    return left.clamped(to: .minute...TimeSpan(minutes: 1440 * 365))
  }

  // MARK: the owner's words

  /// Takes in a batch; throws `.queueFull` at the limit, `.noSuchJob` for one that it can't wait
  /// for, `.alreadyQueued` for a command that is a job already.
  public mutating func add(
    _ batch: StagedBatch, at now: Instant
  ) throws(PlanningError) -> (number: JobNumber, actions: [JobAction]) {
    guard jobs.count(where: \.isLive) < rules.liveLimit else {
      throw .queueFull(limit: rules.liveLimit)
    }
    for number in batch.after where number.value < 1 || number.value >= nextNumber {
      throw .noSuchJob(number)
    }
    if let name = batch.command?.name,
      let other = jobs.first(where: { $0.isLive && $0.batch.command?.name == name })
    {
      throw .alreadyQueued(other.number)
    }
    var job = Job(number: JobNumber(nextNumber), batch: batch, addedAt: now)
    job.batch.power = batch.power.clamped(to: .zero...Self.powerLimit)
    nextNumber += 1
    jobs.append(job)
    let next = JobAction.save(key: Self.nextNumberKey, value: [UInt8]("\(nextNumber)".utf8))
    let line =
      "job \(job.number) waits: \(batch.name), \(batch.size), \(job.batch.power.text)"
    return (job.number, [next, save(job), .say(ReasonLine.fit(line))])
  }

  /// The owner says pause: this job, or with nil every job that isn't done.
  public mutating func pause(
    _ number: JobNumber?, at now: Instant
  ) throws(PlanningError) -> [JobAction] {
    count(until: now)
    return try indices(of: number).flatMap { index -> [JobAction] in
      let wasRunning = jobs[index].status == .running
      guard !jobs[index].ownerPaused, jobs[index].ending == nil else { return [] }
      jobs[index].ownerPaused = true
      if wasRunning {
        let kind = preemption(of: jobs[index], spare: .zero)
        return drain(index, because: "owner said pause", kind, at: now)
      }
      if jobs[index].status == .waiting { jobs[index].status = .paused }
      jobs[index].reason = "owner said pause"
      return [save(jobs[index])]
    }
  }

  /// Takes a job back: what is with the engine finishes, nothing more is begun.
  public mutating func cancel(
    _ number: JobNumber, at now: Instant
  ) throws(PlanningError) -> [JobAction] {
    count(until: now)
    guard let index = try indices(of: number).first else { return [] }
    // One that is held on its way to an end is brought there again.
    if let ending = jobs[index].ending {
      guard case .held = jobs[index].status else { return [] }
      return end(index, ending, because: "taken back")
    }
    return end(index, .cancelled, because: "taken back")
  }

  /// Has the runner close a job's files; `progress` with `isClosed` ends it.
  mutating func end(_ index: Int, _ ending: JobEnding, because reason: String) -> [JobAction] {
    jobs[index].status = .ending
    jobs[index].ending = ending
    jobs[index].shortSince = nil
    jobs[index].reason = reason
    let job = jobs[index]
    return [
      save(job), .close(job.number, folder: job.batch.folder, ending),
      .say(ReasonLine.fit("job \(job.number) ends: \(reason)")),
    ]
  }

  /// The owner says go on: this job, or with nil every one that is paused or held.
  public mutating func resume(
    _ number: JobNumber?, at now: Instant
  ) throws(PlanningError) -> [JobAction] {
    try indices(of: number).flatMap { index -> [JobAction] in
      jobs[index].ownerPaused = false
      jobs[index].pausedAt = nil
      switch jobs[index].status {
      case .paused, .held:
        if let ending = jobs[index].ending {
          return end(index, ending, because: "owner said resume")
        }
        // One whose forerunners came to no good end is told to run all the same.
        let after = jobs[index].batch.after.filter { self.job($0)?.isLive == true }
        jobs[index].batch.after = after
        jobs[index].status = .waiting
        jobs[index].reason = "waits for surplus"
        let line = "job \(jobs[index].number) waits again: owner said resume"
        return [save(jobs[index]), .say(line)]
      case .waiting, .running, .draining, .ending, .done: return []
      }
    }
  }

  private func indices(of number: JobNumber?) throws(PlanningError) -> [Int] {
    guard let number else { return jobs.indices.filter { jobs[$0].isLive } }
    guard let index = index(of: number) else { throw .noSuchJob(number) }
    guard jobs[index].isLive else { throw .alreadyDone(number) }
    return [index]
  }

  func index(of number: JobNumber) -> Int? { jobs.firstIndex { $0.number == number } }

  func save(_ job: Job) -> JobAction { .save(key: Job.key(of: job.number), value: job.encoded) }
}

// MARK: restore

extension JobQueue {
  /// Takes up what was stored, in any order; other machines' keys are left alone.
  public mutating func restore(_ entries: [(key: String, value: [UInt8])]) -> [JobAction] {
    var actions: [JobAction] = []
    for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
      if key == Self.nextNumberKey {
        nextNumber = max(nextNumber, Int64(String(decoding: value, as: UTF8.self)) ?? 1)
      } else if key == JobDay.key {
        if let stored = JobDay(decoding: value), stored.day == day.day { day = stored }
      } else if key.hasPrefix(JobRecord.prefix) {
        if !account.restore(key: key, value: value) {
          actions.append(.say(PlanningError.unreadable(key: key).message))
        }
      } else if key.hasPrefix(EngineRecord.prefix) {
        if let record = EngineRecord(decoding: value), record.key == key {
          engineRecords.append(record)
        }
      } else if key.hasPrefix("job/") {
        if let job = Job(decoding: value), Job.key(of: job.number) == key {
          jobs.append(job)
        } else {
          actions.append(.say(PlanningError.unreadable(key: key).message))
        }
      }
    }
    jobs.sort { $0.number < $1.number }
    nextNumber = max(nextNumber, (jobs.last?.number.value ?? 0) + 1)
    for job in jobs where job.status == .ending {
      let ending = job.ending ?? .cancelled
      actions.append(.close(job.number, folder: job.batch.folder, ending))
    }
    return actions
  }
}
