import Quantities
import Sealing

/// What is learned is stored as it was at the start of the day in UTC, and the slots since then,
/// which are learned again at a restart: the same is expected after it as before, and a slot costs
/// the store about a kilobyte.
extension SurplusForecast {
  /// The slots since the start of the day.
  static let slotsKey = "forecast"
  static let panelsKey = "forecast/panels"
  static let householdKey = "forecast/household"
  private static let version: Int64 = 2

  /// Whether a stored value is the forecast's.
  public static func owns(key: String) -> Bool {
    [slotsKey, panelsKey, householdKey].contains(key)
  }

  /// What is to be stored since this was last asked: at most 64 KiB each, nothing if nothing is.
  public mutating func unsaved() -> [(key: String, value: [UInt8])] {
    defer {
      closedDay = nil
      hasUnsavedSlot = false
    }
    var values: [(key: String, value: [UInt8])] = []
    if let closedDay {
      values.append((Self.panelsKey, closedDay.panels))
      values.append((Self.householdKey, closedDay.household))
    }
    if hasUnsavedSlot { values.append((Self.slotsKey, storedSlots)) }
    return values
  }

  private var storedSlots: [UInt8] {
    var writer = CBORWriter(capacity: 16 + 20 * slotsToday.count)
    writer.beginArray(2)
    writer.write(Self.version)
    writer.beginArray(4 * slotsToday.count)
    for slot in slotsToday {
      writer.write(slot.slot.index)
      writer.write(slot.storedPV)
      writer.write(slot.load?.rawValue ?? -1)
      writer.write(slot.outlookPermille ?? -1)
    }
    return writer.bytes
  }

  /// Closes the day's slots: from here on what was learned is stored as it is now.
  mutating func closeDay() {
    slotsToday.removeAll(keepingCapacity: true)
    var panels = NumberColumn()
    panelForecast.store(in: &panels)
    spread.store(in: &panels)
    estimate?.store(in: &panels)
    var household = NumberColumn()
    self.household.store(in: &household)
    closedDay = ClosedDay(
      panels: encoded(panels, frame: frame), household: encoded(household, frame: []))
  }

  /// The numbers under what they hold for: another place or other panels make them worthless.
  private func encoded(_ column: NumberColumn, frame: [Int64]) -> [UInt8] {
    let frame = frame.map { CBORValue.integer($0) }
    let latest = latest?.index ?? -1
    return CBORValue.array(
      [.integer(Self.version), .integer(latest), .array(frame), .bytes(column.bytes)]
    ).encoded
  }

  /// Where and of what panels the numbers were learned; of an estimated place, the longitude that
  /// its days are counted from.
  private var frame: [Int64] {
    guard let place else { return [Int64((estimate?.guessedLongitude ?? 0) * 1e6)] }
    return [place.latitude.rawValue, place.longitude.rawValue, place.elevationMetres]
      + panels.flatMap { [$0.tilt.rawValue, $0.azimuth.rawValue, $0.peak.rawValue] }
  }

  /// Takes up what was stored; to be called once, before anything is observed.
  ///
  /// Returns `.unreadable` for each value that isn't what `unsaved` gave. What it held is learned
  /// anew, and the rest is kept. Values of a first version, seven days of slots, are learned from.
  public mutating func restore(
    _ values: [(key: String, value: [UInt8])]
  ) -> [PlanningError] {
    var errors: [PlanningError] = []
    for (key, value) in values where key == Self.panelsKey {
      if !restorePanels(value) { errors.append(.unreadable(key: key)) }
    }
    for (key, value) in values where key == Self.householdKey {
      if !restoreHousehold(value) { errors.append(.unreadable(key: key)) }
    }
    let day = latest
    for (key, value) in values where key == Self.slotsKey {
      guard let slots = Self.slots(value) else {
        errors.append(.unreadable(key: key))
        continue
      }
      for slot in slots where day.map({ $0 < slot.slot }) ?? true { _ = learn(slot) }
    }
    return errors
  }

