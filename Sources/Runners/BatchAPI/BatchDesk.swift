import Dispatch
import HeliographCore
import Planning
import Quantities
import Synchronization
import Texting

/// Brings the API's batches to the node's queue and keeps what became of them.
///
/// A batch goes through steps, each on disk before the next begins, so that a crash at any moment
/// loses none and doubles none: its record; its file checked and copied into the folder that the
/// record names; the record says so; a job of that folder; the record knows its number; its end.
/// After a start each goes on where it stood: a copy that no record vouches for is made again, and
/// a job is asked for only if none has the folder.
final class BatchDesk: Sendable {
  /// How often open batches are looked at.
  static let interval = DispatchTimeInterval.seconds(1)
  /// How long a batch rests that the disk has refused something of.
  static let restMilliseconds: Int64 = 60_000

  let records: BatchRecords
  let files: FileStore
  let node: any BatchNode
  /// Everything that changes a record happens here, one thing after another.
  let queue = DispatchQueue(label: "batch desk")
  private let memory = Mutex(Memory())

  /// What is true of this run of the node only.
  private struct Memory {
    /// Handed to the node to be checked.
    var checking: Set<String> = []
    /// Put before the node's queue: never twice in one run, as the first may only be late.
    var submitted: Set<String> = []
    var cancelled: Set<String> = []
    /// When what the disk refused may be tried again, on the monotonic clock.
    var retryAt: [String: Int64] = [:]
    var isStopped = false
    var isTurning = false
  }

  init(records: BatchRecords, files: FileStore, node: any BatchNode) {
    self.records = records
    self.files = files
    self.node = node
  }

  /// Takes up what an earlier run left open.
  func start() { queue.async { self.turn() } }

  func stop() { memory.withLock { $0.isStopped = true } }

  /// Something changed: looks soon, and again until no batch is open.
  private func turnLater() {
    let isDue = memory.withLock { memory in
      guard !memory.isStopped, !memory.isTurning else { return false }
      memory.isTurning = true
      return true
    }
    guard isDue else { return }
    queue.asyncAfter(deadline: .now() + Self.interval) { [weak self] in
      guard let self else { return }
      memory.withLock { $0.isTurning = false }
      turn()
    }
  }

  /// Looks at every open batch.
  private func turn() {
    guard !memory.withLock({ $0.isStopped }) else { return }
    let live = records.live
    guard !live.isEmpty else { return }
    for record in live where record.check == nil { check(record) }
    if live.contains(where: { $0.check != nil }) {
      _ = node.jobs { [weak self] reports in
        guard let self else { return }
        queue.async { self.take(reports) }
      }
    }
    turnLater()
  }

  // MARK: Steps

  /// Takes a new batch in; it is on disk when this returns. On the desk's queue.
  func add(_ record: BatchRecord) throws(RunnerError) {
    try records.add(record, input: files.path(of: record.inputFile))
    check(record)
    turnLater()
  }

  /// Has the file checked and copied.
  private func check(_ record: BatchRecord) {
    let now = SystemText.monotonicMilliseconds()
    let isNew = memory.withLock { memory in
      guard memory.retryAt[record.id] ?? now <= now else { return false }
      return memory.checking.insert(record.id).inserted
    }
    guard isNew else { return }
    if record.cancellingAt != nil { return cancelUnchecked(record, requests: 0) }
    // What a crash left there was vouched for by no record.
    node.discard(folder: record.folder)
    let linked = records.inputPath(record.id)
    let input = Folder.exists(linked) ? linked : files.path(of: record.inputFile)
    let options = record.options
    let request = BatchRequest(
      file: input, power: options.power, priority: options.priority,
      interruptible: !options.isFixed, value: options.value)
    let terms = BatchTerms(
      deadline: record.expiresAt, expires: true, folder: record.folder,
      endpoint: record.endpoint, name: record.inputName)
    node.stage(request, terms: terms) { [weak self] result in
      guard let self else { return }
      queue.async { self.take(result, of: record.id) }
    }
  }

  private func take(_ result: Result<StagedBatch, RunnerError>, of id: String) {
    guard let record = records.record(id), !record.isOver else { return }
    switch result {
    case .failure(let error):
      let isFile = error.code == .invalidBatch
      if !isFile { node.say("batch \(id): \(error.message)") }
      change(id) { record in
        record.failure = BatchRecord.Failure(
          at: self.node.now(), code: isFile ? Self.code(of: error) : "server_error",
          line: error.line,
          message: isFile ? error.message : "the node could not copy it: its journal says why",
          field: error.field)
      }
    case .success(let batch):
      if record.cancellingAt != nil {
        node.discard(folder: batch.folder)
        return cancelUnchecked(record, requests: batch.requests)
      }
      change(id) { record in
        record.check = BatchRecord.Check(
          model: batch.model, requests: batch.requests, power: batch.power)
        record.stagedAt = self.node.now()
      }
      if let record = records.record(id) { submit(record) }
    }
    turnLater()
  }

