import Quantities
import Sites

/// How slowly a device wants to be talked to.
public struct ModbusPace: Hashable, Sendable {
  /// Silence after a connection is made.
  public var connectDelay: TimeSpan = .zero
  /// Silence between an answer and the next request.
  public var gap: TimeSpan = .zero

  public static let unhurried = ModbusPace()

  public init() {}

  public init(_ manners: DeviceProfile.Manners) {
    connectDelay = manners.connectDelay
    gap = manners.gap
  }
}