  private mutating func restorePanels(_ value: [UInt8]) -> Bool {
    guard let (latest, frame, bytes) = Self.parts(value) else { return false }
    // Learned elsewhere or of other panels: begins anew, which is as it should be.
    var estimate = self.estimate
    if place == nil, frame.count == 1 {
      // Millionths of a degree of longitude.
      guard frame[0].magnitude <= 180_000_000 else { return false }
      estimate = PlaceEstimate(offset: TimeSpan(milliseconds: frame[0] * 240 / 1000))
    } else if frame != self.frame {
      return true
    }
    var reader = NumberReader(bytes)
    var restored = panelForecast
    var restoredSpread = spread
    guard restored.restore(from: &reader), restoredSpread.restore(from: &reader) else {
      return false
    }
    if estimate != nil, !(estimate?.restore(from: &reader) ?? false) { return false }
    guard reader.isAtEnd else { return false }
    if let estimate {
      self.estimate = estimate
      sky = SkyCourse(place: estimate.place, panels: [])
    }
    panelForecast = restored
    spread = restoredSpread
    self.latest = latest
    return true
  }

  private mutating func restoreHousehold(_ value: [UInt8]) -> Bool {
    guard let (latest, frame, bytes) = Self.parts(value), frame.isEmpty else { return false }
    var reader = NumberReader(bytes)
    var restored = household
    guard restored.restore(from: &reader), reader.isAtEnd else { return false }
    household = restored
    self.latest = latest
    return true
  }

  private static func parts(
    _ value: [UInt8]
  ) -> (latest: TimeSlot?, frame: [Int64], bytes: [UInt8])? {
    guard let parts = (try? CBORValue(decoding: value))?.array, parts.count == 4,
      parts[0] == .integer(version), let latest = parts[1].integer,
      (-1..<1_000_000_000).contains(latest), let frame = parts[2].array,
      let bytes = parts[3].bytes
    else { return nil }
    let numbers = frame.compactMap(\.integer)
    guard numbers.count == frame.count else { return nil }
    return (latest < 0 ? nil : TimeSlot(index: latest), numbers, bytes)
  }

  private static func slots(_ value: [UInt8]) -> [LearnedSlot]? {
    guard let parts = (try? CBORValue(decoding: value))?.array, parts.count == 2,
      let version = parts[0].integer, version == 1 || version == Self.version,
      let values = parts[1].array
    else { return nil }
    let numbers = values.compactMap(\.integer)
    let width = version == 1 ? 3 : 4
    guard numbers.count == values.count, numbers.count % width == 0,
      numbers.count <= width * 7 * Int(TimeSlot.slotsPerDay)
    else { return nil }
    var slots: [LearnedSlot] = []
    for start in stride(from: 0, to: numbers.count, by: width) {
      guard (0..<1_000_000_000).contains(numbers[start]),
        numbers[start + 1..<start + width].allSatisfy({
          (-2 - magnitudeLimit...magnitudeLimit).contains($0)
        })
      else { return nil }
      func power(_ number: Int64) -> Power? { number < 0 ? nil : Power(milliwatts: number) }
      var slot = LearnedSlot(
        slot: TimeSlot(index: numbers[start]), pv: power(numbers[start + 1]),
        load: power(numbers[start + 2]))
      if numbers[start + 1] <= -2 {
        slot.heldBack = Power(milliwatts: -2 - numbers[start + 1])
      }
      if width == 4, numbers[start + 3] >= 0 { slot.outlookPermille = numbers[start + 3] }
      slots.append(slot)
    }
    return slots
  }
}

extension LearnedSlot {
  /// The PV as it is stored: −1 is unknown, −2 and below what held-back panels gave.
  fileprivate var storedPV: Int64 {
    pv?.rawValue ?? heldBack.map { -2 - $0.rawValue } ?? -1
  }
}

/// What was learned by the start of the day, as it is stored.
struct ClosedDay: Hashable, Sendable {
  let panels: [UInt8]
  let household: [UInt8]
}
