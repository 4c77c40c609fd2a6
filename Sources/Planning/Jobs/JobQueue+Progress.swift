import Quantities
import Sites

extension JobQueue {
  /// The runner counted a job's lines.
  public mutating func progress(_ progress: JobProgress, at now: Instant) -> [JobAction] {
    guard let index = index(of: progress.job), jobs[index].isLive else { return [] }
    count(until: now)
    day.requestsCompleted += max(0, progress.completed - jobs[index].completed)
    day.requestsFailed += max(0, progress.failed - jobs[index].failed)
    jobs[index].completed = progress.completed
    jobs[index].failed = progress.failed
    jobs[index].inFlight = progress.inFlight
    jobs[index].completionTokens = max(jobs[index].completionTokens, progress.completionTokens)
    jobs[index].promptTokens = max(jobs[index].promptTokens, progress.promptTokens)
    let learned = learn(progress.pace, of: jobs[index].batch.model)
    let isThrough = jobs[index].requestsLeft == 0 && progress.inFlight == 0
    if isThrough || progress.isClosed { return learned + finish(index, at: now) }
    let drained = jobs[index].status == .draining && !progress.feeding && progress.inFlight == 0
    guard drained else { return learned }
    jobs[index].status = jobs[index].ownerPaused ? .paused : .waiting
    return learned + [save(jobs[index]), saveDay(at: now)]
  }

  /// The runner can't go on with a job; it feeds nothing more.
  public mutating func held(
    _ number: JobNumber, reason: String, at now: Instant
  ) -> [JobAction] {
    guard let index = index(of: number), jobs[index].isLive else { return [] }
    count(until: now)
    jobs[index].status = .held(reason: ReasonLine.fit(reason))
    jobs[index].inFlight = 0
    jobs[index].reason = ReasonLine.fit(reason)
    return [
      save(jobs[index]), saveDay(at: now),
      .say(ReasonLine.fit("job \(number) held: \(reason); RESUME \(number) goes on")),
    ]
  }

  private mutating func finish(_ index: Int, at now: Instant) -> [JobAction] {
    jobs[index].status = .done
    jobs[index].finishedAt = now
    jobs[index].inFlight = 0
    // One that was through all its requests before it could be taken back was completed.
    let isThrough = jobs[index].ending != .expired && jobs[index].requestsLeft == 0
    let ending = isThrough ? .completed : jobs[index].ending ?? .completed
    jobs[index].ending = ending
    let job = jobs[index]
    let share =
      job.energyUsed > .zero
      ? ", \(job.surplusUsed.scaled(by: 100, over: job.energyUsed.rawValue).rawValue)% surplus" : ""
    let came =
      job.needsEngine
      ? "\(job.completed) requests, \(job.failed) failed" : "ran \(job.ranFor.text)"
    let line = "\(came), \(job.energyUsed.text)\(share)"
    jobs[index].reason = line
    let word = ending == .completed ? "done" : ending.text
    return [
      save(jobs[index]), saveDay(at: now),
      .say(ReasonLine.fit("job \(job.number) \(word): \(line)")),
    ] + account.add(JobRecord(job)) + forgetOldest()
  }

  /// Forgets the job that has been done for longest when more are remembered than allowed.
  private mutating func forgetOldest() -> [JobAction] {
    let done = jobs.filter { !$0.isLive }
    guard done.count > rules.doneLimit else { return [] }
    let byAge = done.sorted {
      ($0.finishedAt ?? .distantPast, $0.number) < ($1.finishedAt ?? .distantPast, $1.number)
    }
    return byAge.prefix(done.count - rules.doneLimit).map { job in
      jobs.removeAll { $0.number == job.number }
      return .forget(key: Job.key(of: job.number))
    }
  }

  /// Counts the time and energy of the job that the engine works for.
  ///
  /// What is counted at once is at most a slot: a longer gap means that nobody looked.
  mutating func count(until now: Instant) {
    let span = now.since(countedUntil).clamped(to: .zero...TimeSlot.length)
    countedUntil = now
    let today = localTime.dayNumber(at: now)
    if day.day != today { day = JobDay(day: today) }
    guard span > .zero else { return }
    for index in jobs.indices where jobs[index].isDrawing {
      let power = measuredDrawing ?? eased(jobs[index].batch.power)
      let onSurplus = spare.map { $0.clamped(to: .zero...power) } ?? .zero
      let before = (jobs[index].energyUsed, jobs[index].surplusUsed)
      jobs[index].ranFor = jobs[index].ranFor + span
      jobs[index].energy.add(power, over: span)
      jobs[index].surplus.add(onSurplus, over: span)
      if measuredDrawing != nil { jobs[index].measured.add(power, over: span) }
      let drawn = jobs[index].energyUsed - before.0
      let free = jobs[index].surplusUsed - before.1
      if let importPrice {
        jobs[index].expense.add(max(.zero, drawn - free), at: importPrice)
        jobs[index].expense.add(free, at: exportPrice ?? .zero)
      }
      day.energy.add(power, over: span)
      day.surplus.add(onSurplus, over: span)
    }
  }

  mutating func saveDay(at now: Instant) -> JobAction {
    savedAt = now
    return .save(key: JobDay.key, value: day.encoded)
  }
}
