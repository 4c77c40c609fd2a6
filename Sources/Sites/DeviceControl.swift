import Quantities

/// Something of a device that can be steered.
public enum Control: String, Hashable, Sendable, CaseIterable, Codable, Comparable {
  /// What the battery is to do, in W: + charges, − discharges.
  case batteryPower
  /// The state of charge below which the battery does not discharge, in %.
  case reserve
  /// What the house may give to the grid at most, in W, ≥ 0.
  case exportLimit
  /// What the inverter may give at most, in W, ≥ 0.
  case powerLimit

  /// Smallest units (mW, ‰) in the unit that profiles are written in (W, %).
  public var base: Int64 { self == .reserve ? 10 : 1000 }

  public static func < (left: Control, right: Control) -> Bool { left.rawValue < right.rawValue }
}

/// How one thing of a device is steered, and what brings it back when nobody steers any more.
///
/// A process that was killed writes nothing, so a control without a time-out of its own needs an
/// independent guardian, and its profile says which.
public struct DeviceControl: Hashable, Sendable {
  /// What returns the device to its safe state when the agent is gone.
  public enum FailSafe: Hashable, Sendable {
    /// The device itself, this long after the last write.
    case timeout(TimeSpan)
    /// A process apart from the agent: `heliographd --safe-state`.
    case guardian
  }

  /// Where the device keeps what is written.
  public enum Memory: Hashable, Sendable {
    /// In working memory: may be refreshed as often as needed.
    case volatile
    /// In flash, which wears: at most so many writes a day, and never the value that it holds.
    case flash(dailyWrites: Int)
  }

  public let control: Control
  public let failSafe: FailSafe
  public let memory: Memory
  /// What may be asked for, in smallest units (mW, ‰).
  public let range: ClosedRange<Int64>
  /// The registers that set a value, in the order in which they are written.
  public let write: [ControlRegister]
  /// The registers that give the device back to itself: the safe state.
  public let release: [ControlRegister]

  public init(
    control: Control, failSafe: FailSafe, memory: Memory, range: ClosedRange<Int64>,
    write: [ControlRegister], release: [ControlRegister]
  ) {
    self.control = control
    self.failSafe = failSafe
    self.memory = memory
    self.range = range
    self.write = write
    self.release = release
  }
}

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
