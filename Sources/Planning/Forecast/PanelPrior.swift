/// What is believed of panels before anything was seen of these: means over a few roofs elsewhere.
enum PanelPrior {
  /// Of clearness: what a roof gives over what it gives under a clear sky.
  static let knots = [0.0, 0.12, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0]

  /// For each distance, those within the day first: the weights of five spans, the shortest first,
  /// and of the usual clearness of the hour.
  static let weights: [[Double]] = [
    [0.90, 0.05, 0.02, 0.00, 0.00, 0.03],
    [0.80, 0.05, 0.07, 0.00, 0.00, 0.08],
    [0.65, 0.08, 0.10, 0.00, 0.00, 0.17],
    [0.45, 0.10, 0.17, 0.00, 0.00, 0.28],
    [0.30, 0.13, 0.20, 0.00, 0.00, 0.37],
    [0.20, 0.12, 0.20, 0.03, 0.03, 0.42],
    [0.05, 0.12, 0.22, 0.10, 0.10, 0.41],
    [0.00, 0.10, 0.25, 0.12, 0.13, 0.40],
    [0.10, 0.10, 0.08, 0.05, 0.00, 0.65],
    [0.04, 0.10, 0.12, 0.00, 0.00, 0.72],
    [0.00, 0.08, 0.15, 0.00, 0.00, 0.76],
    [0.08, 0.04, 0.06, 0.00, 0.05, 0.76],
    [0.00, 0.03, 0.10, 0.00, 0.05, 0.81],
    [0.00, 0.02, 0.07, 0.00, 0.05, 0.85],
  ]

  /// For each distance: how far its quantiles are on the way from those of the next quarter of an
  /// hour to those of another day.
  static let doubts = [0.06, 0.2, 0.4, 0.7, 0.9, 1, 1, 1, 1, 1, 1, 1, 1, 1]

  /// For each distance and brightness: the three quantiles at each knot.
  static var curves: [[Double]] {
    doubts.flatMap { doubt in
      (0..<PanelForecast.brightnesses).map { _ in curve(doubt: doubt) }
    }
  }

  /// The three quantiles at each knot.
  static func curve(doubt: Double) -> [Double] {
    knots.flatMap { knot -> [Double] in
      let nearLow = 0.88 * knot
      let nearHigh = knot + 0.12
      let farLow = 0.03 + 0.1 * knot + 1.3 * max(0, knot - 0.7)
      let farHigh = 0.72 + 0.5 * knot
      let low = nearLow + doubt * (farLow - nearLow)
      let high = nearHigh + doubt * (farHigh - nearHigh)
      return [min(low, knot), knot, max(high, knot + 0.03)]
    }
  }

  /// For each distance: the weights of an estimate and of a weather service's.
  static let blends: [[Double]] = [
    [0.95, 0.05], [0.9, 0.1], [0.75, 0.25], [0.6, 0.4], [0.5, 0.5], [0.4, 0.6], [0.4, 0.6],
    [0.35, 0.65], [0.35, 0.65], [0.3, 0.7], [0.3, 0.7], [0.3, 0.7], [0.3, 0.7], [0.3, 0.7],
  ]

  static let blendDoubts = [
    0.05, 0.18, 0.3, 0.45, 0.5, 0.55, 0.55, 0.55, 0.55, 0.55, 0.6, 0.6, 0.65, 0.65,
  ]
}
