import Quantities

/// Whether a house's panels are held back from what the sun would give.
///
/// A throttled roof shows no surplus while the sun is wasted: what is measured then says nothing of
/// what the sun could do.
public enum Curtailment: Hashable, Sendable {
  case none
  case curtailed(Reason)
  /// What it takes to tell isn't known.
  case unknown

  /// What holds the panels back.
  public enum Reason: Hashable, Sendable {
    /// An inverter says so itself.
    case throttled
    /// An inverter gives what it is limited to.
    case powerLimit(Power)
    /// The house gives to the grid what it may at most, and the battery takes no more.
    case exportLimit(Power)
    /// The battery is full and nothing goes to the grid: an island, or a limit nobody told of.
    case batteryFull

    /// The reason in words: "export limit 0 W".
    public var text: String {
      switch self {
      case .throttled: "the inverter throttles"
      case .powerLimit(let power): "power limit \(power.text)"
      case .exportLimit(let power): "export limit \(power.text)"
      case .batteryFull: "battery full, no export"
      }
    }
  }
}

/// Turns looks at the house into a steady curtailment: a minute in either direction.
struct CurtailmentWatch: Hashable, Sendable {
  static let span = TimeSpan.minute

  /// What holds the panels back, once it has done so for a minute.
  private(set) var reason: Curtailment.Reason?
  private var since = Instant.distantPast
  /// Since when every look said otherwise.
  private var turningSince: Instant?

  /// Takes one look; returns a line when curtailment began or ended.
  mutating func take(_ look: Curtailment, at now: Instant) -> String? {
    let turns: Bool
    switch look {
    case .unknown:
      turningSince = nil
      return nil
    case .none: turns = reason != nil
    case .curtailed(let new):
      turns = reason == nil
      if reason != nil { reason = new }
    }
    guard turns else {
      turningSince = nil
      return nil
    }
    // A clock that was set back begins the wait anew, and does not stretch it.
    let began = min(turningSince ?? now, now)
    turningSince = began
    guard now.since(began) >= Self.span else { return nil }
    turningSince = nil
    guard case .curtailed(let new) = look else {
      reason = nil
      return "curtailment over after \(began.since(since).text)"
    }
    reason = new
    since = began
    return "curtailed: \(new.text)"
  }

  /// What holds now, given the look of this moment.
  func state(_ look: Curtailment) -> Curtailment {
    if look == .unknown { return .unknown }
    return reason.map { .curtailed($0) } ?? .none
  }
}
