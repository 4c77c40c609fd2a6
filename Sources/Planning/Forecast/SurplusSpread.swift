/// How far surplus departs from median PV less median load, learned apart from the two.
///
/// Spreads combine in quadrature, as for independent quantities; what the truth is more or less
/// than that is followed for each distance, by day and by night.
struct SurplusSpread: Hashable, Sendable {
  static let scale = HouseholdForecast.scale

  /// For each distance, night then day: factors of the spread below and above, and a shift.
  private(set) var below: [Double]
  private(set) var above: [Double]
  private(set) var shift: [Double]

  init() {
    let count = Self.scale.slots.count * 2
    below = [Double](repeating: 1, count: count)
    above = below
    shift = [Double](repeating: 0, count: count)
  }

  /// The spread of surplus; a negative value is a lack.
  func combine(pv: Spread, load: Spread, distance: Int) -> Spread {
    let (step, share) = Self.scale.place(distance)
    let isDay = pv.high > 0
    guard isDay else {
      return Spread(low: -load.high, middle: -load.middle, high: -load.low)
    }
    var spread = combine(pv: pv, load: load, step: step)
    if share > 0 {
      let next = combine(pv: pv, load: load, step: step + 1)
      spread.low += (next.low - spread.low) * share
      spread.middle += (next.middle - spread.middle) * share
      spread.high += (next.high - spread.high) * share
    }
    return spread
  }

  func combine(pv: Spread, load: Spread, step: Int) -> Spread {
    let index = step * 2 + 1
    let lower = Self.quadrature(pv.middle - pv.low, load.high - load.middle)
    let upper = Self.quadrature(pv.high - pv.middle, load.middle - load.low)
    let middle = pv.middle - load.middle + shift[index] * (lower + upper) / 2
    return Spread(
      low: middle - below[index] * lower, middle: middle, high: middle + above[index] * upper)
  }

  mutating func learn(_ surplus: Double, pv: Spread, load: Spread, step: Int) {
    guard pv.high > 0 else { return }
    let index = step * 2 + 1
    let said = combine(pv: pv, load: load, step: step)
    let pace = 0.003
    below[index] += pace * ((surplus < said.low ? 1 : 0) - 0.1)
    above[index] += pace * ((surplus > said.high ? 1 : 0) - 0.1)
    shift[index] += pace * 0.5 * (0.5 - (surplus < said.middle ? 1 : 0))
    below[index] = min(max(below[index], 0.2), 3)
    above[index] = min(max(above[index], 0.2), 3)
    shift[index] = min(max(shift[index], -1), 1)
  }

  private static func quadrature(_ left: Double, _ right: Double) -> Double {
    (left * left + right * right).squareRoot()
  }
}

extension SurplusSpread: NumberStored {
  func store(in column: inout NumberColumn) {
    for row in [below, above, shift] { column.append(row) }
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    reader.fill(&below) && reader.fill(&above) && reader.fill(&shift)
  }
}
