import CCurl
import Planning

/// What the runner's thread does: feed, collect, write, tell. Never leaves that thread.
final class FeedLoop {
  static let maximumOpenJobs = 16
  /// However idle, the loop looks around this often.
  private static let longestWaitMilliseconds: Int64 = 1000

  private let engine: InferenceEngine
  private let jobsDirectory: String
  private let mailbox: Mailbox
  private let waker: Waker
  private let handler: @Sendable (RunnerEvent) -> Void
  private let multi: UnsafeMutableRawPointer
  private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
  /// In the order in which they were opened.
  private var jobs: [BatchJob] = []
  private var watch: EngineWatch
  private var probe: EngineProbe?
  private var requestsInFlight = 0
  /// When this turn of the loop began: what is due after it is waited for.
  private var now = SystemText.monotonicMilliseconds()

  /// Nil, told as an unavailable engine, where libcurl can't start.
  init?(
    engine: InferenceEngine, jobsDirectory: String, mailbox: Mailbox, waker: Waker,
    handler: @escaping @Sendable (RunnerEvent) -> Void
  ) {
    guard Transfer.isReady, let multi = curl_multi_init() else {
      handler(.engine(.unavailable(reason: "libcurl can't start: restart the node")))
      return nil
    }
    self.engine = engine
    self.jobsDirectory = jobsDirectory
    self.mailbox = mailbox
    self.waker = waker
    self.handler = handler
    self.multi = multi
    watch = EngineWatch(engine: engine)
  }

  deinit {
    for handle in transfers.keys { curl_multi_remove_handle(multi, handle) }
    transfers.removeAll()
    curl_multi_cleanup(multi)
  }

  /// Runs until the mailbox says stop.
  func run() {
    while let wishes = mailbox.take() {
      now = SystemText.monotonicMilliseconds()
      for (job, wish) in wishes { perform(wish, for: job) }
      startProbe()
      feed()
      tell()
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      if !collect() { wait() }
    }
  }

  private func wait() {
    let due = watch.isReady ? jobs.filter(\.isFeeding).compactMap { $0.nextDue(after: now) } : []
    let probeDue = probe == nil ? [watch.nextProbeMilliseconds] : []
    let latest = now + Self.longestWaitMilliseconds
    let timeout = max(0, min(latest, (due + probeDue).min() ?? latest) - now)
    var extra = curl_waitfd(fd: waker.descriptor, events: Int16(CURL_WAIT_POLLIN), revents: 0)
    curl_multi_poll(multi, &extra, 1, Int32(timeout), nil)
    if extra.revents != 0 { waker.clear() }
  }

  // MARK: Jobs

  private func perform(_ wish: Mailbox.Wish, for number: JobNumber) {
    let known = jobs.first { $0.number == number }
    switch wish {
    case .pause:
      known?.isFeeding = false
      known?.isChanged = true
    case .close(let folder, let ending):
      guard let job = known ?? open(number, folder: folder) else { return }
      job.isFeeding = false
      job.ending = ending
      job.isHeld = false
      job.isChanged = true
    case .start(let folder):
      guard let job = known ?? open(number, folder: folder) else { return }
      job.isFeeding = true
      job.isHeld = false
      job.isChanged = true
    }
  }

  private func open(_ number: JobNumber, folder: String) -> BatchJob? {
    do throws(RunnerError) {
      guard !folder.isEmpty, !folder.contains("/"), !folder.hasPrefix(".") else {
        throw RunnerError(.storage, "\(folder) is no folder of a job")
      }
      if jobs.count >= Self.maximumOpenJobs {
        guard let idle = jobs.firstIndex(where: { !$0.isFeeding && $0.inFlight == 0 }) else {
          throw RunnerError(.system, "\(Self.maximumOpenJobs) jobs run already: pause one")
        }
        jobs.remove(at: idle)
      }
      let job = try BatchJob(number: number, path: jobsDirectory + "/" + folder)
      jobs.append(job)
      return job
    } catch {
      handler(.held(number, reason: error.message))
      return nil
    }
  }

  private func hold(_ job: BatchJob, _ reason: String) {
    job.isFeeding = false
    job.isChanged = true
    guard !job.isHeld else { return }
    job.isHeld = true
    handler(.held(job.number, reason: reason))
  }

