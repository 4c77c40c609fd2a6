import Quantities

/// One thing to be written to a device, with all that the edge needs to do it and to check it.
public struct SteeringOrder: Hashable, Sendable {
  /// What the writes bring about.
  public enum Purpose: Hashable, Sendable {
    /// The value in smallest units (mW, ‰).
    case set(Int64)
    /// The device goes its own way again.
    case release
  }

  /// Pairs an outcome with its order within one run.
  public let serial: Int64
  public let key: SteeringKey
  public let purpose: Purpose
  public let writes: [RegisterWrite]
  /// Whether what the device holds is read first, so that nothing is written that it has already.
  public let spares: Bool
  /// After this the order is not carried out any more; a release is never too late.
  public let expires: Instant

  public init(
    serial: Int64, key: SteeringKey, purpose: Purpose, writes: [RegisterWrite], spares: Bool,
    expires: Instant
  ) {
    self.serial = serial
    self.key = key
    self.purpose = purpose
    self.writes = writes
    self.spares = spares
    self.expires = expires
  }
}
