/// What a household usually draws by the clock on the wall, and how it departs from it lately.
///
/// In square roots of watts, which makes a kettle and a night comparable.
struct LoadHabits: Hashable, Sendable {
  static let departures = 4
  private static let retained = [0.0, 0.75, 0.94, 0.99]

  /// By quarter of the day: slow (weeks), fast (days), and both as they were a day before.
  private var slow = [Double](repeating: 0, count: 96)
  private var fast = [Double](repeating: 0, count: 96)
  private var fastBefore = [Double](repeating: 0, count: 96)
  private var days = [Double](repeating: 0, count: 96)
  /// By half hour of the week: departures from `slow`.
  private var week = [Double](repeating: 0, count: 336)
  private var departure = [Double](repeating: 0, count: departures)
  private(set) var mean = 0.0
  private(set) var variance = 0.0
  private(set) var seen = 0.0

  var isEmpty: Bool { seen == 0 }
  var deviation: Double { max(variance.squareRoot(), 0.15 * mean, 0.5) }

  /// How the last quarter, hour, four hours and day departed from habit.
  var departuresNow: [Double] { departure }

  private func level(_ values: [Double], _ slot: Int) -> Double {
    var sum = 0.0
    var mass = 0.0
    for offset in -1...1 {
      let index = (slot + offset + 96) % 96
      let part = days[index] * (offset == 0 ? 1 : 0.5)
      sum += values[index] * part
      mass += part
    }
    return (sum + 0.3 * mean) / (mass + 0.3)
  }

  /// What habit says of a local quarter of a day in the week: slow, week's and fast departures.
  func habit(
    slotOfDay: Int, weekday: Int, dayOld: Bool
  ) -> (slow: Double, week: Double, fast: Double) {
    let base = level(slow, slotOfDay)
    let recent = level(dayOld ? fastBefore : fast, slotOfDay)
    return (base, week[weekday * 48 + slotOfDay / 2], recent - base)
  }

  mutating func pass() {
    for index in 0..<Self.departures { departure[index] *= Self.retained[index] }
  }

  mutating func take(_ root: Double, slotOfDay: Int, weekday: Int) {
    seen = min(seen + 1, 2000)
    let pace = max(1 / seen, 0.0007)
    if seen == 1 { mean = root }
    let error = root - mean
    mean += pace * error
    variance += pace * (error * error * (1 - pace) - variance)
    let usual = habit(slotOfDay: slotOfDay, weekday: weekday, dayOld: false)
    let deviation = root - usual.slow - usual.week
    for index in 0..<Self.departures {
      departure[index] += (1 - Self.retained[index]) * deviation
    }
    week[weekday * 48 + slotOfDay / 2] += 0.05 * (root - usual.slow - usual.week)
    let count = days[slotOfDay]
    fastBefore[slotOfDay] = fast[slotOfDay]
    slow[slotOfDay] += max(1 / (count + 1), 0.03) * (root - slow[slotOfDay])
    fast[slotOfDay] += max(1 / (count + 1), 0.3) * (root - fast[slotOfDay])
    if count == 0 { fastBefore[slotOfDay] = root }
    days[slotOfDay] = min(count + 1, 50)
  }
}

extension LoadHabits: NumberStored {
  func store(in column: inout NumberColumn) {
    for row in [slow, fast, fastBefore, days, week, departure] { column.append(row) }
    column.append([mean, variance, seen])
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    guard reader.fill(&slow), reader.fill(&fast), reader.fill(&fastBefore), reader.fill(&days),
      reader.fill(&week), reader.fill(&departure)
    else { return false }
    return reader.fill(&mean) && reader.fill(&variance) && reader.fill(&seen)
  }
}
