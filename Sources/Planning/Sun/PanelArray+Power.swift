import Quantities

extension PanelArray {
  /// The air around panels where nothing is known of it, in degrees Celsius.
  static let usualAir = 20.0

  /// What the panels give under this irradiance on their plane, ≥ 0.
  ///
  /// Peak power times the irradiance over 1000 W/m², less 0.4 % for each degree that the cells are
  /// warmer than the 25 °C of standard test conditions; sunlight of 1000 W/m² warms them 30 °C
  /// above the air (Ross 1976: 0.03 °C per W/m², panels with air behind them). No losses of
  /// inverter, wiring, dirt or shade: what a roof is seen to give corrects for those.
  /// `airMillidegrees` is in thousandths of a degree Celsius; unknown is taken as 20 °C.
  public func power(under irradiance: Irradiance, airMillidegrees: Int64? = nil) -> Power {
    let air = airMillidegrees.map { Double($0) / 1000 } ?? Self.usualAir
    return peak.share(Self.yield(under: irradiance.watts, air: air))
  }

  /// The share of peak power that panels give under so many W/m², air in degrees Celsius.
  static func yield(under irradiance: Double, air: Double) -> Double {
    let cell = air + 0.03 * irradiance
    return max(0, irradiance / 1000 * (1 - 0.004 * (cell - 25)))
  }
}

extension Power {
  /// This part of it, rounded to a milliwatt.
  func share(_ part: Double) -> Power {
    Power(milliwatts: Int64((Double(milliwatts) * part).rounded()))
  }
}
