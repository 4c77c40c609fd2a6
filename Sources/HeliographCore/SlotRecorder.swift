import Planning
import Quantities
import Sites

/// Gathers what a slot is while it lasts: means weighted by time.
///
/// A quantity counts as known if it was for at least half of the slot, so that neither a restart
/// nor a lost device makes a quarter of an hour of a minute.
struct SlotRecorder: Hashable, Sendable {
  /// How long a look speaks for at most: the longest interval of the controller.
  static let longestLook = TimeSpan(seconds: 300)

  /// The mean of what is known now and then.
  private struct Mean: Hashable {
    private var work: Int64 = 0
    private var known: Int64 = 0

    mutating func add(_ power: Power?, over span: TimeSpan) {
      guard let power, power.magnitude <= JobQueue.powerLimit else { return }
      work += power.milliwatts * span.milliseconds
      known += span.milliseconds
    }

    var power: Power? {
      guard known > 0, known >= TimeSlot.length.milliseconds / 2 else { return nil }
      return Power(milliwatts: work / known)
    }
  }

  let slot: TimeSlot
  private var pv = Mean()
  private var load = Mean()
  private var jobs = Mean()
  private var battery = Mean()
  private var grid = Mean()
  private var charge: StateOfCharge?
  /// + for the time that the panels were held back, − for the time that they were not.
  private var heldBack: Int64?
  private var runs: Set<JobNumber> = []

  init(slot: TimeSlot) { self.slot = slot }

  /// Takes in one look at the house, which speaks for the `span` before it.
  mutating func observe(
    _ site: SiteState, jobsPower: Power, running: JobNumber?, over span: TimeSpan
  ) {
    let span = span.clamped(to: .zero...Self.longestLook)
    pv.add(site.hasPanels ? site.pvPower?.value : .zero, over: span)
    load.add(site.loadPower.map { max(.zero, $0.value - jobsPower) }, over: span)
    jobs.add(jobsPower, over: span)
    battery.add(site.hasBattery ? site.batteryPower?.value : .zero, over: span)
    grid.add(site.gridPower?.value, over: span)
    charge = site.stateOfCharge?.value ?? charge
    switch site.curtailment {
    case .none: heldBack = (heldBack ?? 0) - span.milliseconds
    case .curtailed: heldBack = (heldBack ?? 0) + span.milliseconds
    case .unknown: break
    }
    if let running, runs.count < SlotRecord.maximumJobs { runs.insert(running) }
  }

  var record: SlotRecord {
    var record = SlotRecord(slot: slot)
    record.pv = pv.power
    record.load = load.power
    record.jobs = jobs.power
    record.battery = battery.power
    record.grid = grid.power
    record.stateOfCharge = charge
    record.isCurtailed = heldBack.map { $0 > 0 }
    record.runs = runs.sorted()
    return record
  }
}
