import Planning
import Quantities

/// How often the truth lay below what the station's forecast said it would with 10, 50 and 90 %.
///
/// Held against the record, and of the panels against what they could have given. A truth that is
/// just what was said counts half, and one that was said for certain not at all. Panels are scored
/// in daylight: at times of day at which they gave more than a hundredth of the record's most on
/// some day within ten of it.
public struct ForecastScore: Sendable {
  /// How far ahead: in slots, from the beginning of the slot that the forecast is made in.
  public static let horizons: [Int] = [1, 4, 12, 24, 48, 96, 144]
  static let daylightDays = 10

  /// What is scored.
  public enum Subject: String, CaseIterable, Sendable {
    case pv, load, surplus
  }

  /// Twice how many truths lay below each quantile, a tie counted once.
  public struct Count: Hashable, Sendable {
    public internal(set) var low = 0
    public internal(set) var middle = 0
    public internal(set) var high = 0
    public internal(set) var total = 0

    mutating func take(_ truth: Power, _ said: PowerQuantiles) {
      // Certain and true, as the dark before a late dawn: it says nothing of the quantiles.
      if said.low == said.high, truth == said.low { return }
      func twice(_ quantile: Power) -> Int { truth < quantile ? 2 : truth == quantile ? 1 : 0 }
      low += twice(said.low)
      middle += twice(said.middle)
      high += twice(said.high)
      total += 1
    }

    /// Shares below low, middle and high in thousandths; nil where nothing was scored.
    public var permille: (low: Int, middle: Int, high: Int)? {
      guard total > 0 else { return nil }
      return (500 * low / total, 500 * middle / total, 500 * high / total)
    }
  }

  /// For each quantity, in the order of its cases, a count for each horizon.
  public private(set) var counts: [[Count]]

  private let first: TimeSlot
  private let truth: [(load: Power, pv: Power)?]
  private let isDaylight: [Bool]
  private var scoredSlot: TimeSlot?

  init(_ record: HouseholdRecord) {
    let first = TimeSlot(containing: record.start)
    let last = TimeSlot(containing: record.end)
    truth = (first.index..<max(first.index, last.index)).map { index in
      let slot = TimeSlot(index: index)
      return record.means(from: slot.start, over: TimeSlot.length)
    }
    self.first = first
    isDaylight = Self.daylight(truth.map { $0?.pv })
    counts = Subject.allCases.map { _ in Self.horizons.map { _ in Count() } }
  }

  /// Which slots are daylight by the record itself.
  private static func daylight(_ pv: [Power?]) -> [Bool] {
    let perDay = Int(TimeSlot.slotsPerDay)
    let most = pv.compactMap { $0 }.max() ?? .zero
    let threshold = most.scaled(by: 1, over: 100)
    let shines = pv.map { $0.map { $0 > threshold } ?? false }
    return pv.indices.map { index in
      (-daylightDays...daylightDays).contains { days in
        let other = index + days * perDay
        return shines.indices.contains(other) && shines[other]
      }
    }
  }

  /// Scores what a plan was made from, once a slot.
  mutating func take(_ plan: Plan?, at now: Instant) {
    let slot = TimeSlot(containing: now)
    guard slot != scoredSlot, let plan, let begins = plan.slots.first?.slot, begins == slot else {
      return
    }
    scoredSlot = slot
    for (number, horizon) in Self.horizons.enumerated() where horizon < plan.slots.count {
      let index = Int(slot.index - first.index) + horizon
      guard truth.indices.contains(index), let truth = truth[index],
        let said = plan.slots[horizon].given?.forecast
      else { continue }
      if let pv = said.pv, isDaylight[index] { counts[0][number].take(truth.pv, pv) }
      if let load = said.load { counts[1][number].take(truth.load, load) }
      if let surplus = said.surplus { counts[2][number].take(truth.pv - truth.load, surplus) }
    }
  }
}
