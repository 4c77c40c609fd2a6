import Quantities
import Sites

/// What one slot has been seen to be, while it lasts.
struct SlotMeans: Hashable, Sendable {
  let slot: TimeSlot
  private var pv = Mean()
  /// Of panels that are held back.
  private var heldBack = Mean()
  private var load = Mean()

  init(slot: TimeSlot) { self.slot = slot }

  /// Takes in one look at the house.
  ///
  /// Panels that are held back don't show what the sun could do, so such a look counts as one
  /// without PV; of the load it tells as much as any other.
  mutating func observe(_ site: SiteState, jobsPower: Power) {
    var isCurtailed = false
    if case .curtailed = site.curtailment { isCurtailed = true }
    let given = site.hasPanels ? site.pvPower?.value : .zero
    pv.take(isCurtailed ? nil : given)
    heldBack.take(isCurtailed ? given : nil)
    load.take(site.loadPower.map { max(.zero, $0.value - jobsPower) })
  }

  /// The means, or nil when too little of the slot is known to teach anything.
  var learned: LearnedSlot? {
    var learned = LearnedSlot(slot: slot, pv: pv.value, load: load.value)
    if learned.pv == nil { learned.heldBack = heldBack.value }
    return learned.pv == nil && learned.load == nil ? nil : learned
  }
}

/// A mean that is known when at least half of the looks gave a value.
private struct Mean: Hashable, Sendable {
  private var sum: Power = .zero
  private var known: Int64 = 0
  private var unknown: Int64 = 0

  mutating func take(_ power: Power?) {
    guard let power else {
      unknown += 1
      return
    }
    known += 1
    sum = sum + power
  }

  var value: Power? {
    known > 0 && known >= unknown ? sum.scaled(by: 1, over: known) : nil
  }
}

/// What a past slot was: the means of PV and of the load without jobs; nil is unknown.
struct LearnedSlot: Hashable, Sendable {
  let slot: TimeSlot
  let pv: Power?
  let load: Power?
  /// What panels gave that were held back, where `pv` is unknown for it.
  var heldBack: Power?
  /// How much of a clear sky's light a weather service expected, in thousandths.
  var outlookPermille: Int64?

  init(slot: TimeSlot, pv: Power?, load: Power?) {
    self.slot = slot
    self.pv = pv
    self.load = load
  }
}
