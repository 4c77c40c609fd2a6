/// The next request is made while the engine works on those before it, so none waits for that.
extension FeedLoop {
  /// A request that was made and not sent.
  struct Prepared {
    let job: BatchJob
    let ticket: BatchJob.Ticket
    let model: String
    let kind: EngineKind
    let transfer: Transfer
  }

  /// Makes the request that is sent next, if nothing comes between.
  func prepare() {
    guard watch.isReady, model.isThere else { return prepared = nil }
    if let prepared, prepared.job.isFeeding, prepared.kind == watch.kind { return }
    prepared = nil
    for job in jobs where job.isFeeding && !job.isHeld {
      do throws(RunnerError) {
        guard let ticket = try job.upcoming() else { continue }
        // What goes on with an earlier answer is made when it is sent.
        guard ticket.generated == nil else { return }
        let line = try job.request(ticket)
        prepared = Prepared(
          job: job, ticket: ticket, model: line.model, kind: watch.kind,
          transfer: try request(ticket, line, of: job))
        return
      } catch {
        return hold(job, error.message)
      }
    }
  }

  /// What was made of this ticket; nil where another was expected.
  func takePrepared(_ ticket: BatchJob.Ticket, of job: BatchJob) -> Prepared? {
    guard let made = prepared, made.job === job, made.ticket == ticket, made.kind == watch.kind
    else { return nil }
    prepared = nil
    return made
  }
}
