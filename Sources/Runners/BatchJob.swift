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
  private let reader: LineReader
  private var line = 0
  private var ahead: Ticket?
  private var isReadToEnd = false
  private var retries: [Retry] = []

  init(number: JobNumber, path: String) throws(RunnerError) {
    self.number = number
    reader = try LineReader(path: path + "/input.jsonl", maximumLineBytes: BatchLine.maximumBytes)
    results = try BatchResults(path: path)
    isReadToEnd = results.isFinished
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
    try results.finish()
    retries = []
    isReadToEnd = true
  }

  var progress: JobProgress {
    JobProgress(
      job: number, completed: results.completed, failed: results.failed, inFlight: inFlight,
      promptTokens: results.promptTokens, completionTokens: results.completionTokens,
      feeding: isFeeding, isClosed: results.isFinished)
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
      if results.isDone(request.customID) { continue }
      ahead = Ticket(
        line: line, offset: next.offset, bytes: next.bytes.count, customID: request.customID)
    }
  }

  /// Reads the request of a ticket again.
  func request(_ ticket: Ticket) throws(RunnerError) -> BatchLine {
    try BatchLine(reader.read(at: ticket.offset, count: ticket.bytes))
  }

  /// Puts a request back to be sent at or after `due`.
  func putBack(_ ticket: Ticket, due: Int64) {
    retries.append(Retry(ticket: ticket, dueMilliseconds: due))
  }
}
