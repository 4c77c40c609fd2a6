import Quantities
import Sites

extension JobQueue {
  /// Looks at surplus, plan and engine, and starts or pauses at most one job.
  ///
  /// The plan, made from what is measured now and expected later, says which job runs now; the
  /// queue keeps to it with its minimum times, so that nothing hunts. A job that has no time left
  /// to wait runs, whatever the plan says. Where there is no plan for a job, it starts when as
  /// much is spare as it draws and pauses when that ends. A fixed one, once started, goes on to
  /// its end. Of several, one without time left goes first, then by priority, deadline, number.
  ///
  /// - Parameter possible: what the panels are expected to give beyond the household while they
  /// are   held back; nil while they are not.
  public mutating func control(
    surplus: Surplus.State, possible: Power? = nil, plan: Plan?, engine: EngineState,
    at now: Instant
  ) -> [JobAction] {
    spare = surplus.power
    count(until: now)
    let look = Look(
      surplus: surplus, possible: possible, plan: plan, engine: engine, now: now)
    var actions = expire(at: now) + holdForlorn(at: now)
    wantsEngine = running?.needsEngine == true
    if let index = jobs.firstIndex(where: { $0.status == .running }) {
      if let reason = reasonToPause(index, look) {
        let kind = preemption(of: jobs[index], spare: look.spare ?? .zero)
        actions += drain(index, because: reason, kind, at: now)
      } else if let spare = look.spare, jobs[index].needsEngine {
        let isShort = jobs[index].shortSince != nil && spare < jobs[index].batch.power
        actions += ease(jobs[index], isShort: isShort, spare: spare, at: now)
      }
    } else if running == nil, let (index, reason) = nextToStart(look) {
      wantsEngine = jobs[index].needsEngine
      if look.hasEngine || !wantsEngine { actions += start(index, because: reason, at: now) }
    }
    if !jobs.contains(where: { $0.status == .running }) { actions += release() }
    if running != nil, now.since(savedAt) >= rules.saveInterval {
      actions += jobs.filter(\.isDrawing).map(save) + [saveDay(at: now)]
    }
    return actions
  }

  /// Tells the runner to bring a running job to rest.
  mutating func drain(
    _ index: Int, because reason: String, _ kind: PauseKind, at now: Instant
  ) -> [JobAction] {
    jobs[index].status = .draining
    jobs[index].pausedAt = now
    jobs[index].shortSince = nil
    jobs[index].timesPaused += 1
    jobs[index].reason = reason
    day.timesPaused += 1
    let number = jobs[index].number
    // Broken off first, then thawed: a frozen engine finds its clients gone.
    return [save(jobs[index]), .pause(number, kind)] + release() + [
      .say(ReasonLine.fit("job \(number) pauses: \(reason)"))
    ]
  }

  private mutating func start(
    _ index: Int, because reason: String, at now: Instant
  ) -> [JobAction] {
    jobs[index].status = .running
    jobs[index].startedAt = now
    jobs[index].begunAt = jobs[index].begunAt ?? now
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
  let possible: Power?
  let plan: Plan?
  let engine: EngineState
  let now: Instant

  /// Whether the plan decides on a job: it knows it, and what to expect of this slot and the next.
  func decides(_ job: Job) -> Bool {
    guard let plan, plan.reason(of: job.number) != nil else { return false }
    return plan.slot(at: now)?.spare != nil
      && plan.slot(at: now + TimeSlot.length)?.spare != nil
  }

  var hasEngine: Bool { if case .ready = engine { true } else { false } }

  func run(of job: Job) -> Plan.Run? { plan?.run(of: job.number, at: now) }

  /// What is spare or could be; nil while that is unknown.
  var spare: Power? { surplus.power.map { max($0, possible ?? $0) } }
}

extension JobQueue {
  /// Why a job must run now if it is to be done by its deadline; nil while it can wait.
  private func lastMoment(_ job: Job, _ look: Look) -> String? {
    guard let deadline = job.batch.deadline, deadline > look.now else { return nil }
    guard look.now + remaining(of: job) + rules.deadlineMargin >= deadline else { return nil }
    return "due \(localTime.clock(at: deadline)), no time left to wait"
  }

  // MARK: pausing

