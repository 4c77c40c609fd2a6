import Quantities
import Sites

/// What one slot has been seen to be, while it lasts.
struct SlotMeans: Hashable, Sendable {
  let slot: TimeSlot
  private var pv: Power = .zero
  private var load: Power = .zero
  private var known: Int64 = 0
  private var unknown: Int64 = 0

  init(slot: TimeSlot) { self.slot = slot }

  /// Takes in one look at the house; a look without PV or load counts as unknown, and so does one
  /// at panels that are held back: they don't show what the sun could do.
  mutating func observe(_ site: SiteState, jobsPower: Power) {
    if case .curtailed = site.curtailment {
      unknown += 1
      return
    }
    guard let load = site.loadPower, !site.hasPanels || site.pvPower != nil else {
      unknown += 1
      return
    }
    known += 1
    pv = pv + (site.pvPower?.value ?? .zero)
    self.load = self.load + max(.zero, load.value - jobsPower)
  }

  /// The means, or nil when too little of the slot is known to teach anything.
  var learned: LearnedSlot? {
    guard known > 0, known >= unknown else { return nil }
    return LearnedSlot(
      slot: slot, pv: pv.scaled(by: 1, over: known), load: load.scaled(by: 1, over: known))
  }
}

/// What a past slot was: the means of PV and of the load without jobs.
struct LearnedSlot: Hashable, Sendable {
  let slot: TimeSlot
  let pv: Power
  let load: Power
}
