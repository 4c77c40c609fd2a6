import Quantities
import Sealing

/// What the household's meter showed at the boundaries between slots.
///
/// The mark of a boundary is the first reading at or after it, at most three minutes late. The
/// same mark ends one slot and begins the next, so energy between two readings is counted once.
/// A slot whose end went unread (the node or the meter was down) ends with the last reading in it:
/// less than what flowed, never more. So does a slot begin late with the first reading in it.
public struct RegisterMarks: Sendable {
  /// Both registers at one moment.
  public struct Boundary: Hashable, Sendable {
    public let at: Instant
    public let imported: Energy
    public let exported: Energy
    public let resolution: Energy

    public init(at: Instant, imported: Energy, exported: Energy, resolution: Energy) {
      self.at = at
      self.imported = imported
      self.exported = exported
      self.resolution = resolution
    }
  }

  /// Boundaries kept: eight days, a day more than a contract may wait for its settlement.
  public static let capacity = 8 * Int(TimeSlot.slotsPerDay)
  /// How often the latest reading is stored while a trade depends on it.
  public static let keepInterval = TimeSpan.minute
  private static let beginPrefix = "mark/begin/"
  private static let endPrefix = "mark/end/"
  private static let latestKey = "mark/latest"

  /// The first reading in each slot.
  private var begins: [TimeSlot: Boundary] = [:]
  /// The last reading in slots whose end went unread.
  private var ends: [TimeSlot: Boundary] = [:]
  private var latest: Boundary?
  private var keptAt = Instant.distantPast

  public init() {}

  /// What a reading came to.
  public struct Taken: Sendable {
    /// Whether it is the first one of its slot: the slot before may be settled now.
    public let beginsSlot: Bool
    public let changes: [KeyedValue]
  }

  /// Takes a reading; while `keeping`, the latest one is stored every minute, to survive a kill.
  public mutating func take(_ reading: Boundary, keeping: Bool) -> Taken {
    let slot = TimeSlot(containing: reading.at)
    defer { latest = reading }
    guard begins[slot] == nil else {
      guard keeping, reading.at.since(keptAt) >= Self.keepInterval else {
        return Taken(beginsSlot: false, changes: [])
      }
      keptAt = reading.at
      return Taken(beginsSlot: false, changes: [Self.stored(reading, key: Self.latestKey)])
    }
    begins[slot] = reading
    var changes = [Self.stored(reading, key: Self.key(Self.beginPrefix, slot))]
    if let latest, let missed = Self.slot(missedBetween: latest, and: reading) {
      ends[missed] = latest
      changes.append(Self.stored(latest, key: Self.key(Self.endPrefix, missed)))
    }
    return Taken(beginsSlot: true, changes: changes + forgetOldest())
  }

  /// The slot of `earlier` if `later` is too late to be the mark of its end.
  private static func slot(missedBetween earlier: Boundary, and later: Boundary) -> TimeSlot? {
    let slot = TimeSlot(containing: earlier.at)
    let isLate = later.at > slot.end + MeterStatement.boundaryTolerance
    return earlier.at < later.at && isLate ? slot : nil
  }

  private mutating func forgetOldest() -> [KeyedValue] {
    var changes: [KeyedValue] = []
    // One a slot as a rule: finding it is cheaper than sorting eight days for it.
    while begins.count > Self.capacity, let slot = begins.keys.min() {
      begins[slot] = nil
      ends[slot] = nil
      changes.append(KeyedValue(key: Self.key(Self.beginPrefix, slot), value: nil))
      changes.append(KeyedValue(key: Self.key(Self.endPrefix, slot), value: nil))
    }
    return changes
  }

  /// The marks at the start and the end of `slot`; nil while either is unknown.
  public func marks(of slot: TimeSlot) -> (opening: Boundary, closing: Boundary)? {
    guard let opening = begins[slot] else { return nil }
    if let closing = begins[slot.next],
      closing.at <= slot.end + MeterStatement.boundaryTolerance
    {
      return (opening, closing)
    }
    // One reading alone measured nothing: that is unknown, not zero.
    guard let closing = ends[slot], closing.at > opening.at else { return nil }
    return (opening, closing)
  }

  /// Takes back what `take` stored; other keys are left alone.
  public mutating func restore(key: String, value: [UInt8]) {
    guard key.hasPrefix("mark/"),
      let fields = (try? CBORValue(decoding: value))?.array?.compactMap(\.integer),
      fields.count == 4
    else { return }
    let reading = Boundary(
      at: Instant(rawValue: fields[0]), imported: Energy(rawValue: fields[1]),
      exported: Energy(rawValue: fields[2]), resolution: Energy(rawValue: fields[3]))
    if (latest?.at ?? .distantPast) < reading.at { latest = reading }
    let slot = TimeSlot(containing: reading.at)
    if key.hasPrefix(Self.beginPrefix) { begins[slot] = reading }
    if key.hasPrefix(Self.endPrefix) { ends[slot] = reading }
  }

  private static func key(_ prefix: String, _ slot: TimeSlot) -> String { prefix + "\(slot.index)" }

  private static func stored(_ reading: Boundary, key: String) -> KeyedValue {
    KeyedValue(
      key: key,
      value: CBORValue.array([
        .integer(reading.at.rawValue), .integer(reading.imported.rawValue),
        .integer(reading.exported.rawValue), .integer(reading.resolution.rawValue),
      ]).encoded)
  }
}
