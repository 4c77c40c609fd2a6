import Quantities

/// One device of a site: how often it is read and what it is the source of.
public struct SiteDevice: Hashable, Sendable {
  public let name: DeviceName
  /// From one question to the next; more than zero.
  public let pollInterval: TimeSpan
  /// A value older than this is unknown.
  public let freshnessLimit: TimeSpan
  /// What the site takes from this device, each once.
  public let provides: [SiteQuantity]

  /// What of that is unknown as long as this device doesn't say it, even if it never has.
  public let owes: [SiteQuantity]

  /// The most power that its registers are believed to count: more in the same time is no growth.
  public let largestPower: Power

  /// Describes a device, which owes all that it provides unless `owes` says otherwise; values stay
  /// fresh for three polls unless `freshnessLimit` says otherwise. A household's connection passes
  /// less than 100 kW.
  public init(
    name: DeviceName, pollInterval: TimeSpan, provides: [SiteQuantity],
    owes: [SiteQuantity]? = nil, freshnessLimit: TimeSpan? = nil,
    largestPower: Power = Power(watts: 100_000)
  ) {
    precondition(pollInterval > .zero, "a device is polled at an interval above zero")
    self.name = name
    self.pollInterval = pollInterval
    self.freshnessLimit =
      freshnessLimit ?? TimeSpan(milliseconds: 3 * pollInterval.milliseconds)
    self.provides = SiteQuantity.allCases.filter(provides.contains)
    self.owes = owes ?? self.provides
    self.largestPower = largestPower
  }

  /// Whether a value of that moment is still in use.
  func isFresh(_ at: Instant, at now: Instant) -> Bool {
    let age = now.since(at)
    return age >= .zero && age <= freshnessLimit
  }
}
