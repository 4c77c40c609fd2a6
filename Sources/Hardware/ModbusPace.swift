import Quantities
import Sites

/// How a device wants to be talked to.
public struct ModbusPace: Hashable, Sendable {
  /// Silence after a connection is made.
  public var connectDelay: TimeSpan = .zero
  /// Silence between an answer and the next request.
  public var gap: TimeSpan = .zero
  /// How long to wait for a connection and for each whole answer; nil: the bus's own.
  public var timeout: TimeSpan?
  /// Whether the connection is closed after each poll, for a device that drops one that waits.
  public var disconnects = false

  public static let unhurried = ModbusPace()

  public init() {}

  public init(_ manners: DeviceProfile.Manners) {
    connectDelay = manners.connectDelay
    gap = manners.gap
    timeout = manners.timeout
    disconnects = manners.disconnects
  }

  /// A pace that suits both this device and another.
  public func slowed(to other: ModbusPace) -> ModbusPace {
    var both = self
    both.connectDelay = max(connectDelay, other.connectDelay)
    both.gap = max(gap, other.gap)
    if let theirs = other.timeout { both.timeout = max(timeout ?? theirs, theirs) }
    both.disconnects = disconnects || other.disconnects
    return both
  }
}
