import Quantities

/// What a clear sky gives, slot by slot, kept for the days that a forecast moves through.
///
/// Watts of the panels where it is known how they face, otherwise W/m² on level ground. A day is
/// computed at once, when the forecast first reaches it.
struct SkyCourse: Hashable, Sendable {
  private static let daysKept: Int64 = 6
  let place: Place
  let panels: [PanelArray]
  private let sky: ClearSky
  private var values: [Double]
  /// W/m² on level ground, which weather services speak of.
  private var levels: [Double]
  private var days: [Int64]

  init(place: Place, panels: [PanelArray]) {
    self.place = place
    self.panels = panels
    sky = ClearSky(at: place)
    values = [Double](repeating: 0, count: Int(Self.daysKept) * 96)
    levels = values
    days = [Int64](repeating: .min, count: Int(Self.daysKept))
  }

  /// Computes what isn't known yet of some slots.
  mutating func prepare(_ range: Range<Int64>) {
    let length = TimeSlot.slotsPerDay
    for day in Self.day(range.lowerBound)...Self.day(range.upperBound) {
      let index = Self.index(day)
      guard days[index] != day else { continue }
      days[index] = day
      let course = ClearSkyCourse(sky, from: TimeSlot(index: day * length), count: Int(length))
      let part = index * Int(length)..<(index + 1) * Int(length)
      let level = course.slots.map { Double(course.global(over: $0)?.rawValue ?? 0) / 1000 }
      levels.replaceSubrange(part, with: level)
      values.replaceSubrange(part, with: panels.isEmpty ? level : watts(course))
    }
  }

  /// The model's value for a slot, ≥ 0; computed anew where it wasn't prepared.
  func value(_ slot: Int64) -> Double {
    let day = Self.day(slot)
    let index = Self.index(day)
    if days[index] == day { return values[index * 96 + Int(slot - day * 96)] }
    var fresh = SkyCourse(place: place, panels: panels)
    fresh.prepare(slot..<slot)
    return fresh.value(slot)
  }

  /// The most of some slots.
  func brightest(_ range: Range<Int64>) -> Double { range.reduce(0) { max($0, value($1)) } }

  /// W/m² on level ground; nil where the slot wasn't prepared.
  func level(_ slot: Int64) -> Double? {
    let day = Self.day(slot)
    let index = Self.index(day)
    return days[index] == day ? levels[index * 96 + Int(slot - day * 96)] : nil
  }

  private func watts(_ course: ClearSkyCourse) -> [Double] {
    var sum = [Double](repeating: 0, count: course.count)
    for array in panels {
      for (index, power) in course.powers(of: array).enumerated() {
        sum[index] += Double(power.rawValue) / 1000
      }
    }
    return sum
  }

  private static func day(_ slot: Int64) -> Int64 {
    slot >= 0 ? slot / 96 : (slot - 95) / 96
  }

  private static func index(_ day: Int64) -> Int {
    Int(((day % daysKept) + daysKept) % daysKept)
  }
}
