import Quantities

/// A batch of inference requests that the edge has checked and copied into the node's own folder;
/// or a command of the owner's, which counts as one request.
public struct StagedBatch: Hashable, Sendable {
  /// The most jobs that one may wait for.
  public static let afterLimit = 16

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
  /// Whether what is left at the deadline is not done any more, as the Batch API has it; otherwise
  /// a late job goes on.
  public var expires: Bool
  /// Higher goes first; 0 is ordinary.
  public var priority: Int64
  /// What it is worth to have it done by its deadline, or at all; nil where nobody said.
  public var value: Credits?
  /// Whether it may be paused between requests.
  public var interruptible: Bool
  /// Jobs that must be done first; at most `afterLimit`.
  public var after: [JobNumber]
  /// What it runs where that is no batch of requests.
  public var command: CommandWork?

  public init(
    folder: String, name: String, model: String, requests: Int, power: Power,
    deadline: Instant? = nil, expires: Bool = false, priority: Int64 = 0, value: Credits? = nil,
    interruptible: Bool = true, after: [JobNumber] = [], command: CommandWork? = nil
  ) {
    self.folder = folder
    self.name = name
    self.model = model
    self.requests = requests
    self.power = power
    self.deadline = deadline
    self.expires = expires
    self.priority = priority
    self.value = value
    self.interruptible = interruptible
    self.after = after
    self.command = command
  }

  /// How much it is, for a person: "120 requests".
  var size: String {
    command.map { "a command of about \($0.span.text)" }
      ?? (requests == 1 ? "1 request" : "\(requests) requests")
  }
}
