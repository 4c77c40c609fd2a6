import Quantities
import Sites

/// What the computing side draws for its jobs, by its own sensor: an estimate, never billed.
///
/// A board's sensor, a graphics card's or a metered socket's sees the whole machine, so what it
/// draws while no job runs is learned and taken off. The estimate is held at one and a half times
/// what the job states: a sensor that is wrong must not invent a surplus.
public struct ComputingPower: Hashable, Sendable {
  /// A measurement older than this counts no more.
  public static let freshnessLimit = TimeSpan(seconds: 60)
  /// How long a machine takes to come to rest after a job: not counted as idle.
  public static let restAfter = TimeSpan(seconds: 60)

  /// The latest measurement of the whole machine.
  public private(set) var latest: Measured<Power>?
  /// What the machine draws at rest, smoothed over about eight measurements; nil until seen.
  public private(set) var idle: Power?
  private var restingSince: Instant?

  public init() {}

  /// Takes a measurement; one below zero is none.
  public mutating func take(_ power: Power, isWorking: Bool, at now: Instant) {
    guard power >= .zero else { return }
    latest = Measured(power, at: now, quality: .estimated)
    guard !isWorking else {
      restingSince = nil
      return
    }
    let since = restingSince ?? now
    restingSince = since
    guard now.since(since) >= Self.restAfter else { return }
    idle = idle.map { $0 + (power - $0).scaled(by: 1, over: 8) } ?? power
  }

  /// What jobs that state `stated` draw now; nil while it can't be told and `stated` must do.
  public func drawing(stated: Power, at now: Instant) -> Power? {
    guard let latest, let idle, (.zero...Self.freshnessLimit).contains(latest.age(at: now)) else {
      return nil
    }
    return (latest.value - idle).clamped(to: .zero...stated.scaled(by: 3, over: 2))
  }
}
