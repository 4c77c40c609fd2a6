import Quantities

/// Runs the day's job like a relay on surplus: on when the panels have covered it for a minute, off
/// when they haven't for three, and at the last moment to its end, so that it is always in time.
///
/// It sees what an inverter shows: held-back panels look like little sun. In a gap of the record
/// nothing is surplus.
struct SurplusSwitch: BacktestStrategy {
  static let on = TimeSpan.minute
  static let off = TimeSpan(minutes: 3)

  private var job = 0
  private var isOn = false
  /// Since when it has been the other way round.
  private var turningSince: Instant?

  mutating func look(_ house: inout RecordedHouse, _ jobs: [BacktestJob]) -> (
    running: Int?, next: Instant
  ) {
    let now = house.now
    while job < jobs.count, jobs[job].remaining <= .zero { job += 1 }
    let minute = TimeSpan.minute.milliseconds
    let next = Instant(millisecondsSince1970: (now.rawValue / minute + 1) * minute)
    guard job < jobs.count, jobs[job].submitted <= now else {
      isOn = false
      turningSince = nil
      return (nil, next)
    }
    let flow = house.flow
    let surplus = flow.map { $0.pv - $0.household } ?? .zero
    turn(surplus >= jobs[job].power, at: now)
    let last = jobs[job].deadline - jobs[job].remaining
    if now >= last { return (job, next) }
    return (isOn ? job : nil, min(next, last))
  }

  private mutating func turn(_ covers: Bool, at now: Instant) {
    guard covers != isOn else {
      turningSince = nil
      return
    }
    let since = turningSince ?? now
    turningSince = since
    guard now.since(since) >= (isOn ? Self.off : Self.on) else { return }
    isOn.toggle()
    turningSince = nil
  }
}
