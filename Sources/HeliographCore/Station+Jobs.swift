import Planning
import Quantities
import Sites
import Texting

/// Taking jobs in, and what a person or a program sees of them.
extension Station {
  /// A file was checked: a job comes of it, or what was copied is removed again.
  mutating func add(
    _ batch: StagedBatch, replyTo message: TextMessage.Identifier, at now: Instant
  ) -> [Effect] {
    do {
      let (number, actions) = try queue.add(batch, at: now)
      planIsStale = true
      let effects = self.effects(of: actions, at: now)
      let request = TextCommand.run(BatchRequest(file: batch.name))
      let power = queue.job(number)?.batch.power ?? batch.power
      return effects + [
        .prepareJob(number, folder: batch.folder, power: power),
        .reply(to: message, text: TextReply.reply(to: request, view: view(at: now))),
      ]
    } catch {
      return [
        .discardBatch(folder: batch.folder),
        .reply(to: message, text: TextReply.refusal(error.message)),
      ]
    }
  }

  /// The jobs that the queue remembers, in order of number.
  public func jobReports(at now: Instant) -> [JobReport] {
    queue.jobs.map { job in
      JobReport(
        job: job, note: note(on: job),
        estimatedEnd: queue.estimatedEnd(of: job, plan: plan, at: now))
    }
  }

  /// What ended jobs came to, in order of number.
  public var jobAccount: JobAccount { queue.account }

  func jobViews(at now: Instant) -> [HouseholdView.Job] {
    queue.jobs.map { job in
      var view = HouseholdView.Job(
        number: job.number, name: job.batch.name, state: state(of: job),
        requests: job.batch.requests, completed: job.completed, failed: job.failed,
        power: job.batch.power, deadline: job.batch.deadline, note: note(on: job),
        folder: job.batch.folder)
      view.estimatedEnd = queue.estimatedEnd(of: job, plan: plan, at: now)
      view.requestsPerKilosecond = job.requestsPerKilosecond
      view.energy = job.energyUsed
      view.energyMeasured = job.energyMeasured
      view.surplus = job.surplusUsed
      view.tokens = job.completionTokens
      view.cost = job.cost
      view.command = job.batch.command
      view.ranFor = job.ranFor
      return view
    }
  }

  private func state(of job: Planning.Job) -> HouseholdView.Job.State {
    switch job.status {
    case .waiting: .waiting
    case .running: .running
    case .draining: job.ownerPaused ? .held : .draining
    case .paused, .held: .held
    case .ending: .ending
    case .done:
      switch job.ending ?? .completed {
      case .completed: job.completed == 0 && job.failed > 0 ? .failed : .done
      case .cancelled: .cancelled
      case .expired: .expired
      }
    }
  }

  /// Why it stands where it stands; one that waits may by now wait for something else.
  private func note(on job: Planning.Job) -> String {
    guard job.status == .waiting else { return job.reason }
    if let other = queue.forerunner(of: job) { return "waits for job \(other)" }
    if job.needsEngine, case .unavailable = engine, !keeper.isAtRest { return engineText }
    return surplus.state.power == nil ? "what is spare is unknown" : job.reason
  }
}
