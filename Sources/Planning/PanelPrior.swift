/// What is believed of panels before anything was seen of these.
enum PanelPrior {
  static let knots = [0.0, 0.12, 0.25, 0.4, 0.55, 0.7, 0.85, 1.0]

  /// For each distance: the weights of five spans and of the usual clearness.
  static let weights: [[Double]] = [
    [0.85, 0.10, 0.05, 0.0, 0.0, 0.0], [0.7, 0.15, 0.1, 0.0, 0.0, 0.05],
    [0.5, 0.2, 0.15, 0.05, 0.0, 0.1], [0.25, 0.25, 0.25, 0.1, 0.0, 0.15],
    [0.1, 0.25, 0.3, 0.1, 0.05, 0.2], [0.05, 0.2, 0.3, 0.1, 0.1, 0.25],
    [0.0, 0.15, 0.3, 0.15, 0.1, 0.3], [0.0, 0.1, 0.3, 0.15, 0.15, 0.3],
    [0.0, 0.1, 0.1, 0.2, 0.1, 0.5], [0.0, 0.05, 0.1, 0.2, 0.15, 0.5],
    [0.0, 0.05, 0.1, 0.2, 0.15, 0.5], [0.0, 0.05, 0.05, 0.2, 0.2, 0.5],
    [0.0, 0.0, 0.05, 0.15, 0.2, 0.6], [0.0, 0.0, 0.0, 0.15, 0.2, 0.65],
  ]

  /// For each distance: how wide the 10 to 90 % of what comes is, for the middling estimates.
  static let widths = [
    0.1, 0.15, 0.2, 0.26, 0.3, 0.34, 0.36, 0.36, 0.36, 0.38, 0.4, 0.4, 0.4, 0.4,
  ]

  /// For each distance, dim then bright: the three quantiles at each knot.
  static var curves: [[Double]] { widths.flatMap { [curve(width: $0), curve(width: $0)] } }

  /// The three quantiles at each knot.
  static func curve(width: Double) -> [Double] {
    knots.flatMap { knot -> [Double] in
      let low = knot - 1.6 * width * knot
      let high = knot + 1.6 * width * max(1.15 - knot, 0.1) + 0.05
      return [max(low, 0), knot, high]
    }
  }

  /// For each distance: the weights of an estimate and of a weather service's.
  static let blends: [[Double]] = [
    [0.95, 0.05], [0.9, 0.1], [0.75, 0.25], [0.6, 0.4], [0.5, 0.5], [0.4, 0.6], [0.4, 0.6],
    [0.35, 0.65], [0.35, 0.65], [0.3, 0.7], [0.3, 0.7], [0.3, 0.7], [0.3, 0.7], [0.3, 0.7],
  ]

  static let blendWidths = [
    0.1, 0.15, 0.18, 0.2, 0.22, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.28, 0.3,
  ]
}
