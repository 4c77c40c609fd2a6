import Quantities
import Sealing

/// How often the flash behind a control was written on a local day.
///
/// Flash wears: inverters have died of set-points written every minute (Growatt #384). So writes
/// are counted before they are made and kept over restarts, and the day's last one stays back for
/// the return to the safe state. That return is never refused for the budget's sake alone, only
/// held to `extraReleases` beyond it: each of them reads first and writes nothing that is held.
public struct FlashBudget: Hashable, Sendable {
  /// Returns to the safe state beyond the day's budget.
  public static let extraReleases = 3

  /// Whole local days since 1970-01-01.
  public private(set) var day: Int64
  public private(set) var used: Int

  public init(day: Int64, used: Int = 0) {
    self.day = day
    self.used = used
  }

  /// A stored day so far ahead was told by a clock that was wrong.
  static let longestAhead: Int64 = 7

  /// A later day begins from zero; an earlier one, when the clock was set back, goes on counting.
  ///
  /// A count from a day far ahead, from a clock that was wrong then, is taken over to today: else
  /// the device could not even be given back until that day.
  public mutating func roll(to today: Int64) {
    if day > today + Self.longestAhead {
      self = FlashBudget(day: today, used: used)
    }
    guard today > day else { return }
    self = FlashBudget(day: today)
  }

  /// Whether a set-point may still be written, which leaves one write for the way back.
  public func allowsSetting(dailyWrites: Int) -> Bool { used < dailyWrites - 1 }

  /// Whether the safe state may still be written.
  public func allowsReleasing(dailyWrites: Int) -> Bool {
    used < dailyWrites + Self.extraReleases
  }

  /// Counts a write that is about to be made.
  public mutating func take() { used += 1 }

  /// Takes back a write that surely was not made, if it was counted on this day.
  public mutating func giveBack(countedOn countedDay: Int64) {
    if countedDay == day, used > 0 { used -= 1 }
  }
}

extension FlashBudget {
  private static let prefix = "flash/"

  /// Where the count of `key` is kept.
  public static func storeKey(_ key: SteeringKey) -> String {
    "\(prefix)\(key.device)/\(key.control.rawValue)"
  }

  public var encoded: [UInt8] {
    CBORValue.array([.integer(day), .integer(Int64(used))]).encoded
  }

  /// Reads what `encoded` wrote; nil for anything else.
  public init?(decoding bytes: [UInt8]) {
    let fields = (try? CBORValue(decoding: bytes))?.array?.compactMap(\.integer)
    guard let fields, fields.count == 2, (0...1_000_000).contains(fields[1]) else { return nil }
    self.init(day: fields[0], used: Int(fields[1]))
  }

  /// The control whose count lies under this key; nil for another kind of key.
  public static func key(ofStored text: String) -> SteeringKey? {
    SteeringKey(text, after: prefix)
  }
}
