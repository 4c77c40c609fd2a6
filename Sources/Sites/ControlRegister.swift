import Quantities

/// One holding register, or pair of them, that a control writes.
public struct ControlRegister: Hashable, Sendable {
  /// What is written there.
  public enum Content: Hashable, Sendable {
    /// The value asked for, in W or %, through scale and sign.
    case requested
    /// The charging part of the value asked for: zero while discharging.
    case charging
    /// The discharging part, as a positive number: zero while charging.
    case discharging
    /// How much is asked for, whichever way: for a register beside one that says the direction.
    case magnitude
    /// One number for each direction of the value asked for.
    case byDirection(charging: Int64, discharging: Int64, idle: Int64)
    /// Always this count.
    case constant(Int64)
    /// The time-out of the control, in seconds.
    case timeoutSeconds
  }

  /// Zero-based.
  public let address: Int
  public let type: RegisterType
  /// Nil: the profile's.
  public let wordOrder: RegisterType.WordOrder?
  public let scale: RegisterScale
  public let sign: DeviceRegister.Sign
  public let content: Content

  public init(
    address: Int, type: RegisterType, wordOrder: RegisterType.WordOrder? = nil,
    scale: RegisterScale = .one, sign: DeviceRegister.Sign = .asRead, content: Content
  ) {
    self.address = address
    self.type = type
    self.wordOrder = wordOrder
    self.scale = scale
    self.sign = sign
    self.content = content
  }
}
