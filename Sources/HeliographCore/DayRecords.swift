import Ledger
import Planning
import Quantities
import Sealing
import Sites

/// What the last eight days came to, slot by slot, kept through restarts.
///
/// Each slot is stored by itself when it has ended, some hundred bytes, under a key that comes
/// round after nine days: a board's flash is spared, and the oldest makes room by itself. A slot
/// that nobody saw is not there.
public struct DayRecords: Sendable {
  /// Slots kept: eight whole local days, and what of today.
  public static let maximumSlots = 9 * TimeSlot.slotsPerDay
  private static let prefix = "record/"

  /// In order, each slot once.
  private var kept: [SlotRecord] = []
  private var current: SlotRecorder?
  private var lookedAt: Instant

  public init(at now: Instant) { lookedAt = now }

  /// Takes in one look at the house; returns what to store when a slot has ended.
  public mutating func observe(
    _ site: SiteState, jobsPower: Power, running: JobNumber?, at now: Instant
  ) -> KeyedValue? {
    let slot = TimeSlot(containing: now)
    var ended: KeyedValue?
    if let last = current, last.slot != slot {
      // What was seen before a clock was set back is not seen again.
      if last.slot < slot { ended = keep(last.record) }
      current = nil
    }
    let since = now.since(max(lookedAt, slot.start))
    lookedAt = now
    var recorder = current ?? SlotRecorder(slot: slot)
    recorder.observe(site, jobsPower: jobsPower, running: running, over: since)
    current = recorder
    return ended
  }

  /// The slots of these that something is known of, in order.
  public func slots(in range: Range<TimeSlot>) -> ArraySlice<SlotRecord> {
    kept[position(of: range.lowerBound)..<position(of: range.upperBound)]
  }

  /// The earliest slot that something is known of.
  public var earliest: TimeSlot? { kept.first?.slot }

  /// Where `slot` is or belongs.
  private func position(of slot: TimeSlot) -> Int {
    var low = 0
    var high = kept.count
    while low < high {
      let middle = (low + high) / 2
      if kept[middle].slot < slot { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func keep(_ record: SlotRecord) -> KeyedValue? {
    guard record.tellsSomething, insert(record) else { return nil }
    return KeyedValue(key: Self.key(of: record.slot), value: record.encoded)
  }

  /// Takes the place of the slot that has the same key, as in the store; false for a slot that is
  /// known already.
  ///
  /// The time now is not asked: a board that wakes up in 1970 must not forget its days for it.
  private mutating func insert(_ record: SlotRecord) -> Bool {
    let turn = Self.turn(of: record.slot)
    let place = position(of: record.slot)
    guard place == kept.count || kept[place].slot != record.slot else { return false }
    kept.removeAll { Self.turn(of: $0.slot) == turn }
    kept.insert(record, at: position(of: record.slot))
    return true
  }

  private static func turn(of slot: TimeSlot) -> Int64 {
    (slot.index % maximumSlots + maximumSlots) % maximumSlots
  }

  private static func key(of slot: TimeSlot) -> String { "\(prefix)\(turn(of: slot))" }

  /// Takes back what an earlier run stored; keys of others and other bytes are left alone.
  public mutating func restore(key: String, value: [UInt8]) {
    guard key.hasPrefix(Self.prefix), let record = SlotRecord(decoding: value),
      Self.key(of: record.slot) == key
    else { return }
    _ = insert(record)
  }
}
