/// Expects of the household what it is used to draw, adapted by how it departs from that lately.
struct HouseholdForecast: Hashable, Sendable {
  static let scale = HorizonScale(slots: [1, 2, 4, 8, 16, 32, 64, 96, 144, 192])
  typealias Row = RowHistory.Row

  var habits = LoadHabits()
  var regressions: [KalmanRegression]
  var curves: [QuantileCurves]
  var rows = RowHistory(width: LoadHabits.departures)

  init() {
    regressions = HouseholdPrior.weights.map {
      KalmanRegression(weights: $0, priorVariance: 0.05, drift: 5e-7)
    }
    curves = HouseholdPrior.widths.map {
      QuantileCurves(knots: HouseholdPrior.knots, values: HouseholdPrior.curve(width: $0))
    }
  }

  /// The features of a slot as seen from `row`.
  func features(
    _ row: Row, slotOfDay: Int, weekday: Int, distance: Int
  ) -> [Double] {
    let habit = habits.habit(
      slotOfDay: slotOfDay, weekday: weekday, dayOld: distance > 96)
    return row.features + [habit.slow, habit.week, habit.fast]
  }

  func predict(slot: Int64, slotOfDay: Int, weekday: Int) -> Spread? {
    guard let latest = rows.latest else { return nil }
    return predict(latest, slot: slot, slotOfDay: slotOfDay, weekday: weekday)
  }

  func predict(_ row: Row, slot: Int64, slotOfDay: Int, weekday: Int) -> Spread {
    let distance = Int(min(max(slot - row.slot, 1), 1000))
    let (step, share) = Self.scale.place(distance)
    let features = features(row, slotOfDay: slotOfDay, weekday: weekday, distance: distance)
    var spread = rootSpread(step, features)
    if share > 0 {
      let next = rootSpread(step + 1, features)
      spread.low += (next.low - spread.low) * share
      spread.middle += (next.middle - spread.middle) * share
      spread.high += (next.high - spread.high) * share
    }
    let low = max(0, spread.low)
    let middle = max(low, spread.middle)
    let high = max(middle, spread.high)
    return Spread(low: low * low, middle: middle * middle, high: high * high)
  }

  private func rootSpread(_ step: Int, _ features: [Double]) -> Spread {
    let deviation = habits.deviation
    let estimate = regressions[step].estimate(features)
    let relative = curves[step].quantiles(at: (estimate - habits.mean) / deviation)
    return Spread(
      low: estimate + relative.low * deviation, middle: estimate + relative.middle * deviation,
      high: estimate + relative.high * deviation)
  }

  mutating func observe(_ load: Double?, slot: Int64, slotOfDay: Int, weekday: Int) {
    let passed = rows.latest.map { min(max(slot - $0.slot, 1), 2000) } ?? 1
    for _ in 1..<max(passed, 1) { habits.pass() }
    guard let load else { return }
    let root = max(0, load).squareRoot()
    if habits.seen > 8 { learn(root, slot: slot, slotOfDay: slotOfDay, weekday: weekday) }
    habits.pass()
    habits.take(root, slotOfDay: slotOfDay, weekday: weekday)
    rows.append(Row(slot: slot, features: habits.departuresNow))
  }

  private mutating func learn(_ root: Double, slot: Int64, slotOfDay: Int, weekday: Int) {
    let deviation = habits.deviation
    for (index, distance) in Self.scale.slots.enumerated() {
      guard let row = rows[slot - Int64(distance)] else { continue }
      let features = features(row, slotOfDay: slotOfDay, weekday: weekday, distance: distance)
      let estimate = regressions[index].estimate(features)
      curves[index].learn(
        estimate: (estimate - habits.mean) / deviation, outcome: (root - estimate) / deviation,
        step: 0.1, floor: 0.01)
      let held = min(root, estimate + 3 * deviation)
      regressions[index].learn(features, outcome: held, noise: deviation * deviation * 40)
    }
  }
}

extension HouseholdForecast: NumberStored {
  func store(in column: inout NumberColumn) {
    habits.store(in: &column)
    for regression in regressions { regression.store(in: &column) }
    for curve in curves { curve.store(in: &column) }
    rows.store(in: &column)
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    guard habits.restore(from: &reader) else { return false }
    for index in regressions.indices {
      guard regressions[index].restore(from: &reader) else { return false }
    }
    for index in curves.indices {
      guard curves[index].restore(from: &reader) else { return false }
    }
    return rows.restore(from: &reader)
  }
}
