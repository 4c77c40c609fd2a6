import Quantities
import Sealing

/// What the household's meter showed at the boundaries between slots.
///
/// The mark of a boundary is the first reading at or after it, before the next. The same mark ends
/// one slot and begins the next, so energy between two readings is counted once.
public struct RegisterMarks: Sendable {
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
  private static let prefix = "mark/"

  private var boundaries: [TimeSlot: Boundary] = [:]

  public init() {}

  /// Takes a reading; returns what to store when it is the first one after a boundary.
  public mutating func take(_ boundary: Boundary) -> [KeyedValue] {
    let slot = TimeSlot(containing: boundary.at)
    guard boundaries[slot] == nil else { return [] }
    boundaries[slot] = boundary
    var changes = [
      KeyedValue(
        key: Self.key(slot),
        value: CBORValue.array([
          .integer(boundary.at.rawValue), .integer(boundary.imported.rawValue),
          .integer(boundary.exported.rawValue), .integer(boundary.resolution.rawValue),
        ]).encoded)
    ]
    for old in boundaries.keys.sorted().prefix(max(0, boundaries.count - Self.capacity)) {
      boundaries[old] = nil
      changes.append(KeyedValue(key: Self.key(old), value: nil))
    }
    return changes
  }

  /// The marks at the start and the end of `slot`; nil while either is unknown.
  public func marks(of slot: TimeSlot) -> (opening: Boundary, closing: Boundary)? {
    guard let opening = boundaries[slot], let closing = boundaries[slot.next] else { return nil }
    return (opening, closing)
  }

  /// Takes back what `take` stored; other keys are left alone.
  public mutating func restore(key: String, value: [UInt8]) {
    guard key.hasPrefix(Self.prefix), let index = Int64(key.dropFirst(Self.prefix.count)),
      let fields = (try? CBORValue(decoding: value))?.array?.compactMap(\.integer),
      fields.count == 4
    else { return }
    boundaries[TimeSlot(index: index)] = Boundary(
      at: Instant(rawValue: fields[0]), imported: Energy(rawValue: fields[1]),
      exported: Energy(rawValue: fields[2]), resolution: Energy(rawValue: fields[3]))
  }

  private static func key(_ slot: TimeSlot) -> String { "\(prefix)\(slot.index)" }
}

/// A small value to store under a key, or nil to remove it.
public struct KeyedValue: Hashable, Sendable {
  public let key: String
  public let value: [UInt8]?

  public init(key: String, value: [UInt8]?) {
    self.key = key
    self.value = value
  }
}
