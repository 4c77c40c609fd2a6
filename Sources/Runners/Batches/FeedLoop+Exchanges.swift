import CCurl

/// Requests on their way to the engine, and what comes back.
extension FeedLoop {
  func send(_ ticket: BatchJob.Ticket, of job: BatchJob) throws(RunnerError) {
    if let made = takePrepared(ticket, of: job) {
      model.name = made.model
      return try begin(made.transfer)
    }
    let line = try job.request(ticket)
    model.name = line.model
    if ticket.generated != nil, watch.kind.continues {
      return try goOn(ticket, line, of: job)
    }
    var ticket = ticket
    if ticket.generated != nil {
      // This engine can't go on with what another began.
      ticket.generated = nil
      try job.forget(ticket)
    }
    try begin(request(ticket, line, of: job))
  }

  /// The request of a line, from its beginning.
  func request(
    _ ticket: BatchJob.Ticket, _ line: BatchLine, of job: BatchJob
  ) throws(RunnerError) -> Transfer {
    try Transfer(
      .request(job, ticket), engine: engine, path: line.url,
      content: line.engineBody(for: watch.kind))
  }

  /// Sends one request of a job, or a question on its behalf.
  func begin(
    _ purpose: Transfer.Purpose, path: String, content: [UInt8]
  ) throws(RunnerError) {
    try begin(Transfer(purpose, engine: engine, path: path, content: content))
  }

  func begin(_ transfer: Transfer) throws(RunnerError) {
    transfer.begin()
    guard curl_multi_add_handle(multi, transfer.handle) == CURLM_OK else {
      throw RunnerError(.system, "libcurl takes no further exchange with \(engine.address)")
    }
    transfers[transfer.handle] = transfer
    switch transfer.purpose {
    case .request(let job, _), .template(let job, _):
      job.inFlight += 1
      requestsInFlight += 1
      job.isChanged = true
    case .probe, .settling, .unload, .wake: break
    }
  }

  /// Takes in what has ended; whether anything had.
  func collect() -> Bool {
    var result = CURLE_OK
    var any = false
    while let handle = heliograph_curl_next_finished(multi, &result) {
      any = true
      curl_multi_remove_handle(multi, handle)
      guard let transfer = transfers.removeValue(forKey: handle) else { continue }
      spent.append(transfer)
      let ending = transfer.ending(result)
      switch transfer.purpose {
      case .probe: takeProbe(ending)
      case .settling: takeSettling(ending)
      case .unload: takeUnloading(ending)
      case .wake: takeWaking(ending)
      case .template(let job, let ticket):
        release(job)
        takeTemplate(ending, for: ticket, of: job)
      case .request(let job, let ticket):
        release(job)
        var ticket = ticket
        let outcome = RequestOutcome(ending)
        if case .answered(200..<300, let body, let tokens) = outcome {
          let read = body["usage"]?["prompt_tokens"]?.integer.flatMap(RequestOutcome.plausible)
          job.meter.take(transfer.times, promptTokens: read, completionTokens: tokens)
        }
        if case .failed = outcome { remember(transfer, in: &ticket) }
        if case .engineAway = outcome { remember(transfer, in: &ticket) }
        take(outcome, for: ticket, of: job)
      }
    }
    if any { commit() }
    return any
  }

  /// Puts on disk what has ended in this turn, before anything more is sent or told: one wait for
  /// the disk for all that came together.
  private func commit() {
    for job in jobs where job.results.isWaiting {
      do throws(RunnerError) {
        try job.commit(at: now)
      } catch {
        hold(job, error.message)
      }
    }
  }

  /// A request of this job is with the engine no more.
  private func release(_ job: BatchJob) {
    job.inFlight -= 1
    requestsInFlight -= 1
    job.isChanged = true
  }

  private func take(_ outcome: RequestOutcome, for ticket: BatchJob.Ticket, of job: BatchJob) {
    do throws(RunnerError) {
      switch outcome {
      case .answered(let status, let body, let tokens):
        try take(body, status: status, tokens: tokens, for: ticket, of: job)
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

  func take(
    _ body: JSONValue, status: Int, tokens: Int64?, for ticket: BatchJob.Ticket, of job: BatchJob
  ) throws(RunnerError) {
    var body = body
    var tokens = tokens
    if let earlier = ticket.generated {
      let line = try job.request(ticket)
      guard (200..<300).contains(status) else {
        // The engine won't go on with it: the request is done from its beginning.
        return try restart(ticket, of: job)
      }
      let continuation = Continuation(line, after: earlier, on: watch.kind)
      body = continuation.joined(with: body)
      tokens = earlier.tokens + (tokens ?? 0)
    }
    job.results.append(answer: body, status: status, tokens: tokens, for: ticket)
  }

  func retry(
    _ ticket: BatchJob.Ticket, of job: BatchJob, reason: String, wait: Int64
  ) throws(RunnerError) {
    var again = ticket
    again.failures += 1
    guard again.failures >= engine.limits.attempts else {
      let due = now + max(wait, engine.limits.backOff(after: again.failures))
      return job.putBack(again, due: due)
    }
    let failure = "tried \(again.failures) times, last: \(reason)"
    job.results.append(failure: failure, for: ticket)
  }
}
