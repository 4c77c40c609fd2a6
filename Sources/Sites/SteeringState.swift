import Quantities

/// What a device is steered to, for a person.
public struct SteeringState: Hashable, Sendable {
  public let device: DeviceName
  public let control: Control
  /// In smallest units (mW, ‰).
  public let value: Int64
  /// Nil: until told otherwise.
  public let until: Instant?
  public let failSafe: DeviceControl.FailSafe
  /// Whether the device has confirmed it; otherwise it rests, or is on its way.
  public let isHeld: Bool

  public init(
    device: DeviceName, control: Control, value: Int64, until: Instant?,
    failSafe: DeviceControl.FailSafe, isHeld: Bool = true
  ) {
    self.device = device
    self.control = control
    self.value = value
    self.until = until
    self.failSafe = failSafe
    self.isHeld = isHeld
  }
}

extension Control {
  /// "charge 1500 W", "reserve 40%": what `value` smallest units of it mean, for a person.
  public func words(for value: Int64) -> String {
    let power = Power(rawValue: value)
    switch self {
    case .batteryPower:
      if value == 0 { return "battery idle" }
      return value > 0 ? "charge \(power.text)" : "discharge \(power.magnitude.text)"
    case .reserve: return "reserve \(StateOfCharge(permille: value).percent)%"
    case .exportLimit: return "export at most \(power.text)"
    case .powerLimit: return "power at most \(power.text)"
    }
  }
}