  private func cancelUnchecked(_ record: BatchRecord, requests: Int) {
    change(record.id) { record in
      record.outcome = BatchOutcome(cancelledAt: self.node.now(), requests: requests)
    }
  }

  /// Asks the node's queue for a job; at most once in a run.
  private func submit(_ record: BatchRecord) {
    guard let batch = record.staged, record.job == nil else { return }
    guard memory.withLock({ $0.submitted.insert(record.id).inserted }) else { return }
    let isTaken = node.submit(batch) { [weak self] words in
      guard let self else { return }
      queue.async { self.lookAfter(record.id, words: words) }
    }
    if !isTaken { memory.withLock { _ = $0.submitted.remove(record.id) } }
  }

  /// The queue has answered: either a job has the batch's folder now, or it was refused.
  private func lookAfter(_ id: String, words: String?) {
    _ = node.jobs { [weak self] reports in
      guard let self else { return }
      queue.async {
        self.take(reports)
        guard let words, let record = self.records.record(id), record.job == nil, !record.isOver
        else { return }
        self.change(id) { record in
          record.failure = BatchRecord.Failure(
            at: self.node.now(), code: "queue_full", message: words)
        }
      }
    }
  }

  /// Brings the open records up to what the queue says.
  private func take(_ reports: [JobReport]) {
    for record in records.live where record.check != nil {
      if let number = record.job {
        if let report = reports.first(where: { $0.job.number == number }) {
          follow(record, report)
        } else {
          lookForgotten(record, number)
        }
      } else if let report = reports.first(where: { $0.job.batch.folder == record.folder }) {
        change(record.id) { $0.job = report.job.number }
        if let record = records.record(record.id) { follow(record, report) }
      } else {
        submit(record)
      }
    }
  }

  private func follow(_ record: BatchRecord, _ report: JobReport) {
    guard report.job.isLive else {
      change(record.id) { $0.outcome = BatchOutcome(report.job, reason: report.note) }
      return
    }
    guard record.cancellingAt != nil, report.job.ending == nil else { return }
    guard memory.withLock({ $0.cancelled.insert(record.id).inserted }) else { return }
    node.cancel(report.job.number)
  }

  /// The queue remembers the job no more: the account may.
  private func lookForgotten(_ record: BatchRecord, _ number: JobNumber) {
    let id = record.id
    _ = node.account { [weak self] account in
      guard let self else { return }
      queue.async {
        self.change(id) { record in
          if let line = account.records.first(where: { $0.number == number }) {
            record.outcome = BatchOutcome(line)
          } else {
            record.failure = BatchRecord.Failure(
              at: self.node.now(), code: "server_error",
              message: "the node knows job \(number) no more")
          }
        }
      }
    }
  }

  /// The client does not want a batch any more. On the desk's queue.
  func cancel(_ id: String) throws(RunnerError) {
    try records.change(id) { record in
      if !record.isOver, record.cancellingAt == nil { record.cancellingAt = self.node.now() }
    }
    turn()
  }

  /// A change whose failure can wait: what it belongs to is done again after a rest.
  private func change(_ id: String, _ body: (inout BatchRecord) -> Void) {
    do throws(RunnerError) {
      try records.change(id, body)
    } catch {
      let now = SystemText.monotonicMilliseconds()
      let isNew = memory.withLock { memory in
        memory.checking.remove(id)
        guard memory.retryAt[id] ?? now <= now else { return false }
        memory.retryAt[id] = now + Self.restMilliseconds
        return true
      }
      if isNew { node.say("batch \(id): \(error.message)") }
    }
  }

  private static func code(of error: RunnerError) -> String {
    let rules: KeyValuePairs<String, String> = [
      "not JSON": "invalid_json_line", "is there twice": "duplicate_custom_id",
      "one job has one model": "mismatched_model", "as the batch says": "mismatched_endpoint",
      "holds no requests": "empty_file", "split": "too_many_requests",
    ]
    return rules.first { error.message.contains($0.key) }?.value ?? "invalid_request"
  }
}
