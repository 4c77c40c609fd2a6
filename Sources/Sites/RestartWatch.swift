import Quantities

/// Follows the registers of one device from the moment at which one of them seemed to start over.
///
/// They live in one device: when one of them has started over, so have the others. One that stood
/// low shows nothing of it, because it soon counts past where it stood, or falls no further than a
/// dip. So it is remembered where each stood before, and what it has shown since; once the restart
/// is believed of one register, it is believed of each whose count may have flowed since then.
struct RestartWatch: Hashable, Sendable {
  /// One register, as if it had started over.
  private struct Course: Hashable, Sendable {
    let before: RegisterWatch.Series
    /// What it has shown last that may have flowed since `before`.
    var shown: Energy?
    /// The most power seen since then; nil once that was unknown.
    var power: Power? = .zero
  }

  /// In the order of `DeviceQuantity.totals`; nil for a register that nothing was believed of.
  private var courses: [Course?]

  /// - Parameter before: where each register stood at the reading before the first doubt.
  init(before: [RegisterWatch.Series?]) {
    courses = before.map { series in series.map { Course(before: $0) } }
  }

  /// Takes what the register at `index` shows: `power` is what may have moved it since the reading
  /// before.
  mutating func take(
    _ raw: Energy, at: Instant, index: Int, power: Power?, largest: Power, step: Energy
  ) {
    guard var course = courses[index] else { return }
    course.power = power.flatMap { now in course.power.map { max(now, $0) } }
    let house = min(largest, RegisterWatch.usualLargest)
    // Powers are seen now and then, and may have been higher between.
    let most = min(house, course.power.map { $0 + $0 } ?? house)
    let gap = min(max(.zero, at.since(course.before.at)), RegisterWatch.renewalSpan)
    let isLikely = raw <= RegisterWatch.reach(of: most, over: gap, step: step)
    if isLikely { course.shown = raw }
    // What is too much at first sight did not begin at zero. Later it is a torn value.
    courses[index] = course.shown == nil ? nil : course
  }

  /// Where the register at `index` stood before and what it has shown since, if that tells of a
  /// restart.
  func restart(_ index: Int) -> (before: RegisterWatch.Series, shown: Energy)? {
    guard let course = courses[index], let shown = course.shown else { return nil }
    return (course.before, shown)
  }
}
