/// What is believed of a household before anything was seen of this one: means over a few others.
enum HouseholdPrior {
  /// In deviations from the mean.
  static let knots = [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]

  /// For each distance: how wide its quantiles lie against those of another day.
  static let widths = [0.6, 0.8, 0.9, 1, 1, 1, 1, 1, 1, 1]

  /// The three quantiles at each knot, in deviations from the estimate.
  static func curve(width: Double) -> [Double] {
    let far = [
      -0.25, 0.10, 0.55, -0.50, 0.00, 0.60, -0.45, -0.03, 0.45, -0.60, -0.13, 0.95,
      -0.97, -0.28, 1.50, -1.35, -0.50, 1.30, -1.60, -0.60, 1.25,
    ]
    return far.map { $0 * width }
  }

  /// For each distance: the weights of the departures over a quarter, an hour, four hours and a
  /// day, then of slow habit, the week's and the latest days'.
  static let weights: [[Double]] = [
    [0.55, 0.14, 0.04, 0.02, 1, 0.45, 0.15],
    [0.34, 0.17, 0.05, 0.03, 1, 0.45, 0.30],
    [0.14, 0.17, 0.06, 0.05, 1, 0.42, 0.42],
    [0.07, 0.11, 0.07, 0.06, 1, 0.40, 0.47],
    [0.03, 0.05, 0.05, 0.12, 1, 0.40, 0.50],
    [0.00, 0.00, 0.03, 0.18, 1, 0.40, 0.50],
    [0.00, 0.00, 0.05, 0.15, 1, 0.40, 0.50],
    [0.00, 0.00, 0.05, 0.12, 1, 0.40, 0.55],
    [0.00, 0.00, 0.00, 0.25, 1, 0.42, 0.15],
    [0.00, 0.00, 0.00, 0.22, 1, 0.42, 0.15],
  ]
}
