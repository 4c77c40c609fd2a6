import Quantities

/// One relay: what it is, what it should be, and when it may change.
public struct RelaySwitch: Hashable, Sendable {
  public let plan: RelayPlan
  /// What it was switched to last; off in the beginning.
  public private(set) var isOn = false
  /// Since when; in the beginning since then, as what was before nobody knows.
  public private(set) var changedAt: Instant
  /// What it is to be as soon as it may.
  public internal(set) var isWanted = false
  /// Why the line could not be switched; while it lasts, its state is not known.
  public private(set) var trouble: String?
  private var complainedAt: Instant?

  public init(plan: RelayPlan, at now: Instant) {
    self.plan = plan
    changedAt = now
  }

  /// When its minimum time in the present state has passed.
  public var mayChangeAt: Instant { changedAt + (isOn ? plan.minimumOn : plan.minimumOff) }

  /// Whether the load could get power through it: on, or nobody knows.
  var mayBeOn: Bool { isOn || trouble != nil }

  /// The clock was set back by `back`.
  mutating func shift(by back: TimeSpan) {
    changedAt = changedAt - back
    complainedAt = complainedAt.map { $0 - back }
  }

  /// It is being switched.
  mutating func turn(on: Bool, at now: Instant) {
    if isOn != on { changedAt = now }
    isOn = on
    trouble = nil
  }

  /// It could not be switched; returns whether that is worth a line: once an hour.
  mutating func failed(_ reason: String, at now: Instant) -> Bool {
    trouble = reason
    if let complainedAt, now >= complainedAt, now.since(complainedAt) < .hour { return false }
    complainedAt = now
    return true
  }
}
