import Ledger
import Quantities
import Sealing

/// What this local day brought at the grid connection and in trade.
public struct DayAccount: Sendable {
  private static let key = "day"

  public private(set) var day: Int64
  /// The grid registers when the day began, or when they were first known on it.
  private var importedAtStart: Energy?
  private var exportedAtStart: Energy?
  private var imported: Energy?
  private var exported: Energy?
  public private(set) var energySold = Energy.zero
  public private(set) var energyBought = Energy.zero
  public private(set) var creditsEarned = Credits.zero
  public private(set) var creditsSpent = Credits.zero
  public private(set) var tradesSettled = 0

  public init(day: Int64) { self.day = day }

  /// Since the day began; nil while the registers are unknown.
  public var importedToday: Energy? { difference(imported, importedAtStart) }
  public var exportedToday: Energy? { difference(exported, exportedAtStart) }

  private func difference(_ later: Energy?, _ earlier: Energy?) -> Energy? {
    guard let later, let earlier else { return nil }
    return later - earlier
  }

  /// A new local day starts from zero.
  public mutating func roll(to newDay: Int64) {
    guard newDay != day else { return }
    var next = DayAccount(day: newDay)
    next.importedAtStart = imported
    next.exportedAtStart = exported
    next.imported = imported
    next.exported = exported
    self = next
  }

  /// The registers now; returns what to store when the day's start became known by it.
  public mutating func take(imported: Energy, exported: Energy) -> KeyedValue? {
    self.imported = imported
    self.exported = exported
    guard importedAtStart == nil || exportedAtStart == nil else { return nil }
    importedAtStart = imported
    exportedAtStart = exported
    return stored
  }

  /// A contract of this house is settled.
  public mutating func take(_ contract: EnergyContract, ownKey: PublicKey) {
    guard let settlement = contract.settlement else { return }
    tradesSettled += 1
    if contract.seller == ownKey {
      energySold += settlement.energy
      creditsEarned += settlement.amount
    } else {
      energyBought += settlement.energy
      creditsSpent += settlement.amount
    }
  }

  /// The day's start, to find again after a restart; the trades are recounted from the ledger.
  public var stored: KeyedValue? {
    guard let importedAtStart, let exportedAtStart else { return nil }
    return KeyedValue(
      key: Self.key,
      value: CBORValue.array([
        .integer(day), .integer(importedAtStart.rawValue), .integer(exportedAtStart.rawValue),
      ]).encoded)
  }

  /// Takes back what an earlier run stored of the same day; keys of others are left alone.
  public mutating func restore(key: String, value: [UInt8]) {
    guard key == Self.key,
      let fields = (try? CBORValue(decoding: value))?.array?.compactMap(\.integer),
      fields.count == 3, fields[0] == day
    else { return }
    importedAtStart = Energy(rawValue: fields[1])
    exportedAtStart = Energy(rawValue: fields[2])
  }
}
