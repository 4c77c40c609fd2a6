/// What this roof gives of a clear sky, for each quarter of the day in UTC.
///
/// The model's clear-sky value knows the season; the gain on top of it is what a clear hour at this
/// time of day gave lately: tilt, azimuth, size, dirt and shade together. Hours count by the square
/// of how clear the hours around them were.
struct RoofProfile: Hashable, Sendable {
  static let slots = 96
  private static let dailyDecay = 0.944
  private static let priorMass = 0.4
  private static let leastWeight = 1e-6

  private var gained: [Double]
  private var weight: [Double]
  private var overallGained = 0.0
  private var overallWeight = 0.0
  /// Whole days that taught it.
  private(set) var days = 0

  /// `gain` is what is expected before anything was seen, worth `power` in some clear hours.
  init(gain: Double? = nil, power: Double = 0) {
    gained = [Double](repeating: 0, count: Self.slots)
    weight = gained
    if let gain {
      overallWeight = power * power
      overallGained = gain * overallWeight
    }
  }

  /// The gain over all hours; nil before any light was seen.
  var overall: Double? { overallWeight > 0 ? overallGained / overallWeight : nil }

  func gain(_ slotOfDay: Int) -> Double? {
    guard let overall else { return nil }
    let sum = gained[slotOfDay] + Self.priorMass * overall
    return sum / (weight[slotOfDay] + Self.priorMass)
  }

  /// Takes in a quarter of an hour at once, so that a first day is good for something.
  mutating func glance(power: Double, clear: Double, brightest: Double) {
    guard clear > 0.05 * brightest else { return }
    overallGained += power * power * (power / clear)
    overallWeight += max(power * power, Self.leastWeight)
  }

  /// Expects nothing of a roof that showed none of its light by day or has no panels; any light
  /// outweighs it.
  mutating func expectNone() {
    if overallWeight == 0 { overallWeight = Self.leastWeight }
  }

  /// Keeps what the roof gives when the model says `new` where it said `old`, each by quarter of
  /// the day.
  mutating func rescale(from old: [Double], to new: [Double]) {
    for index in 0..<Self.slots {
      if old[index] > 0, new[index] > 0 {
        gained[index] *= min(max(old[index] / new[index], 0.1), 10)
      } else {
        gained[index] = 0
        weight[index] = 0
      }
    }
    let sum = new.reduce(0, +)
    if sum > 0 { overallGained *= old.reduce(0, +) / sum }
  }

  /// Takes in a day that is over.
  mutating func learn(_ day: [RoofSlot]) {
    guard let overall, overall > 0 else { return }
    for index in 0..<Self.slots {
      gained[index] *= Self.dailyDecay
      weight[index] *= Self.dailyDecay
    }
    overallGained *= Self.dailyDecay
    overallWeight *= Self.dailyDecay
    let brightest = day.reduce(0) { max($0, $1.clear) }
    guard brightest > 0 else { return }
    days = min(days + 1, 1000)
    for (index, slot) in day.enumerated() where slot.clear > 0.004 * brightest {
      let clearness = Self.clearness(around: index, in: day)
      guard clearness > 0.05 else { continue }
      let ratio = min(slot.power / slot.clear, overall * 8)
      for offset in -2...2 {
        let target = slot.slotOfDay + offset
        guard index + offset >= 0, index + offset < day.count else { continue }
        let other = day[index + offset]
        guard other.clear > 0.004 * brightest, other.slotOfDay == (target + Self.slots) % Self.slots
        else { continue }
        let nearness = offset == 0 ? 1 : (abs(offset) == 1 ? 0.35 : 0.1)
        let share = min(1, slot.clear / other.clear)
        let mass = nearness * share * share * clearness * clearness
        gained[other.slotOfDay] += mass * ratio
        weight[other.slotOfDay] += mass
      }
    }
  }

  /// How clear the two hours around were, against what the roof was known to give, 0 to 1.2.
  private static func clearness(around index: Int, in day: [RoofSlot]) -> Double {
    var power = 0.0
    var expected = 0.0
    for other in max(0, index - 6)...min(day.count - 1, index + 6) where other != index {
      power += day[other].power
      expected += day[other].expected
    }
    let own = day[index].expected > 0 ? day[index].power / day[index].expected : 0
    let around = expected > 0 ? power / expected : own
    return min(max(around, min(own, 1)), 1.2)
  }
}

/// A quarter of an hour of a day that is over.
struct RoofSlot: Hashable, Sendable {
  var slotOfDay: Int
  /// What the panels gave.
  var power: Double
  /// The model's clear sky.
  var clear: Double
  /// What the roof was expected to give of a clear sky.
  var expected: Double
}

extension RoofProfile: NumberStored {
  func store(in column: inout NumberColumn) {
    column.append(gained)
    column.append(weight)
    column.append([overallGained, overallWeight])
    column.append(Int64(days))
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    guard reader.fill(&gained), reader.fill(&weight), reader.fill(&overallGained),
      reader.fill(&overallWeight), let days = reader.whole(in: 0...1000)
    else { return false }
    self.days = Int(days)
    return true
  }
}

extension RoofSlot: NumberStored {
  func store(in column: inout NumberColumn) {
    column.append(Int64(slotOfDay))
    column.append([power, clear, expected])
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    guard let slotOfDay = reader.whole(in: 0...95), reader.fill(&power), reader.fill(&clear)
    else { return false }
    self.slotOfDay = Int(slotOfDay)
    return reader.fill(&expected)
  }
}
