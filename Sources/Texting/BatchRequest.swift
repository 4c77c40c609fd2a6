import Planning
import Quantities

/// A wish to run a batch file, as it was typed.
public struct BatchRequest: Hashable, Sendable {
  /// A file path (local origin only) or the name of a file in the node's jobs inbox.
  public var file: String
  public var power: Power?
  /// Local wall-clock minutes of the day by which it should be done: 18:00 is 1080.
  public var byMinuteOfDay: Int64?
  public var priority: Int64
  public var model: String?
  public var interruptible: Bool
  /// What it is worth to have it done.
  public var value: Credits?
  /// Jobs that must be done first.
  public var after: [JobNumber]
  /// What a neighbour is paid at most to compute it; nil computes it here.
  public var pay: Credits?

  public init(
    file: String, power: Power? = nil, byMinuteOfDay: Int64? = nil, priority: Int64 = 0,
    model: String? = nil, interruptible: Bool = true, value: Credits? = nil,
    after: [JobNumber] = []
  ) {
    self.value = value
    self.after = after
    self.file = file
    self.power = power
    self.byMinuteOfDay = byMinuteOfDay
    self.priority = priority
    self.model = model
    self.interruptible = interruptible
  }
}
