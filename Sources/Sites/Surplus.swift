import Quantities

/// What a surplus wants done.
public enum SurplusAction: Hashable, Sendable {
  /// One line for the journal and the screen.
  case say(String)
}

/// How much power a house has to spare for jobs, with hysteresis.
///
/// Spare is what the panels give beyond the household without its jobs: −grid + battery + jobs.
/// Discharging counts against it. Below the reserve the battery comes first: what it could take is
/// not spare, whether a job or the battery takes it now.
public struct Surplus: Hashable, Sendable {
  /// Whether there is a surplus.
  public enum State: Hashable, Sendable {
    /// Something that is needed isn't known, since then.
    case unknown(since: Instant)
    /// No surplus; this much is spare (it may be negative).
    case none(Power)
    /// A surplus of this much at this moment, lasting since then.
    case spare(Power, since: Instant)

    /// What is spare at this moment, jobs' own draw included; nil when unknown.
    public var power: Power? {
      switch self {
      case .unknown: nil
      case .none(let power), .spare(let power, _): power
      }
    }
  }

  /// May be changed at any time; it holds from the next update.
  public var thresholds: SurplusThresholds
  public private(set) var state: State
  /// Whether there is at least this much to spare: the panels are held back, so what they give is
  /// less than what they could. Nothing is made of it but words: what isn't measured isn't spent.
  public private(set) var isLeast = false
  /// Since when the surplus lasts, kept over gaps in what is known.
  private var since: Instant?
  /// Since when the opposite of the present state has been measured without a break.
  private var turningSince: Instant?

  public init(thresholds: SurplusThresholds, at now: Instant) {
    self.thresholds = thresholds
    state = .unknown(since: now)
  }

  /// Takes in what is known of the house; `jobsPower` is what its running jobs draw of the load.
  public mutating func update(
    _ site: SiteState, jobsPower: Power, at now: Instant
  ) -> [SurplusAction] {
    let previous = state
    isLeast = if case .curtailed = site.curtailment { true } else { false }
    switch Self.spare(site, jobsPower: jobsPower, thresholds: thresholds) {
    case .missing(let what):
      turningSince = nil
      if case .unknown = previous { return [] }
      state = .unknown(since: now)
      return [.say("surplus unknown: no fresh \(what)")]
    case .known(let power):
      turn(power, at: now)
      state = since.map { .spare(power, since: $0) } ?? .none(power)
      return line(from: previous, power: power).map { [.say($0)] } ?? []
    }
  }

  /// What is spare by this look alone; nil when it can't be known.
  ///
  /// For showing: between two updates a device may be lost.
  public func power(in site: SiteState, jobsPower: Power) -> Power? {
    guard case .known(let power) = Self.spare(site, jobsPower: jobsPower, thresholds: thresholds)
    else { return nil }
    return power
  }

  private mutating func turn(_ power: Power, at now: Instant) {
    let turning = since == nil ? power >= thresholds.enter : power <= thresholds.exit
    guard turning else {
      turningSince = nil
      return
    }
    // A clock that was set back begins the wait anew, and does not stretch it.
    let began = min(turningSince ?? now, now)
    turningSince = began
    let wait = since == nil ? thresholds.enterAfter : thresholds.exitAfter
    guard now.since(began) >= wait else { return }
    since = since == nil ? now : nil
    turningSince = nil
  }

  private func line(from previous: State, power: Power) -> String? {
    switch (previous, state) {
    case (.spare, .none): "surplus gone: \(power.spareText)"
    case (.none, .spare): "surplus: \(power.text) spare"
    case (.unknown, .none):
      power >= thresholds.enter
        ? "surplus if it lasts: \(power.text) spare" : "no surplus: \(power.spareText)"
    case (.unknown, .spare): "surplus known: \(power.text) spare"
    default: nil
    }
  }
}

extension Surplus {
  /// What is spare by one look at the house, or what it takes to know.
  enum Look: Hashable {
    case known(Power)
    case missing(String)
  }

  static func spare(
    _ site: SiteState, jobsPower: Power, thresholds: SurplusThresholds
  ) -> Look {
    guard let grid = site.gridPower?.value else { return .missing("grid power") }
    guard site.hasBattery else { return .known(jobsPower - grid) }
    guard let battery = site.batteryPower?.value else { return .missing("battery power") }
    guard let charge = site.stateOfCharge?.value else { return .missing("state of charge") }
    let beyondHousehold = battery - grid + jobsPower
    if charge >= thresholds.reserve { return .known(beyondHousehold) }
    if let most = thresholds.maximumCharge {
      // Not below zero by the battery alone: what it can't get isn't drawn from anywhere.
      return .known(
        beyondHousehold > .zero ? max(.zero, beyondHousehold - most) : beyondHousehold)
    }
    // What the battery would take in place of the jobs isn't known, so only export is spare.
    return .known(min(beyondHousehold, min(.zero, battery) - grid))
  }
}
