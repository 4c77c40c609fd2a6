import Quantities
import Sites

extension JobQueue {
  /// Looks at surplus, plan and engine, and starts or pauses at most one job.
  ///
  /// A job starts when as much is spare as it draws, or when the plan runs it now for the sake of
  /// its deadline. An interruptible one pauses when that ends; a fixed one, once started, goes on
  /// to its end. Of several, the most urgent goes first: by priority, deadline, number.
  public mutating func control(
    surplus: Surplus.State, plan: Plan?, engine: EngineState, at now: Instant
  ) -> [JobAction] {
    spare = surplus.power
    count(until: now)
    let look = Look(surplus: surplus, plan: plan, engine: engine, now: now)
    var actions: [JobAction] = []
    if let index = jobs.firstIndex(where: { $0.status == .running }) {
      if let reason = reasonToPause(index, look) {
        actions = drain(index, because: reason, at: now)
      }
    } else if running == nil, case .ready = engine, let (index, reason) = nextToStart(look) {
      actions = start(index, because: reason, at: now)
    }
    if running != nil, now.since(savedAt) >= rules.saveInterval {
      actions += jobs.filter(\.isDrawing).map(save) + [saveDay(at: now)]
    }
    return actions
  }

  /// Tells the runner to drain a running job.
  mutating func drain(_ index: Int, because reason: String, at now: Instant) -> [JobAction] {
    jobs[index].status = .draining
    jobs[index].pausedAt = now
    jobs[index].shortSince = nil
    jobs[index].timesPaused += 1
    jobs[index].reason = reason
    day.timesPaused += 1
    let number = jobs[index].number
    return [
      save(jobs[index]), .pause(number), .say(ReasonLine.fit("job \(number) pauses: \(reason)")),
    ]
  }

  private mutating func start(
    _ index: Int, because reason: String, at now: Instant
  ) -> [JobAction] {
    jobs[index].status = .running
    jobs[index].startedAt = now
    jobs[index].shortSince = nil
    jobs[index].reason = reason
    let job = jobs[index]
    return [
      save(job), .start(job.number, folder: job.batch.folder),
      .say(ReasonLine.fit("job \(job.number) starts: \(reason)")),
    ]
  }
}

/// Everything that one decision looks at.
private struct Look {
  let surplus: Surplus.State
  let plan: Plan?
  let engine: EngineState
  let now: Instant

  /// Whether the plan runs a job now although the sun isn't expected to carry it.
  func runsForDeadline(_ job: Job) -> Bool {
    plan?.run(of: job.number, at: now).map { !$0.onSurplus } ?? false
  }
}

extension JobQueue {
  // MARK: pausing

  private mutating func reasonToPause(_ index: Int, _ look: Look) -> String? {
    let job = jobs[index]
    if case .unavailable(let reason) = look.engine { return "engine unavailable (\(reason))" }
    guard job.batch.interruptible, !look.runsForDeadline(job) else { return nil }
    if case .unknown(let since) = look.surplus {
      let span = look.now.since(since)
      return span >= rules.unknownLimit ? "surplus unknown for \(span.text)" : nil
    }
    let spare = look.surplus.power ?? .zero
    guard spare < job.batch.power else {
      jobs[index].shortSince = nil
      return reasonToYield(job, look)
    }
    let since = job.shortSince ?? look.now
    jobs[index].shortSince = since
    let ran = look.now.since(job.startedAt ?? look.now)
    guard look.now.since(since) >= rules.pauseAfter, ran >= rules.minimumRun else { return nil }
    return "\(spare.spareText), needs \(job.batch.power.text)"
  }

  /// A job of higher priority that could run in this one's place.
  private func reasonToYield(_ job: Job, _ look: Look) -> String? {
    guard look.now.since(job.startedAt ?? look.now) >= rules.minimumRun,
      let (index, _) = nextToStart(look), jobs[index].batch.priority > job.batch.priority
    else { return nil }
    return "job \(jobs[index].number) goes first"
  }

  // MARK: starting

  private func nextToStart(_ look: Look) -> (index: Int, reason: String)? {
    let urgent = jobs.indices.filter { jobs[$0].status == .waiting }.sorted {
      goesBefore(jobs[$0], jobs[$1])
    }
    for index in urgent {
      if let reason = reasonToStart(jobs[index], look) { return (index, reason) }
    }
    return nil
  }

  private func goesBefore(_ left: Job, _ right: Job) -> Bool {
    if left.batch.priority != right.batch.priority {
      return left.batch.priority > right.batch.priority
    }
    let leftDeadline = left.batch.deadline ?? .distantFuture
    let rightDeadline = right.batch.deadline ?? .distantFuture
    return (leftDeadline, left.number) < (rightDeadline, right.number)
  }

  private func reasonToStart(_ job: Job, _ look: Look) -> String? {
    if look.runsForDeadline(job), let deadline = job.batch.deadline {
      return "due \(localTime.clock(at: deadline)), no sun for all of it expected before"
    }
    let power = job.batch.power
    guard case .spare(let spare, _) = look.surplus, spare >= power + rules.startMargin else {
      return nil
    }
    if let pausedAt = job.pausedAt, look.now.since(pausedAt) < rules.minimumPause { return nil }
    if !job.batch.interruptible && waitsForItsWindow(job, look) { return nil }
    let until = look.plan?.spareEnd(of: power, from: look.now).map {
      " until about \(localTime.clock(at: $0))"
    }
    return "\(spare.text) spare\(until ?? "")"
  }

  /// A fixed job can't be taken back, so it keeps to the plan's window where there is a forecast.
  private func waitsForItsWindow(_ job: Job, _ look: Look) -> Bool {
    guard let plan = look.plan, plan.slot(at: look.now)?.spare != nil else { return false }
    return plan.run(of: job.number, at: look.now) == nil
  }
}
