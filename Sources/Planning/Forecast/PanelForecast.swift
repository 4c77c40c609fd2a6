/// Expects of the panels what a clear sky would give them, times how clear it will be.
///
/// How clear is estimated from five spans of the past and the usual clearness of the hour, by a
/// regression of its own for each distance into the future, and its quantiles follow what came of
/// such estimates. Distances within a day whose light has begun are kept apart from those into a
/// day yet to dawn.
struct PanelForecast: Hashable, Sendable {
  static let today = HorizonScale(slots: [1, 2, 4, 8, 12, 20, 32, 48])
  static let ahead = HorizonScale(slots: [12, 32, 64, 96, 144, 192])
  /// Dim, dull and bright hours have quantiles of their own.
  static let brightnesses = 3
  /// How far quantiles move at first and at least, against how far apart they lie.
  private static let stride = 0.08
  private static let leastStride = 0.005
  /// The variance of clearness about its estimate in full light, times the slots of a day that
  /// depart together.
  private static let noise = 1.2

  typealias Row = RowHistory.Row

  var roof: RoofProfile
  var memory = ClearnessMemory()
  var regressions: [KalmanRegression]
  /// For each distance as many as there are brightnesses.
  var curves: [QuantileCurves]
  /// For each distance: how an estimate and a weather service's are blended, and what came of it.
  var blends: [KalmanRegression]
  var blendCurves: [QuantileCurves]
  var rows = RowHistory(width: ClearnessMemory.spans)
  /// Today's light so far, in slots of full light.
  var light = 0.0
  var day: Int64?
  var dayRows: [RoofSlot] = []
  /// What the brightest slot of a clear day gives.
  var full = 0.0

  init(roof: RoofProfile) {
    self.roof = roof
    regressions = PanelPrior.weights.map {
      KalmanRegression(weights: $0, priorVariance: 0.02, drift: 2e-6)
    }
    curves = PanelPrior.curves.map { QuantileCurves(knots: PanelPrior.knots, values: $0) }
    blends = PanelPrior.blends.map {
      KalmanRegression(weights: $0, priorVariance: 0.05, drift: 2e-6)
    }
    blendCurves = PanelPrior.blendDoubts.map {
      QuantileCurves(knots: PanelPrior.knots, values: PanelPrior.curve(doubt: $0))
    }
  }

  /// Which regressions serve a distance, and in what parts.
  func step(from row: Row, distance: Int, day: Int64) -> (index: Int, share: Double) {
    if row.hasLight, row.day == day {
      let (step, share) = Self.today.place(distance)
      return (step, share)
    }
    let (step, share) = Self.ahead.place(distance)
    return (step + Self.today.slots.count, share)
  }

  func estimate(_ row: Row, usual: Double, step: (index: Int, share: Double)) -> Double {
    func estimate(_ regression: KalmanRegression) -> Double {
      regression.estimate(row.features) + regression.weights[row.features.count] * usual
    }
    var value = estimate(regressions[step.index])
    if step.share > 0 { value += (estimate(regressions[step.index + 1]) - value) * step.share }
    return min(max(value, 0), 1.2)
  }

  private func brightness(of possible: Double) -> Int {
    possible < 0.1 * full ? 0 : (possible < 0.3 * full ? 1 : 2)
  }

  private func blend(
    _ value: Double, _ outlook: Double, step: (index: Int, share: Double)
  ) -> Double {
    var blend = blends[step.index].estimate([value, outlook])
    if step.share > 0 {
      blend += (blends[step.index + 1].estimate([value, outlook]) - blend) * step.share
    }
    return min(max(blend, 0), 1.2)
  }

  private func spread(
    _ row: Row, usual: Double, step: (index: Int, share: Double), brightness: Int,
    outlook: Double?
  ) -> Spread {
    var value = estimate(row, usual: usual, step: step)
    if let outlook { value = blend(value, outlook, step: step) }
    func quantiles(_ index: Int) -> Spread {
      outlook == nil
        ? curves[index * Self.brightnesses + brightness].quantiles(at: value)
        : blendCurves[index].quantiles(at: value)
    }
    var spread = quantiles(step.index)
    if step.share > 0 {
      let next = quantiles(step.index + 1)
      spread.low += (next.low - spread.low) * step.share
      spread.middle += (next.middle - spread.middle) * step.share
      spread.high += (next.high - spread.high) * step.share
    }
    spread.low = max(0, spread.low)
    spread.middle = max(spread.low, spread.middle)
    spread.high = max(spread.middle, spread.high)
    return spread
  }

  /// The spread of power in a slot, `clear` of which the model gives.
  func predict(slot: Int64, day: Int64, clear: Double, outlook: Double?) -> Spread? {
    let slotOfDay = Self.slotOfDay(slot)
    guard let gain = roof.gain(slotOfDay) else { return nil }
    let possible = clear * gain
    guard possible > 0 else { return Spread(low: 0, middle: 0, high: 0) }
    let row = rows.latest ?? Row(slot: slot - 96, features: memory.clearness)
    return predict(row, slot: slot, day: day, possible: possible, outlook: outlook)
  }

  func predict(
    _ row: Row, slot: Int64, day: Int64, possible: Double, outlook: Double?
  ) -> Spread {
    let usual = memory.usual(at: Self.slotOfDay(slot), overall: row.features[4])
    let distance = Int(min(max(slot - row.slot, 1), 1000))
    let step = step(from: row, distance: distance, day: day)
    var spread = spread(
      row, usual: usual, step: step, brightness: brightness(of: possible), outlook: outlook)
    spread.low *= possible
    spread.middle *= possible
    spread.high *= possible
    return spread
  }

  static func slotOfDay(_ slot: Int64) -> Int { Int(((slot % 96) + 96) % 96) }

