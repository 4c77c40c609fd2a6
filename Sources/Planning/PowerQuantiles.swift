import Quantities

/// A power that isn't certain: what it stays above nine times, five times and once in ten.
public struct PowerQuantiles: Hashable, Sendable {
  /// The 10 % quantile.
  public let low: Power
  /// The 50 % quantile.
  public let middle: Power
  /// The 90 % quantile.
  public let high: Power

  /// Puts the three in order, so `low ≤ middle ≤ high` holds whatever was computed.
  public init(low: Power, middle: Power, high: Power) {
    let ordered = [low, middle, high].sorted()
    self.low = ordered[0]
    self.middle = ordered[1]
    self.high = ordered[2]
  }

  /// A power that is certain.
  public init(certain power: Power) { self.init(low: power, middle: power, high: power) }
}

/// What is expected of one slot; nil is unknown, never zero.
public struct SlotForecast: Hashable, Sendable {
  public let slot: TimeSlot
  /// What the panels give, ≥ 0.
  public var pv: PowerQuantiles?
  /// What the household draws without its jobs, ≥ 0.
  public var load: PowerQuantiles?

  public init(slot: TimeSlot, pv: PowerQuantiles?, load: PowerQuantiles?) {
    self.slot = slot
    self.pv = pv
    self.load = load
  }

  /// PV less load, + is surplus: low PV meets high load, which is wider than the truth.
  public var surplus: PowerQuantiles? {
    guard let pv, let load else { return nil }
    return PowerQuantiles(
      low: pv.low - load.high, middle: pv.middle - load.middle, high: pv.high - load.low)
  }
}
