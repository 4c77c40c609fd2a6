import Quantities

/// The number that a household's people call a job by: 1, 2, 3…
public struct JobNumber: Hashable, Comparable, Sendable, Codable, CustomStringConvertible {
  public let value: Int64
  public init(_ value: Int64) { self.value = value }
  public static func < (left: JobNumber, right: JobNumber) -> Bool { left.value < right.value }
  public var description: String { "\(value)" }
}

/// A batch of inference requests that the edge has checked and copied into the node's own folder.
public struct StagedBatch: Hashable, Sendable {
  /// The folder's name below the node's jobs folder; holds `input.jsonl` and later the results.
  public var folder: String
  /// What people call it; at most 24 characters, letters, digits, `-`, `_` and `.`.
  public var name: String
  public var model: String
  public var requests: Int
  /// What the engine's machine is expected to draw while it works.
  public var power: Power
  /// By when the job should be done, if it matters.
  public var deadline: Instant?
  /// Higher goes first; 0 is ordinary.
  public var priority: Int64
  /// Whether it may be paused between requests.
  public var interruptible: Bool

  public init(
    folder: String, name: String, model: String, requests: Int, power: Power,
    deadline: Instant? = nil, priority: Int64 = 0, interruptible: Bool = true
  ) {
    self.folder = folder
    self.name = name
    self.model = model
    self.requests = requests
    self.power = power
    self.deadline = deadline
    self.priority = priority
    self.interruptible = interruptible
  }
}

/// Where a job stands, as the runner counts the lines on disk.
public struct JobProgress: Hashable, Sendable {
  public var job: JobNumber
  /// Requests answered well, each a durable line in the results.
  public var completed: Int
  /// Requests that failed for good, each a durable line in the errors.
  public var failed: Int
  /// Requests that are with the engine now.
  public var inFlight: Int
  /// Tokens generated so far, where the engine counts them.
  public var completionTokens: Int64
  /// Whether the runner feeds requests; false while it drains or rests.
  public var feeding: Bool

  public init(
    job: JobNumber, completed: Int, failed: Int, inFlight: Int, completionTokens: Int64,
    feeding: Bool
  ) {
    self.job = job
    self.completed = completed
    self.failed = failed
    self.inFlight = inFlight
    self.completionTokens = completionTokens
    self.feeding = feeding
  }
}

/// What the runner knows of the inference engine.
public enum EngineState: Hashable, Sendable {
  case unknown
  /// Ready, with this many requests at once; `name` is what the engine calls itself.
  case ready(slots: Int, name: String)
  case unavailable(reason: String)
}
