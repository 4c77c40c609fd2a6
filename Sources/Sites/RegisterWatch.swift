import Quantities

/// Follows one cumulative register of a device and makes of it a total that only grows.
///
/// Real registers dip by a count, start over after a reboot, are read torn between two halves, and
/// belong to meters that get changed. The total takes what the register moved, never what it
/// stands at:
///
/// - *Growth* that the device's own power can bring about in half a minute is taken at once. What
///   is more, or comes after a gap, is taken when the next reading bears it out, because a torn
///   value could hide in it.
/// - *A dip* of at most `dipCounts` steps, or back to before a growth that was seen once, keeps the
///   total. Where so little is left that the register may have begun at zero meanwhile, only one
///   step is a dip.
/// - Anything else is held in doubt and changes nothing until `confirmations` readings in a row,
///   over `confirmationSpan` or more, go on from it as a register would. Where a register fell, two
///   that do so are not ended by its growing past where it stood: a reading counts for the course
///   that it is nearer to. Then the register has started over or its meter was changed: the total
///   goes on from where it was, by an offset. A register that started over has counted from zero,
///   so what it shows at first has flowed, if the gap explains it. Of another meter, what flowed
///   between the last believed reading and the first of the new series is not known and not
///   counted: less than what flowed, never more.
/// - A register that comes back to where it stood before (a device that said zero while it booted)
///   is taken up there, so nothing is lost.
///
/// Sources: sunsynk #398 (65 535 kW from halves of two values), Growatt_ModbusTCP #417 (dips of
/// one count, resets), Sigenergy #313 (187 kWh out of nothing).
struct RegisterWatch: Hashable, Sendable {
  /// A drop of so many steps of the register is a dip.
  static let dipCounts: Int64 = 3
  /// The step taken of a register whose step nobody knows: the coarsest that is common.
  static let assumedStep = Energy(wattHours: 100)
  /// Readings in a row that make a register's new beginning believed, and for how long at least.
  static let confirmations = 4
  static let confirmationSpan = TimeSpan.minute
  /// Growth beyond what this span can bring waits for a second reading.
  static let directSpan = TimeSpan(seconds: 30)
  /// Some devices renew their registers only so often.
  static let renewalSpan = TimeSpan(minutes: 15)
  /// More than this no register counts from zero: then it is another meter's.
  static let usualLargest = Power(watts: 20_000)
  /// No gap explains more than this does.
  static let longestGap = TimeSpan(milliseconds: 30 * TimeSpan.day.milliseconds)
  /// A register comes back to where it stood within this span or not at all.
  static let returnSpan = TimeSpan.day
  /// Readings are not as even as the clock: this much of the largest power is always allowed.
  static let jitter = TimeSpan(seconds: 5)
  /// A line about the same thing is said at most this often.
  static let lineInterval = TimeSpan.day

  /// A register's course from one beginning on.
  struct Series: Hashable, Sendable {
    /// Where the register stood at most, by its own count.
    var raw: Energy
    /// When that was last borne out.
    var at: Instant
    /// Since when it stands there.
    var movedAt: Instant
    /// What the total is beyond the register.
    var offset: Energy

    var total: Energy { raw + offset }
  }

  /// Readings that contradict what is believed.
  private struct Doubt: Hashable, Sendable {
    var first: Energy
    var since: Instant
    var last: Energy
    var lastAt: Instant
    var count: Int
    var isSaid = false
  }

  /// Something worth a line.
  enum Note: Hashable, Sendable {
    case dipped(kept: Energy)
    /// `fromZero` where it is the same register still, and not another meter's.
    case startedOver(at: Energy, total: Energy, fromZero: Bool)
    case jumped(to: Energy, total: Energy)
    case cameBack(to: Energy)
    case doubted(Energy)
  }

  /// What the total follows.
  private(set) var series: Series?
  /// What it followed before, in case the register comes back to it.
  private(set) var earlier: Series?
  /// Whether it should be stored now: its offset changed, or a doubt began that might end so after
  /// a restart.
  var isDue = false
  private var doubt: Doubt?
  /// The greatest common divisor of all counts seen, in mWh: the step of a register whose device
  /// doesn't say it.
  private var grain: Int64 = 0
  /// Where the register stood before it last grew, and since when.
  private var beforeGrowth: Series?
  private var dipSaidAt = Instant.distantPast
  private var doubtSaidAt = Instant.distantPast

  init() {}

  /// A watch that goes on from what an earlier run stored.
  init(series: Series, earlier: Series?) {
    self.series = series
    self.earlier = earlier
  }

  /// The total and when it was last borne out; nil before anything was believed.
  var value: Measured<Energy>? { series.map { Measured($0.total, at: $0.at) } }

