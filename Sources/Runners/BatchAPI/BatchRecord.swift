import Planning
import Quantities

/// A batch as the Batch API keeps it: what its client said, and what became of it.
///
/// The node's queue holds the job; this holds what the queue does not: metadata, the window, why a
/// file was refused, and how it ended, for the time after the queue has forgotten the job.
struct BatchRecord: Hashable, Sendable {
  /// `batch_` and 24 hexadecimal digits.
  var id: String
  var createdAt: Instant
  var inputFile: String
  /// What the input's uploader called it.
  var inputName: String
  var endpoint: String
  /// As it was written, such as `24h`.
  var window: String
  var expiresAt: Instant
  /// An object of texts; null where there is none.
  var metadata: JSONValue
  var options = BatchOptions()
  /// The job's folder below the jobs folder, chosen before anything is copied.
  var folder: String
  /// What the file was found to hold; nil while it is not checked.
  var check: Check?
  var stagedAt: Instant?
  var job: JobNumber?
  /// Since when the client does not want it any more.
  var cancellingAt: Instant?
  /// Why no job came of it.
  var failure: Failure?
  /// How it ended; nil while it goes on.
  var outcome: BatchOutcome?
  /// Result files that a client has deleted: they stay in the job's folder.
  var hidden: [String] = []

  struct Check: Hashable, Sendable {
    var model: String
    var requests: Int
    var power: Power
  }

  struct Failure: Hashable, Sendable {
    var at: Instant
    var code: String
    var line: Int?
    var message: String
    var field: String?
  }

  /// Whether nothing more will become of it.
  var isOver: Bool { failure != nil || outcome != nil }

  /// What is told to the node's queue; nil while the file is not checked.
  var staged: StagedBatch? {
    guard let check else { return nil }
    return StagedBatch(
      folder: folder, name: BatchStaging.name(from: inputName), model: check.model,
      requests: check.requests, power: check.power, deadline: expiresAt, expires: true,
      priority: options.priority, value: options.value, interruptible: !options.isFixed)
  }

  /// The parts of its results that clients can get, with the names of their files.
  static let parts = ["output", "errors"]

  /// The id of a result file.
  func fileID(_ part: String) -> String { FileName.derived(from: id, part: part) }

  /// How many lines a result file has; it is there where that is any.
  func lines(_ part: String) -> Int {
    guard let outcome, !hidden.contains(part) else { return 0 }
    return part == "output" ? outcome.completed : outcome.failed
  }
}

/// How a batch's job ended.
struct BatchOutcome: Hashable, Sendable {
  var ending: JobEnding
  var finishedAt: Instant
  var requests: Int
  var completed: Int
  var failed: Int
  var promptTokens: Int64
  var completionTokens: Int64
  var energy: Energy
  var measured: Energy
  var surplus: Energy
  var cost: Credits
  /// What the node said of it at last.
  var reason: String

  init(_ job: Job, reason: String) {
    ending = job.ending ?? .completed
    finishedAt = job.finishedAt ?? job.addedAt
    requests = job.batch.requests
    completed = job.completed
    failed = job.failed
    promptTokens = job.promptTokens
    completionTokens = job.completionTokens
    energy = job.energyUsed
    measured = job.energyMeasured
    surplus = job.surplusUsed
    cost = job.cost
    self.reason = reason
  }

  /// From the account, where the queue has forgotten the job.
  init(_ record: JobRecord) {
    ending = record.ending
    finishedAt = record.finishedAt
    requests = record.requests
    completed = record.completed
    failed = record.failed
    promptTokens = record.promptTokens
    completionTokens = record.completionTokens
    energy = record.energy
    measured = record.measured
    surplus = record.surplus
    cost = record.cost
    reason = ""
  }

  /// Taken back before a job came of it.
  init(cancelledAt now: Instant, requests: Int) {
    ending = .cancelled
    finishedAt = now
    self.requests = requests
    completed = 0
    failed = 0
    promptTokens = 0
    completionTokens = 0
    energy = .zero
    measured = .zero
    surplus = .zero
    cost = .zero
    reason = "taken back before it began"
  }
}
