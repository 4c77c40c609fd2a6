import Quantities

/// Tells an inverter that sleeps from one that is lost, and learns when it wakes.
///
/// An inverter that lives on its panels' power vanishes from the bus at dusk (goodwe #52,
/// solis_modbus #465). Its panels' power is then known to be nothing, but only under all of these
/// conditions, because unknown is never zero:
///
/// - The device gives panel power and nothing else that the house's balance needs.
/// - Its last words were that it sleeps, shuts down or is off; or it gave next to nothing (50 W,
///   or 2 % of its rating) between dusk and dawn. Dusk mirrors the earliest waking at midday, an
///   hour sooner; before any waking was seen, the night is from 18:00 to 06:00 local time.
/// - It is earlier than an hour before the earliest of its last seven wakings; before any waking
///   was seen, it is not yet three in the morning.
///
/// From then on its power is unknown. Two hours after the latest of these wakings, or 16 hours
/// after it fell asleep, it is lost. In the hours between, it is asked every 30 s at least.
struct SleepWatch: Hashable, Sendable {
  /// The longest wait between two questions around dawn.
  static let dawnCap = TimeSpan(seconds: 30)
  static let memory = 7
  static let longestNight = TimeSpan(minutes: 16 * 60)
  static let shortestNight = TimeSpan(minutes: 4 * 60)
  /// Minutes of the local day in which a device may be woken by the sun.
  static let mornings: Range<Int64> = 180..<720
  /// Minutes before the earliest waking from which on the sun may shine on it.
  static let minutesBefore: Int64 = 60
  /// Minutes after the latest waking from which on its silence is no sleep.
  static let minutesAfter: Int64 = 120
  static let minutesPerDay: Int64 = 1440

  /// Minutes of the local day at which it woke, the latest last.
  private(set) var wakings: [Int64] = []
  /// Since when it is asleep.
  private(set) var since: Instant?

  init() {}

  /// A watch that goes on from what was stored: since when it sleeps, 0 if it doesn't, and its
  /// wakings; nil for numbers that are none.
  init?(stored: some Collection<Int64>) {
    guard let since = stored.first, (0...magnitudeLimit).contains(since),
      stored.count <= Self.memory + 1,
      stored.dropFirst().allSatisfy(Self.mornings.contains)
    else { return nil }
    self.since = since == 0 ? nil : Instant(rawValue: since)
    wakings = Array(stored.dropFirst())
  }

  /// Where a sleeping device stands.
  enum Phase: Hashable, Sendable {
    case awake
    /// Its panels give nothing.
    case night
    /// It may wake at any moment: what its panels give is unknown.
    case dawn
    /// It should have woken.
    case late
  }

  /// Falls asleep if the last words allow it.
  mutating func lost(
    lastWords: DeviceReading?, ratedPower: Power?, at now: Instant, localTime: LocalTime
  ) -> Bool {
    guard since == nil, let lastWords, isGoodNight(lastWords, ratedPower, localTime) else {
      return false
    }
    since = lastWords.at
    if phase(at: now, localTime: localTime) == .late { since = nil }
    return since != nil
  }

  /// Answers again, or was given up; returns since when it slept.
  ///
  /// `learning` when it woke by itself: what the next dawn is told from.
  mutating func wake(at now: Instant, localTime: LocalTime, learning: Bool) -> Instant? {
    defer { since = nil }
    guard let since else { return nil }
    if learning { learn(wakingAt: now, after: since, localTime: localTime) }
    return since
  }

  /// Remembers a waking after hours of silence, if it was in the morning: a device that somebody
  /// has switched on again in the afternoon teaches nothing.
  @discardableResult
  mutating func learn(wakingAt now: Instant, after since: Instant, localTime: LocalTime) -> Bool {
    let minute = localTime.minuteOfDay(at: now)
    guard now.since(since) >= Self.shortestNight, Self.mornings.contains(minute) else {
      return false
    }
    wakings = (wakings + [minute]).suffix(Self.memory)
    return true
  }

  /// Whether it is about the time at which it has woken before, whatever became of it since.
  func isDawn(at now: Instant, localTime: LocalTime) -> Bool {
    dawn(after: now, localTime: localTime)?.contains(now) == true
  }

  /// Where a device that fell asleep stands now.
  func phase(at now: Instant, localTime: LocalTime) -> Phase {
    guard let since else { return .awake }
    let slept = now.since(since)
    guard slept <= Self.longestNight else { return .late }
    guard let dawn = dawn(after: since, localTime: localTime) else {
      return Self.mornings.contains(localTime.minuteOfDay(at: now)) ? .dawn : .night
    }
    if now < dawn.lowerBound { return .night }
    return now <= dawn.upperBound ? .dawn : .late
  }

  /// When it may wake the next time after `instant`; nil before any waking was seen.
  func dawn(after instant: Instant, localTime: LocalTime) -> ClosedRange<Instant>? {
    guard let earliest = wakings.min(), let latest = wakings.max() else { return nil }
    let day = Self.minutesPerDay
    let from = earliest - Self.minutesBefore
    // The first such dawn whose end is still to come.
    let minute = localTime.minuteOfDay(at: instant)
    let width = latest + Self.minutesAfter - from
    let passed = ((minute - from) % day + day) % day
    let until = passed <= width ? -passed : day - passed
    let begin = instant + TimeSpan(minutes: until)
    return begin...(begin + TimeSpan(minutes: max(0, width)))
  }

  private func isGoodNight(
    _ words: DeviceReading, _ ratedPower: Power?, _ localTime: LocalTime
  ) -> Bool {
    switch words.operatingState {
    case .sleeping, .shuttingDown, .off: return true
    case .starting, .producing, .throttled, .fault, .standby, nil: break
    }
    let nothing = max(Power(watts: 50), ratedPower?.scaled(by: 2, over: 100) ?? .zero)
    guard let power = words.pvPower, power.magnitude <= nothing else { return false }
    let minute = localTime.minuteOfDay(at: words.at)
    guard let earliest = wakings.min() else {
      return minute >= 18 * 60 || minute < 6 * 60
    }
    // Solar noon lies at or after midday by the clock nearly everywhere: dusk mirrors dawn there,
    // and an hour is allowed for zones that are drawn otherwise.
    let dusk = Self.minutesPerDay - earliest - Self.minutesBefore
    return minute >= min(dusk, 18 * 60) || minute < earliest
  }
}
