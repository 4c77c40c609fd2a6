/// How clear the sky has been lately, over five spans: the last quarter of an hour to a month.
///
/// Clearness is what the panels gave over what they give under a clear sky. A span with little
/// light in it (dawn, night) leans on the next longer one.
struct ClearnessMemory: Hashable, Sendable {
  static let spans = 5
  /// What remains of each span's sums after a slot.
  private static let retained = [0.0, 0.8, 0.96, 0.993, 0.99976]
  /// How much light each span must hold to be believed, in slots of full light.
  private static let belief = [0.03, 0.2, 0.8, 6.0, 30.0]
  private static let usual = 0.6

  private var given = [Double](repeating: 0, count: spans)
  private var possible = [Double](repeating: 0, count: spans)
  /// By quarter of the day in UTC.
  private var hourGiven = [Double](repeating: 0, count: 96)
  private var hourPossible = [Double](repeating: 0, count: 96)

  mutating func pass() {
    for index in 0..<Self.spans {
      given[index] *= Self.retained[index]
      possible[index] *= Self.retained[index]
    }
  }

  /// Takes in what was given of what was possible, the latter against full light (1).
  mutating func take(given power: Double, possible full: Double, slotOfDay: Int) {
    for index in 0..<Self.spans {
      given[index] += power
      possible[index] += full
    }
    hourGiven[slotOfDay] = hourGiven[slotOfDay] * 0.967 + power
    hourPossible[slotOfDay] = hourPossible[slotOfDay] * 0.967 + full
  }

  /// The clearness of each span, the shortest first.
  var clearness: [Double] {
    var result = [Double](repeating: Self.usual, count: Self.spans)
    var longer = Self.usual
    for index in stride(from: Self.spans - 1, through: 0, by: -1) {
      let sum = given[index] + Self.belief[index] * longer
      longer = min(sum / (possible[index] + Self.belief[index]), 1.3)
      result[index] = longer
    }
    return result
  }

  /// The usual clearness at this time of day.
  func usual(at slotOfDay: Int, overall: Double) -> Double {
    var sum = 1.5 * overall
    var full = 1.5
    for offset in -3...3 {
      let index = (slotOfDay + offset + 96) % 96
      sum += hourGiven[index]
      full += hourPossible[index]
    }
    return min(sum / full, 1.3)
  }
}

extension ClearnessMemory: NumberStored {
  func store(in column: inout NumberColumn) {
    for row in [given, possible, hourGiven, hourPossible] { column.append(row) }
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    reader.fill(&given) && reader.fill(&possible) && reader.fill(&hourGiven)
      && reader.fill(&hourPossible)
  }
}
