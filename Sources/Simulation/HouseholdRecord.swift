import Quantities

/// What a household drew and its panels could give, recorded interval by interval.
///
/// Powers are means of their interval; nil is unknown, never zero. The panels' is what they gave
/// with nothing holding them back.
public struct HouseholdRecord: Hashable, Sendable {
  /// The most intervals that are kept: ten years of minutes.
  public static let maximumIntervals = 5_300_000

  /// The beginning of the first interval.
  public let start: Instant
  /// How long each interval is, a minute to a day.
  public let step: TimeSpan
  /// What the household drew, ≥ 0.
  public let load: [Power?]
  /// What the panels gave, ≥ 0; as many as of `load`.
  public let pv: [Power?]

  /// A record of intervals that follow one another; traps where the two differ in count.
  public init(start: Instant, step: TimeSpan, load: [Power?], pv: [Power?]) {
    precondition(load.count == pv.count, "load and panels are recorded together")
    precondition((TimeSpan.minute...TimeSpan.day).contains(step), "a step of a minute to a day")
    self.start = start
    self.step = step
    self.load = load
    self.pv = pv
  }

  public var count: Int { load.count }

  /// The first instant after the last interval.
  public var end: Instant { begin(of: count) }

  /// When an interval begins.
  public func begin(of index: Int) -> Instant {
    start + TimeSpan(milliseconds: Int64(index) * step.milliseconds)
  }

  /// The interval that `instant` lies in; outside the record one that there isn't.
  public func index(at instant: Instant) -> Int {
    let since = instant.since(start).milliseconds
    return since < 0 ? -1 : Int(since / step.milliseconds)
  }

  /// Load and panels in an interval; nil unless both are known.
  public func known(_ index: Int) -> (load: Power, pv: Power)? {
    guard index >= 0, index < count, let load = load[index], let pv = pv[index] else { return nil }
    return (load, pv)
  }

  /// The part of it from `first` on and before `last`, to whole intervals.
  public func part(from first: Instant, to last: Instant) -> HouseholdRecord {
    let low = min(max(0, index(at: first + step - TimeSpan(milliseconds: 1))), count)
    let high = min(max(low, index(at: last)), count)
    return HouseholdRecord(
      start: begin(of: low), step: step, load: Array(load[low..<high]), pv: Array(pv[low..<high]))
  }

  /// The means of `span` from `instant` on; nil unless every part of it is known.
  public func means(from instant: Instant, over span: TimeSpan) -> (load: Power, pv: Power)? {
    let end = instant + span
    var at = instant
    var load: Int64 = 0
    var pv: Int64 = 0
    while at < end {
      let index = index(at: at)
      guard let known = known(index) else { return nil }
      let next = min(end, begin(of: index + 1))
      load += known.load.milliwatts * next.since(at).milliseconds
      pv += known.pv.milliwatts * next.since(at).milliseconds
      at = next
    }
    let length = span.milliseconds
    return (Power(milliwatts: load / length), Power(milliwatts: pv / length))
  }

  /// The UTC days, counted from 1970-01-01, that lie in the record as a whole and are known.
  public var wholeDays: [Int64] {
    let day = TimeSpan.day.milliseconds
    let first = (start.millisecondsSince1970 + day - 1) / day
    let last = end.millisecondsSince1970 / day
    guard first < last else { return [] }
    return (first..<last).filter { number in
      let begin = index(at: Instant(millisecondsSince1970: number * day))
      let last = index(at: Instant(millisecondsSince1970: (number + 1) * day - 1))
      return (begin...last).allSatisfy { known($0) != nil }
    }
  }
}
