import Quantities

/// When a house's surplus begins and ends.
///
/// Apart and slow on purpose: a surplus that hunts wears relays, batteries and patience.
public struct SurplusThresholds: Hashable, Sendable {
  /// The surplus begins when this much has been spare…
  public var enter: Power
  /// …for this long.
  public var enterAfter: TimeSpan
  /// It ends when no more than this has been spare…
  public var exit: Power
  /// …for this long.
  public var exitAfter: TimeSpan
  /// Below this state of charge the battery comes first.
  public var reserve: StateOfCharge
  /// The most that the battery takes, if known: below the reserve all of it is the battery's.
  public var maximumCharge: Power?

  public init(
    enter: Power = Power(watts: 150), enterAfter: TimeSpan = .minute,
    exit: Power = Power(watts: 50), exitAfter: TimeSpan = .minute,
    reserve: StateOfCharge = StateOfCharge(percent: 30), maximumCharge: Power? = nil
  ) {
    precondition(exit <= enter, "a surplus ends at or below where it begins")
    self.enter = enter
    self.enterAfter = enterAfter
    self.exit = exit
    self.exitAfter = exitAfter
    self.reserve = reserve
    self.maximumCharge = maximumCharge
  }
}
