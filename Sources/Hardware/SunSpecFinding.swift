import Quantities
import Sites

/// What a walk found in a device, and what is kept of it between polls.
struct SunSpecFinding {
  let map: SunSpecMap
  /// The connection that it was found over: a device that comes back may have changed.
  let connection: Int
  /// The answers to the map's slow plan, and when they were read.
  var slow = RegisterImage()
  var slowAt: Instant?
  /// What can be steered, as the readings over this connection showed it; nil before the first.
  var controls: [DeviceControl]?

  /// How long ratings are taken to hold.
  private static let slowPoll = TimeSpan(minutes: 1)

  /// Whether the slow plan is due; also when the clock was set back.
  func isSlowDue(at now: Instant) -> Bool {
    guard let slowAt else { return true }
    let age = now.since(slowAt)
    return age < .zero || age >= Self.slowPoll
  }
}
