import CCurl

/// Breaking answers off so that nothing of them is lost, and going on with them.
extension FeedLoop {
  /// What is generated is on disk this soon, so a crash costs no more of it.
  static let journalMilliseconds: Int64 = 2000

  // MARK: Breaking off

  /// Breaks off those requests of a job whose answers can be gone on with; the others finish.
  func cut(_ job: BatchJob) {
    guard watch.kind.continues else { return }
    for transfer in Array(transfers.values) {
      guard case .request(let owner, let ticket) = transfer.purpose, owner === job,
        ticket.isContinuable, var generated = transfer.generated(after: ticket.generated)
      else { continue }
      var again = ticket
      generated.cuts += 1
      if generated.text.isEmpty {
        again.generated = nil
      } else {
        do throws(RunnerError) {
          try job.keep(generated, of: ticket)
        } catch {
          // Not on disk: it is left to finish.
          hold(job, error.message)
          return
        }
        again.generated = generated
      }
      heliograph_curl_multi_remove(multi, transfer.handle)
      transfers[transfer.handle] = nil
      job.putBack(again, due: now)
      // It counts as in flight until the engine works on it no more.
      job.settling += 1
    }
    if job.settling > 0 { settling = settling ?? SettlingWatch(since: now) }
  }

  /// Puts on disk what streams have brought, so much as is due.
  func journalStreams(all: Bool = false) {
    guard watch.kind.continues else { return }
    for transfer in transfers.values {
      guard case .request(let job, let ticket) = transfer.purpose, ticket.isContinuable,
        all || now - transfer.journalledMilliseconds >= Self.journalMilliseconds,
        var generated = transfer.generated(after: ticket.generated), !generated.text.isEmpty
      else { continue }
      transfer.journalledMilliseconds = now
      // Found after a crash or a stop, it was broken off.
      generated.cuts += 1
      do throws(RunnerError) {
        try job.keep(generated, of: ticket)
      } catch {
        hold(job, error.message)
      }
    }
  }

  /// Keeps what a broken exchange brought: the next try goes on from there.
  ///
  /// One that brought something was no failure of the request.
  func remember(_ transfer: Transfer, in ticket: inout BatchJob.Ticket) {
    guard watch.kind.continues, ticket.isContinuable,
      var generated = transfer.generated(after: ticket.generated), !generated.text.isEmpty,
      generated.text != ticket.generated?.text
    else { return }
    ticket.failures = 0
    generated.cuts += 1
    ticket.generated = generated
  }

  // MARK: Going on

  func goOn(
    _ ticket: BatchJob.Ticket, _ line: BatchLine, of job: BatchJob
  ) throws(RunnerError) {
    guard let earlier = ticket.generated else { return }
    let continuation = Continuation(line, after: earlier, on: watch.kind)
    switch continuation.step {
    case .template(let content):
      try begin(.template(job, ticket), path: Continuation.templatePath, content: content)
    case .request(let path, let content):
      try begin(.request(job, ticket), path: path, content: content)
    case .finished:
      job.results.append(
        answer: continuation.joined(with: nil), status: 200, tokens: earlier.tokens, for: ticket)
      job.isChanged = true
    }
  }

  func takeTemplate(_ ending: TransferEnding, for ticket: BatchJob.Ticket, of job: BatchJob) {
    do throws(RunnerError) {
      switch ending {
      case .answer(let status, let body, _) where (200..<300).contains(status):
        let line = try job.request(ticket)
        guard let earlier = ticket.generated,
          case .request(let path, let content) = Continuation(line, after: earlier, on: watch.kind)
            .request(template: try? JSONParser.parse(body))
        else { return try restart(ticket, of: job) }
        guard job.isFeeding else { return job.putBack(ticket, due: now) }
        try begin(.request(job, ticket), path: path, content: content)
      case .answer(let status, _, _) where (400..<500).contains(status):
        try restart(ticket, of: job)
      case .unreachable(let reason):
        job.putBack(ticket, due: now)
        setUnavailable(reason)
      case .answer(let status, _, let wait):
        let reason = "answers \(status) when asked for a conversation's text"
        try retry(ticket, of: job, reason: reason, wait: wait)
      case .broken(let reason):
        watch.doubt(at: now)
        try retry(ticket, of: job, reason: reason, wait: 0)
      case .assembled: try restart(ticket, of: job)
      }
    } catch {
      job.putBack(ticket, due: now)
      hold(job, error.message)
    }
  }

  /// Does a request from its beginning: the engine won't go on with what is there.
  func restart(_ ticket: BatchJob.Ticket, of job: BatchJob) throws(RunnerError) {
    var again = ticket
    again.generated = nil
    again.isContinuable = false
    try job.forget(ticket)
    job.putBack(again, due: now)
  }

  // MARK: Settling

  /// Asks whether the engine still works on what was broken off.
  func startSettling() {
    guard var watch = settling, watch.isDue(at: now) else { return }
    guard self.watch.kind == .llamaServer, !watch.isOver(at: now) else { return settle() }
    watch.isAsking = true
    settling = watch
    do throws(RunnerError) {
      try begin(Transfer(.settling, engine: engine, path: SettlingWatch.path, quick: true))
    } catch { settle() }
  }

  func takeSettling(_ ending: TransferEnding) {
    guard var watch = settling else { return }
    watch.isAsking = false
    watch.nextMilliseconds = now + SettlingWatch.intervalMilliseconds
    settling = watch
    let busy = SettlingWatch.busySlots(ending)
    // What can't be told, and what is gone, works on nothing.
    if busy.map({ $0 <= requestsInFlight - broken }) ?? true { settle() }
  }

  /// Requests that are counted as in flight although they were broken off.
  private var broken: Int { jobs.reduce(0) { $0 + $1.settling } }

  private func settle() {
    for job in jobs where job.settling > 0 {
      job.inFlight -= job.settling
      requestsInFlight -= job.settling
      job.settling = 0
      job.isChanged = true
    }
    settling = nil
  }
}