  /// Takes a reading of the register.
  ///
  /// `step` is the register's, nil if unknown; `largest` the most power that the device is believed
  /// to pass; a doubt that lasts longer than `patience` is said. A register that is first seen when
  /// its device is long known `isLate`: its total begins at nothing, or the house's would jump.
  /// `power` is the most that the device itself says flows this way, now and at the reading before,
  /// nil if unknown: growth by more than twice as much waits for a second reading.
  mutating func take(
    _ raw: Energy, at: Instant, step: Energy?, largest: Power, patience: TimeSpan,
    isLate: Bool = false, power: Power? = nil
  ) -> Note? {
    grain = Self.commonDivisor(grain, raw.milliwattHours)
    let step = self.step(step)
    if let known = series, !goesOnFromFall(raw, known, at: at, power: power) {
      // Powers are seen now and then, and may have been higher between.
      let flows = power.map { min(largest, $0 + $0) }
      let most = flows ?? min(largest, Self.usualLargest)
      switch takeNear(raw, known, at: at, step: step, most: most, flows: flows) {
      case .taken(let note): return note
      case .contradicts: break
      }
    }
    // Where the power is known, a jump that no house brings about belongs to another course.
    let usual = power.map { max($0 + $0, Self.usualLargest) } ?? largest
    let reach = Self.reach(
      of: min(largest, usual), over: at.since(doubt?.lastAt ?? at), step: step)
    if var going = doubt, raw >= going.last, raw - going.last <= reach {
      going.last = raw
      going.lastAt = at
      going.count += 1
      doubt = going
    } else {
      if doubt == nil { isDue = series != nil }
      doubt = Doubt(first: raw, since: at, last: raw, lastAt: at, count: 1)
    }
    guard series == nil else {
      return settle(at: at, step: step, largest: largest, patience: patience)
    }
    // The first reading ever is believed when the second goes on from it.
    if let doubt, doubt.count >= 2 {
      let offset = isLate ? -doubt.first : .zero
      take(
        raw, at: at, into: Series(raw: doubt.first, at: at, movedAt: at, offset: offset))
    }
    return nil
  }

  /// What one count of it is worth, as far as is known.
  func step(_ stated: Energy?) -> Energy {
    let grained = min(Self.assumedStep, Energy(milliwattHours: max(grain, 1)))
    return max(stated ?? grained, Energy(milliwattHours: 1))
  }

  /// Whether readings contradict what is believed.
  var isInDoubt: Bool { doubt != nil }

  /// Whether they do so by showing less.
  var hasFallen: Bool {
    guard let doubt, let series else { return false }
    return doubt.first < series.raw
  }

  /// Starts over because another register of its device did: what it has `shown` since it stood
  /// where `before` says has flowed. Nothing to do where it has noticed by itself.
  mutating func startOver(after before: Series, shown: Energy, at: Instant) -> Note? {
    guard let known = series, known.offset == before.offset, before.raw > .zero else { return nil }
    isDue = true
    beforeGrowth = nil
    doubt = nil
    earlier = before
    let offset = max(before.total, known.total - shown)
    series = Series(raw: shown, at: at, movedAt: at, offset: offset)
    return .startedOver(at: shown, total: before.total, fromZero: true)
  }

  /// Whether a reading goes on from readings in doubt that had fallen, rather than from what is
  /// believed: it stands nearer to where `power` has brought them by now.
  private func goesOnFromFall(
    _ raw: Energy, _ known: Series, at: Instant, power: Power?
  ) -> Bool {
    guard let doubt, doubt.count >= 2, doubt.first < known.raw, raw >= doubt.last else {
      return false
    }
    func distance(_ stood: Energy, _ then: Instant) -> Energy {
      let flowed = (power ?? .zero).energy(over: max(.zero, at.since(then)))
      return (raw - stood - flowed).magnitude
    }
    let believed = [known, beforeGrowth].compactMap { $0 }.map { distance($0.raw, known.at) }
    return believed.allSatisfy { distance(doubt.last, doubt.lastAt) < $0 }
  }

  /// Whether a reading goes with what is believed.
  private enum Fit {
    case taken(Note?)
    case contradicts
  }