  /// Takes leave of the day before, if this is another.
  mutating func begin(_ newDay: Int64) {
    guard day != newDay else { return }
    roof.learn(dayRows)
    dayRows.removeAll(keepingCapacity: true)
    day = newDay
    light = 0
  }

  /// Takes in a slot; `power` is nil where what the panels gave says nothing of the sun.
  ///
  /// `clear` is the model's clear sky of the slot, `brightest` the most it is on that day.
  /// - Parameter least: what held-back panels gave at least, where `power` is unknown for that
  ///   reason. It teaches nothing of the roof; of the day's sky it tells that it was at least so
  ///   bright, or as bright as was expected: else cloudy noons alone would be remembered.
  mutating func observe(
    _ power: Double?, least: Double?, slot: Int64, day newDay: Int64, clear: Double,
    brightest: Double, outlook: Double?
  ) {
    let passed = rows.latest.map { min(max(slot - $0.slot, 1), 96 * 30) } ?? 1
    for _ in 0..<passed { memory.pass() }
    begin(newDay)
    let slotOfDay = Self.slotOfDay(slot)
    if let power, clear > 0 {
      roof.glance(power: power, clear: clear, brightest: brightest)
      if let gain = roof.gain(slotOfDay), gain > 0 {
        let possible = clear * gain
        full = max(brightest * (roof.overall ?? 0), possible)
        learn(power, slot: slot, day: newDay, possible: possible, outlook: outlook)
        let share = possible / full
        let given = min(power / full, 1.5 * share)
        memory.take(given: given, possible: share, slotOfDay: slotOfDay)
        light += share
        dayRows.append(
          RoofSlot(slotOfDay: slotOfDay, power: power, clear: clear, expected: possible))
      }
    } else if let least, clear > 0, let gain = roof.gain(slotOfDay), gain > 0 {
      suppose(
        least, slot: slot, day: newDay, possible: clear * gain, clear: clear, outlook: outlook)
    }
    rows.append(
      Row(slot: slot, day: newDay, hasLight: light > 0.25, features: memory.clearness))
  }

  /// Goes on as if held-back panels had given what was expected, at least what they gave.
  private mutating func suppose(
    _ least: Double, slot: Int64, day: Int64, possible: Double, clear: Double, outlook: Double?
  ) {
    guard let expected = predict(slot: slot, day: day, clear: clear, outlook: outlook) else {
      return
    }
    let given = max(least, expected.middle + (expected.high - expected.middle) * 0.3)
    full = max(full, possible)
    learn(given, slot: slot, day: day, possible: possible, outlook: outlook)
    let share = possible / full
    let slotOfDay = Self.slotOfDay(slot)
    memory.take(given: min(given / full, 1.5 * share), possible: share, slotOfDay: slotOfDay)
    light += share
  }

  private mutating func learn(
    _ power: Double, slot: Int64, day: Int64, possible: Double, outlook: Double?
  ) {
    let share = possible / full
    guard share > 0.01 else { return }
    let outcome = min(power / possible, 2)
    let usualSlot = Self.slotOfDay(slot)
    let brightness = brightness(of: possible)
    for index in regressions.indices {
      let isToday = index < Self.today.slots.count
      let distance =
        isToday ? Self.today.slots[index] : Self.ahead.slots[index - Self.today.slots.count]
      guard let row = rows[slot - Int64(distance)] else { continue }
      guard isToday == (row.hasLight && row.day == day) else { continue }
      let usual = memory.usual(at: usualSlot, overall: row.features[4])
      let estimate = estimate(row, usual: usual, step: (index, 0))
      curves[index * Self.brightnesses + brightness].learn(
        estimate: estimate, outcome: outcome, step: Self.stride, floor: Self.leastStride)
      regressions[index].learn(
        row.features + [usual], outcome: outcome, noise: Self.noise / max(share, 0.05))
      guard let outlook else { continue }
      let blended = blend(estimate, outlook, step: (index, 0))
      blendCurves[index].learn(
        estimate: blended, outcome: outcome, step: Self.stride, floor: Self.leastStride)
      blends[index].learn(
        [estimate, outlook], outcome: outcome, noise: Self.noise / max(share, 0.05))
    }
  }
}

extension PanelForecast: NumberStored {
  func store(in column: inout NumberColumn) {
    roof.store(in: &column)
    memory.store(in: &column)
    for regression in regressions { regression.store(in: &column) }
    for curve in curves { curve.store(in: &column) }
    for blend in blends { blend.store(in: &column) }
    for curve in blendCurves { curve.store(in: &column) }
    rows.store(in: &column)
    column.append([light, full])
    column.append(day ?? -1)
    column.append(Int64(dayRows.count))
    for slot in dayRows { slot.store(in: &column) }
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    guard roof.restore(from: &reader), memory.restore(from: &reader) else { return false }
    for index in regressions.indices {
      guard regressions[index].restore(from: &reader) else { return false }
    }
    for index in curves.indices {
      guard curves[index].restore(from: &reader) else { return false }
    }
    for index in blends.indices {
      guard blends[index].restore(from: &reader) else { return false }
    }
    for index in blendCurves.indices {
      guard blendCurves[index].restore(from: &reader) else { return false }
    }
    guard rows.restore(from: &reader), reader.fill(&light), reader.fill(&full),
      let day = reader.whole(in: -1...1_000_000_000), let count = reader.whole(in: 0...96)
    else { return false }
    self.day = day < 0 ? nil : day
    dayRows = []
    for _ in 0..<count {
      var slot = RoofSlot(slotOfDay: 0, power: 0, clear: 0, expected: 0)
      guard slot.restore(from: &reader) else { return false }
      dayRows.append(slot)
    }
    return true
  }
}
