import Ledger
import Planning
import Quantities
import Sealing
import Sites

/// What the last eight days came to, slot by slot, kept through restarts.
///
/// Stored by the UTC day under one of nine keys, so that the oldest makes room by itself; each
/// value is at most about 16 KiB. A slot that nobody saw is not there.
public struct DayRecords: Sendable {
  /// UTC days kept: eight whole local days reach into nine.
  public static let maximumDays: Int64 = 9
  private static let prefix = "record/"

  /// By whole UTC day since 1970; each in order of slot, each slot once.
  private var days: [Int64: [SlotRecord]] = [:]
  private var current: SlotRecorder?
  private var lookedAt: Instant

  public init(at now: Instant) { lookedAt = now }

  /// Takes in one look at the house; returns what to store when a slot has ended.
  public mutating func observe(
    _ site: SiteState, jobsPower: Power, running: JobNumber?, at now: Instant
  ) -> [KeyedValue] {
    let slot = TimeSlot(containing: now)
    var ended: [KeyedValue] = []
    if let last = current, last.slot != slot {
      // What was seen before a clock was set back is not seen again.
      if last.slot < slot { ended = keep(last.record, at: now) }
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
  public func slots(in range: Range<TimeSlot>) -> [SlotRecord] {
    let first = Self.day(of: range.lowerBound)
    let last = Self.day(of: range.upperBound)
    guard last >= first, last - first <= 2 * Self.maximumDays else { return [] }
    return (first...last).flatMap { days[$0] ?? [] }.filter { range.contains($0.slot) }
  }

  /// The earliest slot that something is known of.
  public var earliest: TimeSlot? { days.keys.min().flatMap { days[$0]?.first?.slot } }

  private static func day(of slot: TimeSlot) -> Int64 {
    let index = slot.index
    return (index >= 0 ? index : index - TimeSlot.slotsPerDay + 1) / TimeSlot.slotsPerDay
  }

  private static func key(of day: Int64) -> String {
    "\(prefix)\((day % maximumDays + maximumDays) % maximumDays)"
  }

  private mutating func keep(_ record: SlotRecord, at now: Instant) -> [KeyedValue] {
    guard record.tellsSomething else { return [] }
    let day = Self.day(of: record.slot)
    var records = days[day] ?? []
    guard records.last.map({ $0.slot < record.slot }) ?? true else { return [] }
    records.append(record)
    days[day] = records
    forget(at: now)
    return [KeyedValue(key: Self.key(of: day), value: Self.encoded(day, records))]
  }

  /// Lets go of what is too old, and of what a clock that ran ahead has left.
  private mutating func forget(at now: Instant) {
    let today = Self.day(of: TimeSlot(containing: now))
    days = days.filter { $0.key > today - Self.maximumDays && $0.key <= today }
  }

  /// Takes back what an earlier run stored; keys of others and other bytes are left alone.
  public mutating func restore(key: String, value: [UInt8], at now: Instant) {
    guard key.hasPrefix(Self.prefix), let (day, records) = Self.decoded(value),
      Self.key(of: day) == key
    else { return }
    days[day] = records
    forget(at: now)
  }
}

// MARK: storage

extension DayRecords {
  private static func encoded(_ day: Int64, _ records: [SlotRecord]) -> [UInt8] {
    let slots = records.map { record -> CBORValue in
      let flag: Int64? = record.isCurtailed.map { $0 ? 1 : 0 }
      let numbers: [Int64?] = [
        record.pv?.rawValue, record.load?.rawValue, record.jobs?.rawValue,
        record.battery?.rawValue, record.grid?.rawValue, record.stateOfCharge?.rawValue, flag,
      ]
      let fields = numbers.map { $0.map(CBORValue.integer) ?? .bytes([]) }
      let runs = record.runs.map { CBORValue.integer($0.value) }
      return .array([.integer(record.slot.index)] + fields + [.array(runs)])
    }
    return CBORValue.array([.integer(1), .integer(day), .array(slots)]).encoded
  }

  /// Nil for anything but what `encoded` gives.
  private static func decoded(_ bytes: [UInt8]) -> (day: Int64, records: [SlotRecord])? {
    guard let parts = (try? CBORValue(decoding: bytes))?.array, parts.count == 3,
      parts[0] == .integer(1), let day = parts[1].integer, let slots = parts[2].array,
      slots.count <= Int(TimeSlot.slotsPerDay)
    else { return nil }
    var records: [SlotRecord] = []
    for slot in slots {
      guard let record = record(slot), Self.day(of: record.slot) == day,
        records.last.map({ $0.slot < record.slot }) ?? true
      else { return nil }
      records.append(record)
    }
    return (day, records)
  }

  private static func record(_ value: CBORValue) -> SlotRecord? {
    guard let fields = value.array, fields.count == 9, let index = fields[0].integer,
      abs(index) < 1_000_000_000, let runs = fields[8].array,
      runs.count <= SlotRecord.maximumJobs
    else { return nil }
    var numbers: [Int64?] = []
    for field in fields[1...7] {
      let number = field.integer
      guard field == .bytes([]) || number.map({ abs($0) <= magnitudeLimit }) ?? false else {
        return nil
      }
      numbers.append(number)
    }
    var record = SlotRecord(slot: TimeSlot(index: index))
    record.pv = numbers[0].map(Power.init(rawValue:))
    record.load = numbers[1].map(Power.init(rawValue:))
    record.jobs = numbers[2].map(Power.init(rawValue:))
    record.battery = numbers[3].map(Power.init(rawValue:))
    record.grid = numbers[4].map(Power.init(rawValue:))
    record.stateOfCharge = numbers[5].map {
      StateOfCharge(permille: min(max($0, 0), 1000))
    }
    record.isCurtailed = numbers[6].map { $0 != 0 }
    record.runs = runs.compactMap { $0.integer.map { JobNumber($0) } }.sorted()
    return record
  }
}
