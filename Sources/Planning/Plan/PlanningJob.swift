import Quantities

/// What a plan needs to know of a job.
public struct PlanningJob: Hashable, Sendable {
  public let number: JobNumber
  public var power: Power
  /// How long it still has to run, as far as known; a started slot counts whole.
  public var remaining: TimeSpan
  public var deadline: Instant?
  /// Higher goes first.
  public var priority: Int64
  /// What it is worth to have it done by its deadline, or at all; nil where nobody said: see
  /// `worth(in:)`.
  public var value: Credits?
  public var interruptible: Bool
  /// Whether it runs now; one that is fixed then goes on without a break.
  public var running: Bool
  /// The shortest run of an interruptible job, except the one that finishes it; at least 1.
  public var minimumRunSlots: Int
  /// The shortest pause between two runs; at least 1.
  public var minimumPauseSlots: Int
  /// Jobs that must be done first; numbers that the problem doesn't hold count as done.
  public var after: [JobNumber]

  public init(
    number: JobNumber, power: Power, remaining: TimeSpan, deadline: Instant? = nil,
    priority: Int64 = 0, value: Credits? = nil, interruptible: Bool = true,
    running: Bool = false, minimumRunSlots: Int = 1, minimumPauseSlots: Int = 1,
    after: [JobNumber] = []
  ) {
    self.number = number
    self.power = max(.zero, power)
    self.remaining = remaining
    self.deadline = deadline
    self.priority = priority
    self.value = value
    self.interruptible = interruptible
    self.running = running
    self.minimumRunSlots = max(1, minimumRunSlots)
    self.minimumPauseSlots = max(1, minimumPauseSlots)
    self.after = after
  }

  /// Whole slots that it still takes, at least one.
  public var remainingSlots: Int {
    let length = TimeSlot.length.milliseconds
    let bounded = min(max(remaining.milliseconds, 1), TimeSpan.day.milliseconds * 365)
    return Int((bounded + length - 1) / length)
  }
}