  private mutating func reasonToPause(_ index: Int, _ look: Look) -> String? {
    let job = jobs[index]
    if job.needsEngine, case .unavailable(let reason) = look.engine {
      return "engine unavailable (\(reason))"
    }
    guard job.batch.interruptible, lastMoment(job, look) == nil else { return nil }
    let run = look.decides(job) ? look.run(of: job) : nil
    if case .unknown(let since) = look.surplus {
      if let run, !run.onSurplus { return nil }
      let span = look.now.since(since)
      return span >= rules.unknownLimit ? "surplus unknown for \(span.text)" : nil
    }
    guard let reason = reasonToEnd(job, run, look) else {
      jobs[index].shortSince = nil
      return reasonToYield(job, look)
    }
    let since = job.shortSince ?? look.now
    jobs[index].shortSince = since
    let ran = look.now.since(job.startedAt ?? look.now)
    guard look.now.since(since) >= rules.pauseAfter, ran >= rules.minimumRun else { return nil }
    return reason
  }

  /// Why a job should not run at this moment.
  private func reasonToEnd(_ job: Job, _ run: Plan.Run?, _ look: Look) -> String? {
    let spare = look.spare ?? .zero
    let short = "\(spare.spareText), needs \(job.batch.power.text)"
    guard look.decides(job) else { return spare < job.batch.power ? short : nil }
    if run != nil { return nil }
    if let next = look.plan?.nextStart(of: job.number, from: look.now) {
      let later = "goes on about \(localTime.clock(at: next))"
      return spare < job.batch.power ? "\(short); \(later)" : "better later: \(later)"
    }
    if spare < job.batch.power { return short }
    let other = look.plan?.slot(at: look.now)?.runs.first { $0.job != job.number }
    return other.map { "job \($0.job) goes first" } ?? "no time that pays in sight"
  }

  /// A job that should have this one's place.
  private func reasonToYield(_ job: Job, _ look: Look) -> String? {
    guard look.now.since(job.startedAt ?? look.now) >= rules.minimumRun,
      let (index, _) = nextToStart(look)
    else { return nil }
    let other = jobs[index]
    let goesFirst =
      lastMoment(other, look) != nil
      || (!look.decides(job) && other.batch.priority > job.batch.priority)
    return goesFirst ? "job \(other.number) goes first" : nil
  }

  // MARK: starting

  private func nextToStart(_ look: Look) -> (index: Int, reason: String)? {
    let waiting = jobs.indices.filter {
      jobs[$0].status == .waiting && forerunner(of: jobs[$0]) == nil
    }
    let urgent = waiting.sorted { left, right in
      let isLeftLast = lastMoment(jobs[left], look) != nil
      let isRightLast = lastMoment(jobs[right], look) != nil
      return isLeftLast == isRightLast ? goesBefore(jobs[left], jobs[right]) : isLeftLast
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
    if let reason = lastMoment(job, look) {
      return look.run(of: job) == nil ? reason : why(job, look)
    }
    if let pausedAt = job.pausedAt, look.now.since(pausedAt) < rules.minimumPause { return nil }
    if look.decides(job) {
      guard let run = look.run(of: job) else { return nil }
      // What is meant for the sun waits until it is known to shine.
      if run.onSurplus, !isCarried(job, look) { return nil }
      return why(job, look)
    }
    guard case .spare = look.surplus, isCarried(job, look) else { return nil }
    return why(job, look)
  }

  private func isCarried(_ job: Job, _ look: Look) -> Bool {
    look.spare.map { $0 >= job.batch.power + rules.startMargin } ?? false
  }

  /// Why a job runs now, for a person.
  private func why(_ job: Job, _ look: Look) -> String {
    let power = job.batch.power
    let until = look.plan?.spareEnd(of: power, from: look.now).map {
      " until about \(localTime.clock(at: $0))"
    }
    if let spare = look.surplus.power, spare >= power { return "\(spare.text) spare\(until ?? "")" }
    if let possible = look.possible, possible >= power {
      return "panels are held back, about \(possible.text) could be spare"
    }
    let sun = look.spare.map { max(.zero, $0) }
    guard let sun else {
      let due = job.batch.deadline.map { "due \(localTime.clock(at: $0)), " } ?? ""
      return "\(due)the plan runs it now, surplus unknown"
    }
    let part = sun > .zero ? "\(sun.text) of \(power.text) from the sun" : "no sun"
    guard let deadline = job.batch.deadline else { return "\(part), worth it all the same" }
    let due = "due \(localTime.clock(at: deadline))"
    return sun > .zero
      ? "\(due), \(part) and no better expected before"
      : "\(due), no sun for all of it expected before"
  }
}
