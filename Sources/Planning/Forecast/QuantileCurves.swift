/// The 10, 50 and 90 % quantiles of an outcome as curves over what a point estimate says.
///
/// Each curve is a broken line whose knots follow the outcomes: an outcome below the 10 % curve
/// pulls it down by nine parts, one above pushes it up by one, so in the long run one in ten lies
/// below, whatever the estimate is worth.
struct QuantileCurves: Hashable, Sendable {
  static let levels = [0.1, 0.5, 0.9]
  private static let narrowest = 0.1
  /// Where the knots are, rising.
  let knots: [Double]
  /// For each knot three values.
  private(set) var values: [Double]
  /// How much each knot has seen.
  private var seen: [Double]

  init(knots: [Double], values: [Double]) {
    self.knots = knots
    self.values = values
    seen = [Double](repeating: 0, count: knots.count)
  }

  /// The knot below `estimate` and how far it is on the way to the next, 0 to 1.
  private func place(_ estimate: Double) -> (knot: Int, share: Double) {
    var knot = 0
    while knot < knots.count - 2, estimate >= knots[knot + 1] { knot += 1 }
    let share = (estimate - knots[knot]) / (knots[knot + 1] - knots[knot])
    return (knot, min(max(share, 0), 1))
  }

  func quantiles(at estimate: Double) -> Spread {
    let (knot, share) = place(estimate)
    let at = knot * 3
    func value(_ level: Int) -> Double {
      values[at + level] + (values[at + 3 + level] - values[at + level]) * share
    }
    return Spread(low: value(0), middle: value(1), high: value(2))
  }

  /// Moves the curves by an outcome; `step` is the largest move of a fresh knot and
  /// `floor` that of one that has seen much, against how far apart its quantiles lie.
  mutating func learn(estimate: Double, outcome: Double, step: Double, floor: Double) {
    let now = quantiles(at: estimate)
    let (knot, share) = place(estimate)
    let given = [now.low, now.middle, now.high]
    for (index, part) in [(knot, 1 - share), (knot + 1, share)] where part > 0 {
      // The wider the outcomes lie, the longer the strides.
      let width = max(values[index * 3 + 2] - values[index * 3], Self.narrowest)
      let pace = width * max(floor, step / (1 + seen[index] / 40))
      seen[index] = min(seen[index] + part, 10_000)
      for level in 0..<3 {
        let direction = outcome < given[level] ? Self.levels[level] - 1 : Self.levels[level]
        values[index * 3 + level] += pace * part * direction
      }
    }
  }
}

/// Three quantiles as plain numbers.
struct Spread: Hashable, Sendable {
  var low: Double
  var middle: Double
  var high: Double
}

extension QuantileCurves: NumberStored {
  func store(in column: inout NumberColumn) {
    column.append(values)
    column.append(seen)
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    reader.fill(&values) && reader.fill(&seen)
  }
}
