import Quantities
import Sealing
import Sites

/// Expects tomorrow to be like yesterday, adapted by how today has gone so far.
///
/// Learns the mean PV and load of every slot on the node itself, offline, and keeps seven days. A
/// slot that wasn't known for at least half of the looks at it teaches nothing. Before there is a
/// yesterday, PV follows a plain bell of daylight scaled to what was seen in the last hour, and the
/// load stays at its recent mean; before anything was seen, both are unknown.
public struct SurplusForecast: Hashable, Sendable {
  /// The most slots remembered: seven days.
  public static let maximumSlots = 7 * Int(TimeSlot.slotsPerDay)
  /// How far ahead a plan looks: 48 hours.
  public static let horizon = 2 * Int(TimeSlot.slotsPerDay)

  public var localTime: LocalTime
  /// What a weather service expects, if one was asked.
  public var weather: WeatherOutlook?
  /// In order of time, each slot once.
  private var learned: [LearnedSlot] = []
  private var current: SlotMeans?

  public init(localTime: LocalTime) { self.localTime = localTime }

  /// Takes in one look at the house, `jobsPower` of whose load is its jobs'.
  ///
  /// Returns whether a slot ended and was learned: the moment to store `encoded`.
  public mutating func observe(
    _ site: SiteState, jobsPower: Power, at now: Instant
  ) -> Bool {
    let slot = TimeSlot(containing: now)
    var taught = false
    if let means = current, means.slot != slot {
      if let ended = means.learned, means.slot < slot { taught = learn(ended) }
      current = nil
    }
    var means = current ?? SlotMeans(slot: slot)
    means.observe(site, jobsPower: jobsPower)
    current = means
    return taught
  }

  /// Teaches the means of one whole slot.
  public mutating func observe(pv: Power, load: Power, over slot: TimeSlot) {
    _ = learn(LearnedSlot(slot: slot, pv: max(.zero, pv), load: max(.zero, load)))
  }

  /// What is expected of `count` slots from `first` on.
  public func predict(from first: TimeSlot, count: Int = horizon) -> [SlotForecast] {
    let today = recent(before: first, count: 8)
    let ratios = Ratios(today: today, yesterday: today.map { past(of: $0.slot, before: $0.slot) })
    let day = localTime.dayNumber(at: first.start)
    let bell = bellScale(before: first)
    let meanLoad = mean(of: today.map(\.load))
    return (0..<max(0, count)).map { offset in
      let slot = first.advanced(by: Int64(offset))
      if let past = past(of: slot, before: first) {
        let isToday = localTime.dayNumber(at: slot.start) == day
        let pv = isToday ? past.pv.scaled(by: ratios.pv, over: 1000) : past.pv
        let load = isToday ? past.load.scaled(by: ratios.load, over: 1000) : past.load
        return SlotForecast(
          slot: slot, pv: Self.spread(pv, low: 500, high: 1400),
          load: Self.spread(load, low: 700, high: 1500))
      }
      let pv = bell.map { $0.light.scaled(by: daylight(in: slot), over: $0.daylight) }
      return SlotForecast(
        slot: slot, pv: pv.map { Self.spread($0, low: 400, high: 1600) },
        load: meanLoad.map { Self.spread($0, low: 700, high: 1500) })
    }
  }
}

extension SurplusForecast {
  /// Today's course against yesterday's, in thousandths.
  private struct Ratios {
    let pv: Int64
    let load: Int64

    init(today: [LearnedSlot], yesterday: [LearnedSlot?]) {
      let pairs = zip(today, yesterday).compactMap { now, then in then.map { (now, $0) } }
      func ratio(_ power: (LearnedSlot) -> Power, _ limits: ClosedRange<Int64>) -> Int64 {
        let now = pairs.reduce(Power.zero) { $0 + power($1.0) }
        let then = pairs.reduce(Power.zero) { $0 + power($1.1) }
        guard then > .zero else { return 1000 }
        // Held first: dawn divides by nearly nothing.
        let bounded = min(now, then.scaled(by: limits.upperBound, over: 1000))
        let ratio = bounded.scaled(by: 1000, over: then.rawValue).rawValue
        return min(max(ratio, limits.lowerBound), limits.upperBound)
      }
      pv = ratio(\.pv, 250...4000)
      load = ratio(\.load, 500...2000)
    }
  }

  private static func spread(_ power: Power, low: Int64, high: Int64) -> PowerQuantiles {
    PowerQuantiles(
      low: power.scaled(by: low, over: 1000), middle: power,
      high: power.scaled(by: high, over: 1000))
  }

