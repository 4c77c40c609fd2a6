import Quantities

/// What is meant to happen in the coming slots; made by `Planner`.
public struct Plan: Hashable, Sendable {
  /// A job that is meant to run in a slot.
  public struct Run: Hashable, Sendable {
    public let job: JobNumber
    /// Whether the sun is expected to carry all of it; otherwise it runs for its deadline's sake.
    public let onSurplus: Bool

    public init(job: JobNumber, onSurplus: Bool) {
      self.job = job
      self.onSurplus = onSurplus
    }
  }

  /// What the plan wants of the battery in a slot.
  public enum BatteryOrder: Hashable, Sendable {
    /// What its inverter does by itself: take what is left over, give what is missing.
    case own
    /// Charge with so much, from the grid if need be; zero takes nothing, to keep room for later
    /// sun.
    case charge(Power)
    /// Give so much, to the grid if need be.
    case discharge(Power)
    /// Take what is left over, but give nothing: what is stored is worth more later.
    case hold

    /// Whether both say the same but for how much; to charge with nothing is to wait.
    func isLike(_ other: BatteryOrder) -> Bool {
      switch (self, other) {
      case (.own, .own), (.hold, .hold), (.discharge, .discharge): true
      case (.charge(let power), .charge(let otherPower)):
        (power > .zero) == (otherPower > .zero)
      default: false
      }
    }
  }

  /// One slot of the plan; powers are means over the slot, nil where the forecast is unknown.
  public struct Slot: Hashable, Sendable {
    public let slot: TimeSlot
    /// What the plan was made from: the forecast, and what energy costs.
    public var given: PlanningProblem.Slot?
    /// What the battery should be told, if it can be.
    public var order = BatteryOrder.own
    /// In order of number.
    public var runs: [Run] = []
    /// What is expected to be spare for jobs, none of them running; ≥ 0.
    public var spare: Power?
    /// + is charging.
    public var battery: Power?
    /// What the battery holds at the slot's end.
    public var stored: Energy?
    /// + is import.
    public var grid: Power?
    /// PV that neither house nor battery nor grid may take, ≥ 0.
    public var curtailed: Power?
    /// Energy to offer to neighbours: the mean of the export expected; zero when none or unknown.
    public var sell: Energy = .zero
    /// Energy to ask neighbours for: the mean of the import expected; zero when none or unknown.
    public var buy: Energy = .zero

    public init(slot: TimeSlot) { self.slot = slot }
  }

  /// Why a job runs when it does, or doesn't.
  public struct Reason: Hashable, Sendable {
    public let job: JobNumber
    /// Whether all of what remains of the job lies in the plan.
    public let complete: Bool
    /// At most 120 characters, starting with "job N".
    public let text: String
  }

  /// Why the battery is told something from a slot on.
  public struct BatteryReason: Hashable, Sendable {
    public let slot: TimeSlot
    public let order: BatteryOrder
    /// At most 120 characters, starting with "battery".
    public let text: String
  }

  public let slots: [Slot]
  /// One for every job of the problem, in order of number.
  public let reasons: [Reason]
  /// One for each change of what the battery is told, in order of time.
  public let batteryReasons: [BatteryReason]
  /// What the plan is expected to bring, see `Planner`; + is better.
  public let objective: Credits

  /// The plan's slot that `instant` lies in.
  public func slot(at instant: Instant) -> Slot? {
    guard let first = slots.first else { return nil }
    let offset = TimeSlot(containing: instant).index - first.slot.index
    return offset >= 0 && offset < slots.count ? slots[Int(offset)] : nil
  }

  /// How a job is meant to run at `instant`, if it is.
  public func run(of job: JobNumber, at instant: Instant) -> Run? {
    slot(at: instant)?.runs.first { $0.job == job }
  }

  /// When a job is next meant to run, from `instant` on.
  public func nextStart(of job: JobNumber, from instant: Instant) -> Instant? {
    slots.first { $0.slot.end > instant && $0.runs.contains { $0.job == job } }?.slot.start
  }

  /// Until when at least `power` is expected to be spare, if it is now and an end is in sight.
  public func spareEnd(of power: Power, from instant: Instant) -> Instant? {
    let ahead = slots.drop { $0.slot.end <= instant }
    guard let now = ahead.first, let spare = now.spare, spare >= power else { return nil }
    return ahead.first { $0.spare.map { $0 < power } ?? true }?.slot.start
  }

  /// Why this job runs when it does, if the problem held it.
  public func reason(of job: JobNumber) -> Reason? { reasons.first { $0.job == job } }
}
