import Quantities

/// What an owner wants of a device.
public struct SteeringRequest: Hashable, Sendable {
  public let control: Control
  /// In smallest units (mW, ‰); a battery's + charges, − discharges.
  public let value: Int64
  /// Nil: until told otherwise.
  public let duration: TimeSpan?
  /// Nil: the one device that can.
  public let device: DeviceName?

  public init(
    _ control: Control, value: Int64, duration: TimeSpan?, device: DeviceName? = nil
  ) {
    self.control = control
    self.value = value
    self.duration = duration
    self.device = device
  }
}

/// Why something can't be steered, in words for a person.
public struct SteeringRefusal: Error, Hashable, Sendable {
  public let reason: String
  public init(_ reason: String) { self.reason = reason }
}
