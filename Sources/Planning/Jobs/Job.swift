import Quantities

/// A job of the queue, with what it has come to so far.
///
/// Energy is what the computing side's sensor saw while it ran, else its stated power over its
/// running time: it explains, it never settles anything.
public struct Job: Hashable, Sendable {
  public let number: JobNumber
  public internal(set) var batch: StagedBatch
  public internal(set) var status: JobStatus = .waiting
  public internal(set) var addedAt: Instant
  /// Requests answered well.
  public internal(set) var completed = 0
  /// Requests that failed for good.
  public internal(set) var failed = 0
  /// Requests that are with the engine now.
  public internal(set) var inFlight = 0
  /// Tokens read, where the engine counts them.
  public internal(set) var promptTokens: Int64 = 0
  /// Tokens generated, where the engine counts them.
  public internal(set) var completionTokens: Int64 = 0
  /// How long it has been running or draining.
  public internal(set) var ranFor: TimeSpan = .zero
  public internal(set) var timesPaused = 0
  /// When it was first started.
  public internal(set) var begunAt: Instant?
  public internal(set) var finishedAt: Instant?
  /// How it ended, or is to end while the runner closes its files; nil while it may go on.
  public internal(set) var ending: JobEnding?
  /// Why it stands where it stands: the latest decision about it, without "job N".
  public internal(set) var reason = "waits for surplus"

  var energy = EnergyCounter()
  var surplus = EnergyCounter()
  var measured = EnergyCounter()
  var expense = CreditCounter()
  /// Whether the owner wants it paused, once it has drained.
  public internal(set) var ownerPaused = false
  var startedAt: Instant?
  var pausedAt: Instant?
  /// Since when less is spare than it draws.
  var shortSince: Instant?

  init(number: JobNumber, batch: StagedBatch, addedAt: Instant) {
    self.number = number
    self.batch = batch
    self.addedAt = addedAt
  }

  /// What it drew in all.
  public var energyUsed: Energy { energy.energy }

  /// What of that was surplus.
  public var surplusUsed: Energy { surplus.energy }

  /// What of it was measured; the rest is its stated power over its running time.
  public var energyMeasured: Energy { measured.energy }

  /// What its energy cost: from the grid at the import price, surplus at the export price that it
  /// would have brought.
  public var cost: Credits { expense.credits }

  /// Whether it is not done.
  public var isLive: Bool { status != .done }

  /// Whether an inference engine answers it; else it is a command of the owner's.
  public var needsEngine: Bool { batch.command == nil }

  /// Whether it is worked on.
  public var isDrawing: Bool {
    status == .running || status == .draining || (status == .ending && inFlight > 0)
  }

  /// Requests answered a second of running time, in thousandths; nil until it has shown any.
  public var requestsPerKilosecond: Int64? {
    let answered = Int64(completed + failed)
    guard answered > 0, ranFor >= TimeSpan(seconds: 1) else { return nil }
    return answered * 1_000_000 / ranFor.milliseconds
  }

  /// Requests without a line in results or errors.
  public var requestsLeft: Int { max(0, batch.requests - completed - failed) }
}
