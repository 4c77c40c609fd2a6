import Planning

/// A job that the runner has open: where it is in its requests and what came of them.
///
/// Lives on the runner's thread. A request is remembered by its place in the file, so memory stays
/// flat however long the requests are.
final class BatchJob {
  /// A request on its way: which one, and how often it was tried.
  struct Ticket: Hashable {
    /// Counts the file's lines, from 1.
    var line: Int
    var offset: Int64
    var bytes: Int
    var customID: String
    var failures = 0
    /// What of its answer is there already.
    var generated: Generated?
    /// Whether its answer can be gone on with.
    var isContinuable = false

    /// What the results call it.
    var identifier: String { "batch_req_\(line)" }
  }

  private struct Retry {
    var ticket: Ticket
    var dueMilliseconds: Int64
  }

  let number: JobNumber
  let results: BatchResults
  var isFeeding = false
  /// Why it is to be closed once nothing is in flight; nil while it may go on.
  var ending: JobEnding?
  /// Whether it was held; told once until it is started again.
  var isHeld = false
  var inFlight = 0
  /// Whether something changed that the node has not been told.
  var isChanged = true
  /// Requests that were broken off and that the engine may still be working on.
  var settling = 0
  /// How fast the engine answers its requests.
  var meter = PaceMeter()
  private let path: String
  private let witness: (any DiskWitness)?
  private var openedJournal: StreamJournal?
  private let reader: LineReader
  private var line = 0
  private var ahead: Ticket?
  /// The line that was read last, as most are sent right after.
  private var latest: (offset: Int64, request: BatchLine)?
  private var isReadToEnd = false
  private var retries: [Retry] = []

  init(
    number: JobNumber, path: String, witness: (any DiskWitness)? = nil
  ) throws(RunnerError) {
    self.number = number
    self.path = path
    self.witness = witness
    reader = try LineReader(path: path + "/input.jsonl", maximumLineBytes: BatchLine.maximumBytes)
    results = try BatchResults(path: path, witness: witness)
    isReadToEnd = results.isFinished
    guard Folder.exists(path + "/" + StreamJournal.fileName) else { return }
    // One that is there beside finished results was left by a crash.
    if isReadToEnd { removeJournal() } else { _ = try journal() }
  }

  /// What of unfinished answers is on disk.
  func journal() throws(RunnerError) -> StreamJournal {
    if let openedJournal { return openedJournal }
    let journal = try StreamJournal(folder: path, witness: witness) { self.results.isDone($0) }
    openedJournal = journal
    return journal
  }

  /// Puts on disk what was generated of a request.
  func keep(_ generated: Generated, of ticket: Ticket) throws(RunnerError) {
    try journal().append(generated, of: ticket.customID)
  }

  /// A request has its answer, or is begun anew.
  func forget(_ ticket: Ticket) throws(RunnerError) { try openedJournal?.forget(ticket.customID) }

  /// Puts the results that have come since the last time on disk, in one go, and counts them.
  ///
  /// Requests whose results can't be put there are to be sent again.
  func commit(at now: Int64) throws(RunnerError) {
    defer { for ticket in results.takeWaiting() { putBack(ticket, due: now) } }
    // Only now: until its answer is on disk, what was generated before a cut is all there is.
    for ticket in try results.commit() { try forget(ticket) }
  }

  /// Closes the result files; nothing is unfinished any more.
  func finish() throws(RunnerError) {
    try results.finish()
    openedJournal = nil
    removeJournal()
  }

  private func removeJournal() {
    Folder.remove(path + "/" + StreamJournal.fileName, witness: witness)
  }

  /// Whether every request has its line in the results.
  func isComplete() throws(RunnerError) -> Bool {
    guard inFlight == 0, retries.isEmpty else { return false }
    try lookAhead()
    return ahead == nil
  }

  /// When the first request that still waits for another try at `now` is due.
  func nextDue(after now: Int64) -> Int64? {
    retries.map(\.dueMilliseconds).filter { $0 > now }.min()
  }

  /// Writes the lines that its ending asks for and closes the result files; again after a crash.
  func close(_ ending: JobEnding) throws(RunnerError) {
    if ending == .expired {
      while let ticket = try takeLeft() {
        do throws(RunnerError) {
          try results.append(expired: ticket)
        } catch {
          putBack(ticket, due: 0)
          throw error
        }
      }
      try results.synchronise()
    }
    try finish()
    retries = []
    isReadToEnd = true
  }

  /// Where it stands, for the node; `continues` is whether the engine goes on with what was cut.
  func progress(continues: Bool) -> JobProgress {
    var progress = JobProgress(
      job: number, completed: results.completed, failed: results.failed, inFlight: inFlight,
      promptTokens: results.promptTokens, completionTokens: results.completionTokens,
      feeding: isFeeding, isClosed: results.isFinished)
    progress.pace = meter.pace(continues: continues)
    return progress
  }

  /// The next request to send: one that is due again, else the next in the file.
  ///
  /// No new one is taken up while `slots` requests wait for another try.
  func next(at now: Int64, slots: Int) throws(RunnerError) -> Ticket? {
    if let position = retries.firstIndex(where: { $0.dueMilliseconds <= now }) {
      return retries.remove(at: position).ticket
    }
    guard retries.count < slots else { return nil }
    return try takeAhead()
  }

  /// The next request in the file without taking it; nil where there is none, or where others wait
  /// for another try.
  func upcoming() throws(RunnerError) -> Ticket? {
    guard retries.isEmpty else { return nil }
    try lookAhead()
    return ahead
  }

  /// Any request that has no result yet.
  private func takeLeft() throws(RunnerError) -> Ticket? {
    if let retry = retries.popLast() { return retry.ticket }
    return try takeAhead()
  }

  private func takeAhead() throws(RunnerError) -> Ticket? {
    try lookAhead()
    defer { ahead = nil }
    return ahead
  }

  /// Finds the next request in the file that has no result yet.
  private func lookAhead() throws(RunnerError) {
    while ahead == nil, !isReadToEnd {
      guard let next = try reader.next() else {
        isReadToEnd = true
        return
      }
      line += 1
      if BatchLine.isBlank(next.bytes) { continue }
      let request = try BatchLine(next.bytes)
      latest = (next.offset, request)
      if results.isDone(request.customID) { continue }
      ahead = Ticket(
        line: line, offset: next.offset, bytes: next.bytes.count, customID: request.customID,
        generated: openedJournal?.generated(request.customID),
        isContinuable: request.isContinuable)
    }
  }

  /// The request of a ticket, which is read again unless it was the last that was read.
  func request(_ ticket: Ticket) throws(RunnerError) -> BatchLine {
    if let latest, latest.offset == ticket.offset { return latest.request }
    return try BatchLine(reader.read(at: ticket.offset, count: ticket.bytes))
  }

  /// Puts a request back to be sent at or after `due`.
  func putBack(_ ticket: Ticket, due: Int64) {
    retries.append(Retry(ticket: ticket, dueMilliseconds: due))
  }
}