  private func feed() {
    for job in jobs where !job.isHeld {
      do throws(RunnerError) {
        while job.isFeeding, watch.isReady, requestsInFlight < watch.slots,
          let ticket = try job.next(at: now, slots: watch.slots)
        {
          do throws(RunnerError) {
            try send(ticket, of: job)
          } catch {
            job.putBack(ticket, due: now)
            throw error
          }
        }
        if let ending = job.ending, job.inFlight == 0 {
          try job.close(ending)
          job.isChanged = true
        } else if job.isChanged, try job.isComplete() {
          try job.results.finish()
          job.isFeeding = false
          job.isChanged = true
        }
      } catch {
        hold(job, error.message)
      }
    }
  }

  private func tell() {
    for job in jobs where job.isChanged {
      job.isChanged = false
      handler(.progress(job.progress))
    }
    jobs.removeAll { $0.results.isFinished }
  }

  // MARK: Exchanges

  private func send(_ ticket: BatchJob.Ticket, of job: BatchJob) throws(RunnerError) {
    let line = try job.request(ticket)
    let transfer = try Transfer(
      .request(job, ticket), engine: engine, path: line.url, content: line.engineBody)
    try begin(transfer)
    job.inFlight += 1
    requestsInFlight += 1
    job.isChanged = true
  }

  private func begin(_ transfer: Transfer) throws(RunnerError) {
    guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
      throw RunnerError(.system, "libcurl takes no further exchange with \(engine.address)")
    }
    transfers[transfer.handle] = transfer
  }

  /// Takes in what has ended; whether anything had.
  private func collect() -> Bool {
    var result = CURLE_OK
    var any = false
    while let handle = heliograph_curl_next_finished(multi, &result) {
      any = true
      curl_multi_remove_handle(multi, handle)
      guard let transfer = transfers.removeValue(forKey: handle) else { continue }
      let ending = transfer.ending(result)
      switch transfer.purpose {
      case .probe: takeProbe(ending)
      case .request(let job, let ticket):
        job.inFlight -= 1
        requestsInFlight -= 1
        job.isChanged = true
        take(RequestOutcome(ending), for: ticket, of: job)
      }
    }
    return any
  }

  private func take(_ outcome: RequestOutcome, for ticket: BatchJob.Ticket, of job: BatchJob) {
    do throws(RunnerError) {
      switch outcome {
      case .answered(let status, let body, let tokens):
        try job.results.append(
          answer: body, status: status, identifier: ticket.identifier, customID: ticket.customID,
          tokens: tokens)
      case .engineAway(let reason):
        job.putBack(ticket, due: now)
        setUnavailable(reason)
      case .denied(let reason):
        job.putBack(ticket, due: now)
        hold(job, reason)
      case .failed(let reason, let wait, let isDoubtful):
        if isDoubtful { watch.doubt(at: now) }
        try retry(ticket, of: job, reason: reason, wait: wait)
      }
    } catch {
      job.putBack(ticket, due: now)
      hold(job, error.message)
    }
  }

  private func retry(
    _ ticket: BatchJob.Ticket, of job: BatchJob, reason: String, wait: Int64
  ) throws(RunnerError) {
    var again = ticket
    again.failures += 1
    guard again.failures >= engine.limits.attempts else {
      let due = now + max(wait, engine.limits.backOff(after: again.failures))
      return job.putBack(again, due: due)
    }
    try job.results.append(
      failure: "tried \(again.failures) times, last: \(reason)", identifier: ticket.identifier,
      customID: ticket.customID)
  }

  // MARK: The engine

  private func startProbe() {
    guard probe == nil, watch.nextProbeMilliseconds <= now else { return }
    ask(EngineProbe(configuredSlots: engine.slots))
  }

  private func ask(_ next: EngineProbe) {
    probe = next
    do throws(RunnerError) {
      try begin(Transfer(.probe, engine: engine, path: next.path, quick: true))
    } catch {
      probe = nil
      setUnavailable(error.message)
    }
  }

  private func takeProbe(_ ending: TransferEnding) {
    guard var asked = probe else { return }
    probe = nil
    switch asked.take(ending) {
    case .ask: ask(asked)
    case .ready(let slots, let name):
      update { $0.take(ready: slots, name: name, at: now) }
    case .unavailable(let reason): setUnavailable(reason)
    }
  }

  private func setUnavailable(_ reason: String) {
    let words = SystemText.printable("\(engine.address): \(reason)", limit: 100)
    update { $0.take(unavailable: words, at: now) }
  }

  private func update(_ change: (inout EngineWatch) -> Void) {
    let before = watch.state
    change(&watch)
    if watch.state != before { handler(.engine(watch.state)) }
  }
}