  private func mean(of powers: [Power]) -> Power? {
    powers.isEmpty ? nil : powers.reduce(.zero, +).scaled(by: 1, over: Int64(powers.count))
  }

  /// The latest slots learned within the six hours before `slot`.
  private func recent(before slot: TimeSlot, count: Int) -> [LearnedSlot] {
    let oldest = slot.advanced(by: -24)
    return Array(learned.filter { $0.slot >= oldest && $0.slot < slot }.suffix(count))
  }

  /// The latest slot of the same local time on an earlier day, learned before `first`.
  private func past(of slot: TimeSlot, before first: TimeSlot) -> LearnedSlot? {
    let offset = localTime.offset(at: slot.start)
    for days in 1...9 {
      let sameUTC = slot.advanced(by: -Int64(days) * TimeSlot.slotsPerDay)
      let shift = offset - localTime.offset(at: sameUTC.start)
      let same = TimeSlot(containing: sameUTC.start + shift)
      if same < first, let found = learnedSlot(same) { return found }
    }
    return nil
  }

  /// Daylight by local time alone, from 05:30 to 19:30, highest at 12:30; 0 to 176 400.
  private func daylight(in slot: TimeSlot) -> Int64 {
    let middle = slot.start + TimeSpan(milliseconds: TimeSlot.length.milliseconds / 2)
    let fromNoon = localTime.minuteOfDay(at: middle) - 750
    return max(0, 420 * 420 - fromNoon * fromNoon)
  }

  /// What the last hour's light was, and what the bell gives for it; nil without any.
  private func bellScale(before first: TimeSlot) -> (light: Power, daylight: Int64)? {
    let seen = learned.filter { $0.slot < first && daylight(in: $0.slot) > 0 }.suffix(4)
    let bell = seen.reduce(Int64(0)) { $0 + daylight(in: $1.slot) }
    guard bell > 0 else { return nil }
    return (seen.reduce(Power.zero) { $0 + $1.pv }, bell)
  }

  /// Where `slot` is or belongs in `learned`.
  private func position(of slot: TimeSlot) -> Int {
    var low = 0
    var high = learned.count
    while low < high {
      let middle = (low + high) / 2
      if learned[middle].slot < slot { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func learnedSlot(_ slot: TimeSlot) -> LearnedSlot? {
    let position = position(of: slot)
    guard position < learned.count, learned[position].slot == slot else { return nil }
    return learned[position]
  }

  /// Remembers a slot; a slot that is known already keeps its first means.
  private mutating func learn(_ new: LearnedSlot) -> Bool {
    guard learnedSlot(new.slot) == nil else { return false }
    learned.insert(new, at: position(of: new.slot))
    let oldest = (learned.last?.slot ?? new.slot).advanced(by: -Int64(Self.maximumSlots) + 1)
    learned.removeAll { $0.slot < oldest }
    return true
  }
}

extension SurplusForecast {
  /// What was learned, for the store: at most about 13 KiB.
  public var encoded: [UInt8] {
    let numbers = learned.flatMap { [$0.slot.index, $0.pv.rawValue, $0.load.rawValue] }
    return CBORValue.array([.integer(1), .array(numbers.map(CBORValue.integer))]).encoded
  }

  /// Takes up what was stored; throws `.unreadable` when the bytes aren't what `encoded` gives.
  public init(decoding bytes: [UInt8], localTime: LocalTime) throws(PlanningError) {
    self.init(localTime: localTime)
    let unreadable = PlanningError.unreadable(key: "forecast")
    guard let parts = (try? CBORValue(decoding: bytes))?.array, parts.count == 2,
      parts[0] == .integer(1), let numbers = parts[1].array?.map(\.integer),
      numbers.count % 3 == 0, numbers.count <= 3 * Self.maximumSlots
    else { throw unreadable }
    for start in stride(from: 0, to: numbers.count, by: 3) {
      guard let slot = numbers[start], let pv = numbers[start + 1], let load = numbers[start + 2],
        abs(slot) < 1_000_000_000, (0...magnitudeLimit).contains(pv),
        (0...magnitudeLimit).contains(load),
        learned.last.map({ $0.slot.index < slot }) ?? true
      else { throw unreadable }
      learned.append(
        LearnedSlot(
          slot: TimeSlot(index: slot), pv: Power(milliwatts: pv), load: Power(milliwatts: load)))
    }
  }
}
