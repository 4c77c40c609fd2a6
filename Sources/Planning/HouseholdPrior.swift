/// What is believed of a household before anything was seen of this one.
enum HouseholdPrior {
  /// In deviations from the mean.
  static let knots = [-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0]
  static let values: [Double] = knots.flatMap { knot -> [Double] in
    let width = 0.45 + 0.25 * (knot + 1.5) / 2
    return [-width, -0.1 * width, 1.6 * width]
  }

  /// For each distance: four departures, then slow habit, the week's and the latest days'.
  static let weights: [[Double]] = [
    [0.5, 0.25, 0.1, 0.0, 1, 0.2, 0.2], [0.35, 0.3, 0.1, 0.05, 1, 0.2, 0.2],
    [0.2, 0.3, 0.15, 0.1, 1, 0.2, 0.25], [0.1, 0.2, 0.2, 0.1, 1, 0.2, 0.25],
    [0.05, 0.1, 0.15, 0.2, 1, 0.2, 0.3], [0.0, 0.05, 0.1, 0.3, 1, 0.2, 0.3],
    [0.0, 0.0, 0.1, 0.3, 1, 0.2, 0.3], [0.0, 0.0, 0.1, 0.3, 1, 0.2, 0.3],
    [0.0, 0.0, 0.05, 0.3, 1, 0.2, 0.25], [0.0, 0.0, 0.05, 0.3, 1, 0.2, 0.25],
  ]
}
