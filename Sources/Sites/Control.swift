/// Something of a device that can be steered.
public enum Control: String, Hashable, Sendable, CaseIterable, Codable, Comparable {
  /// What the battery is to do, in W: + charges, − discharges.
  case batteryPower
  /// The state of charge below which the battery does not discharge, in %.
  case reserve
  /// What the house may give to the grid at most, in W, ≥ 0.
  case exportLimit
  /// What the inverter may give at most, in W, ≥ 0.
  case powerLimit

  /// Smallest units (mW, ‰) in the unit that profiles are written in (W, %).
  public var base: Int64 { self == .reserve ? 10 : 1000 }

  public static func < (left: Control, right: Control) -> Bool { left.rawValue < right.rawValue }
}
