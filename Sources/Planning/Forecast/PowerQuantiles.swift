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
    let (lower, upper) = low <= middle ? (low, middle) : (middle, low)
    self.low = min(lower, high)
    self.middle = max(lower, min(upper, high))
    self.high = max(upper, high)
  }

  /// The mean that three such quantiles speak of, 30, 40 and 30 parts of a hundred (Swanson's rule;
  /// Hurst, Brown and Swanson 2000).
  ///
  /// What energy to expect: a kettle now and then moves the mean of a load and not its middle.
  public var mean: Power {
    let sum = 30 * low.rawValue + 40 * middle.rawValue + 30 * high.rawValue
    return Power(milliwatts: sum / 100)
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

  /// PV less load; + is surplus, − a lack.
  ///
  /// Narrower than low PV against high load, which rarely meet: the spreads combine in quadrature.
  public var surplus: PowerQuantiles?

  /// `surplus` is combined from the two where it isn't given.
  public init(
    slot: TimeSlot, pv: PowerQuantiles?, load: PowerQuantiles?, surplus: PowerQuantiles? = nil
  ) {
    self.slot = slot
    self.pv = pv
    self.load = load
    self.surplus = surplus ?? Self.combined(pv: pv, load: load)
  }

  private static func combined(pv: PowerQuantiles?, load: PowerQuantiles?) -> PowerQuantiles? {
    guard let pv, let load else { return nil }
    func quadrature(_ left: Power, _ right: Power) -> Power {
      let x = Double(left.rawValue)
      let y = Double(right.rawValue)
      return Power(milliwatts: Int64((x * x + y * y).squareRoot()))
    }
    let middle = pv.middle - load.middle
    return PowerQuantiles(
      low: middle - quadrature(pv.middle - pv.low, load.high - load.middle), middle: middle,
      high: middle + quadrature(pv.high - pv.middle, load.middle - load.low))
  }
}
