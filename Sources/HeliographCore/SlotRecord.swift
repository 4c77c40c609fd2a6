import Planning
import Quantities

/// What a past slot was, in means over it; nil is unknown, never zero.
public struct SlotRecord: Hashable, Sendable {
  /// The most jobs that are remembered of a slot.
  public static let maximumJobs = 8

  public let slot: TimeSlot
  /// ≥ 0.
  public var pv: Power?
  /// What the household drew without its jobs, ≥ 0.
  public var load: Power?
  /// What jobs drew, ≥ 0.
  public var jobs: Power?
  /// + is charging.
  public var battery: Power?
  /// + is import.
  public var grid: Power?
  /// At the slot's end, as far as it was seen.
  public var stateOfCharge: StateOfCharge?
  /// Whether the panels were held back at least half of the time that this was known of.
  public var isCurtailed: Bool?
  /// The jobs that ran in it, in order of number.
  public var runs: [JobNumber] = []

  public init(slot: TimeSlot) { self.slot = slot }

  /// Whether anything is known of it.
  var tellsSomething: Bool {
    pv != nil || load != nil || battery != nil || grid != nil || stateOfCharge != nil
      || !runs.isEmpty
  }
}
