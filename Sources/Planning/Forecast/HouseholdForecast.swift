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

  func predict(slot: Int64, slotOfDay: Int, weekday: Int) -> Spread? {
    guard let latest = rows.latest else { return nil }
    return predict(latest, slot: slot, slotOfDay: slotOfDay, weekday: weekday)
  }

  func predict(_ row: Row, slot: Int64, slotOfDay: Int, weekday: Int) -> Spread {
    let distance = Int(min(max(slot - row.slot, 1), 1000))
    let (step, share) = Self.scale.place(distance)
    let habit = habits.habit(slotOfDay: slotOfDay, weekday: weekday, dayOld: distance > 96)
    var spread = rootSpread(step, row, habit)
    if share > 0 {
      let next = rootSpread(step + 1, row, habit)
      spread.low += (next.low - spread.low) * share
      spread.middle += (next.middle - spread.middle) * share
      spread.high += (next.high - spread.high) * share
    }
    let low = max(0, spread.low)
    let middle = max(low, spread.middle)
    let high = max(middle, spread.high)
    return Spread(low: low * low, middle: middle * middle, high: high * high)
  }

  private func rootSpread(
    _ step: Int, _ row: Row, _ habit: (slow: Double, week: Double, fast: Double)
  ) -> Spread {
    let deviation = habits.deviation
    let weights = regressions[step].weights
    let first = row.features.count
    var estimate = regressions[step].estimate(row.features) + weights[first] * habit.slow
    estimate += weights[first + 1] * habit.week
    estimate += weights[first + 2] * habit.fast
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
      let habit = habits.habit(slotOfDay: slotOfDay, weekday: weekday, dayOld: distance > 96)
      let features = row.features + [habit.slow, habit.week, habit.fast]
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
