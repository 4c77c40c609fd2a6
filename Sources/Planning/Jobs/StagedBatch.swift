import Quantities

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