  /// Takes a reading that is the register's plain growth, brought about by `most`, or a dip;
  /// `flows` is what is known to flow.
  private mutating func takeNear(
    _ raw: Energy, _ known: Series, at: Instant, step: Energy, most: Power, flows: Power?
  ) -> Fit {
    let gap = max(.zero, at.since(known.at))
    if raw < known.raw {
      // No more than has flowed since: it may have begun at zero meanwhile.
      let isLow = raw <= (flows ?? .zero).energy(over: gap) + step
      let counts = isLow ? 1 : Self.dipCounts
      let tolerance = Energy(milliwattHours: step.milliwattHours * counts)
      // Back to where it stood before its latest growth: that was half of another moment. The total
      // stays, and the register catches up with it.
      let earlier = beforeGrowth.flatMap { raw >= $0.raw ? $0 : nil }
      guard known.raw - raw <= tolerance || earlier != nil else { return .contradicts }
      series?.at = at
      if let earlier { series?.movedAt = earlier.movedAt }
      doubt = nil
      guard at.since(dipSaidAt).magnitude >= Self.lineInterval else { return .taken(nil) }
      dipSaidAt = at
      return .taken(.dipped(kept: known.total))
    }
    // What a register kept back while it stood still is taken when a second reading bears it out:
    // halves of two moments may look like it.
    let span = min(gap, Self.directSpan)
    guard raw - known.raw <= Self.reach(of: most, over: span, step: step) else {
      return .contradicts
    }
    take(raw, at: at, into: known)
    return .taken(nil)
  }

  private mutating func take(_ raw: Energy, at: Instant, into known: Series) {
    if raw > known.raw {
      beforeGrowth = known
    } else if known.movedAt == known.at {
      // Shown twice running, it is no half of another moment.
      beforeGrowth = nil
    }
    let movedAt = raw > known.raw ? at : min(known.movedAt, at)
    series = Series(raw: raw, at: at, movedAt: movedAt, offset: known.offset)
    doubt = nil
  }

  /// Ends the doubt if there is reason enough.
  private mutating func settle(
    at: Instant, step: Energy, largest: Power, patience: TimeSpan
  ) -> Note? {
    guard let doubt, let known = series else { return nil }
    let growth = doubt.first - known.raw
    // A clock that was set back says nothing of how long it was.
    let span =
      doubt.since < known.at
      ? Self.longestGap : Self.explained(known, after: beforeGrowth, at: doubt.since)
    if growth >= .zero, growth <= Self.reach(of: largest, over: span, step: step) {
      if doubt.count >= 2 { take(doubt.last, at: at, into: known) }
      return nil
    }
    if doubt.count >= Self.confirmations, at.since(doubt.since) >= Self.confirmationSpan {
      return begin(doubt, after: known, at: at, step: step, largest: largest)
    }
    guard !doubt.isSaid, at.since(doubt.since) >= patience,
      at.since(doubtSaidAt).magnitude >= Self.lineInterval
    else { return nil }
    self.doubt?.isSaid = true
    doubtSaidAt = at
    return .doubted(doubt.last)
  }

  /// The register goes on elsewhere: so does the total, without a step.
  private mutating func begin(
    _ doubt: Doubt, after known: Series, at: Instant, step: Energy, largest: Power
  ) -> Note {
    isDue = true
    beforeGrowth = nil
    if let before = earlier, doubt.since.since(before.at) <= Self.returnSpan {
      let growth = doubt.first - before.raw
      let reach = Self.reach(of: largest, over: Self.explained(before, at: doubt.since), step: step)
      if growth >= .zero, growth <= reach {
        earlier = nil
        let offset = max(before.offset, known.total - doubt.first)
        take(
          doubt.last, at: at, into: Series(raw: doubt.first, at: at, movedAt: at, offset: offset))
        return .cameBack(to: doubt.last)
      }
    }
    earlier = known
    // A count that the gap explains began at zero, and it flowed; any other is of another meter.
    let span = min(max(.zero, doubt.since.since(known.at)), Self.renewalSpan)
    let house = min(largest, Self.usualLargest)
    let isOwn =
      doubt.first < known.raw && doubt.first <= Self.reach(of: house, over: span, step: step)
    let offset = isOwn ? known.total : known.total - doubt.first
    take(
      doubt.last, at: at,
      into: Series(raw: doubt.first, at: at, movedAt: at, offset: offset))
    return doubt.first < known.raw
      ? .startedOver(at: doubt.first, total: known.total, fromZero: isOwn)
      : .jumped(to: doubt.first, total: known.total)
  }

  /// How long the register may have moved unseen by `at`: the gap, and what a device that renews
  /// its registers rarely may have kept back. A growth that was seen once, after it stood as
  /// `before` says, may have been a torn value and does not end its standing still.
  private static func explained(
    _ known: Series, after before: Series? = nil, at: Instant
  ) -> TimeSpan {
    let gap = max(.zero, at.since(known.at))
    let movedAt = known.movedAt == known.at ? before?.movedAt ?? known.at : known.movedAt
    let stillness = max(.zero, known.at.since(movedAt))
    return min(gap + min(stillness, renewalSpan), longestGap)
  }

  private static func commonDivisor(_ left: Int64, _ right: Int64) -> Int64 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
  }

  /// The most that a register moves in `span`, two steps of its own among it.
  static func reach(of largest: Power, over span: TimeSpan, step: Energy) -> Energy {
    largest.energy(over: max(.zero, span) + jitter)
      + Energy(milliwattHours: 2 * step.milliwattHours)
  }
}
