import Glibc
import Quantities

/// Tells the node's time: the system's, or an accelerated one that survives restarts.
public struct NodeClock: Sendable {
  private let read: @Sendable () -> Instant
  /// Node milliseconds in a real one, ≥ 1.
  public let speed: Int64

  /// The system's real-time clock.
  public static let system = NodeClock(speed: 1) { realTime() }

  /// A clock that any source drives, `speed`-fold.
  public init(speed: Int64, now: @escaping @Sendable () -> Instant) {
    precondition(speed >= 1)
    self.speed = speed
    read = now
  }

  /// The clock that the configuration asks for.
  ///
  /// Node time is `startsAt` + (real time − `realStart`) × `speed`, so a node that was stopped
  /// finds on its return that time has gone on.
  public init(_ configuration: Configuration.Clock?) {
    guard let clock = configuration else {
      self = .system
      return
    }
    self.init(speed: clock.speed) {
      let elapsed = Self.realTime().since(clock.realStart).milliseconds
      let limit = magnitudeLimit / clock.speed
      return clock.startsAt
        + TimeSpan(milliseconds: min(max(elapsed, -limit), limit) * clock.speed)
    }
  }

  /// Now, in node time.
  public func now() -> Instant { read() }

  /// The real time from now until the node's clock shows `instant`, rounded up; ≥ 0.
  public func realTime(until instant: Instant) -> TimeSpan {
    let span = max(instant.since(now()).milliseconds, 0)
    return TimeSpan(milliseconds: (span + speed - 1) / speed)
  }

  /// Real time since 1970 UTC.
  public static func realTime() -> Instant {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Instant(
      millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// Real time since the machine started: never set back.
  public static func uptime() -> TimeSpan {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return TimeSpan(
      milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }
}
