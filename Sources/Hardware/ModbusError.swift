import Sites

/// What went wrong on a Modbus connection, and where.
public struct ModbusError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Code: Hashable, Sendable {
    /// No connection could be made, or the device closed it.
    case unreachable
    /// No whole answer in time.
    case silent
    /// An answer that is none: wrong transaction, length or function.
    case garbled
    /// The device refused, with a Modbus exception code (1 to 11).
    case refused(UInt8)
    /// The answer is well formed and not what was looked for, such as no SunSpec marker.
    case unexpected
    /// A server's socket could not be opened.
    case unavailable
  }

  public let code: Code
  /// What failed, where, and what to do, in words for a person.
  public let message: String
  /// Whether a write may have reached the device although it was not confirmed.
  public let mayHaveArrived: Bool

  public init(_ code: Code, _ message: String, mayHaveArrived: Bool = false) {
    self.code = code
    self.message = message
    self.mayHaveArrived = mayHaveArrived
  }

  /// Whether the device refused registers that it lacks, or so many at once.
  var isAboutRegisters: Bool { code == .refused(2) || code == .refused(3) }

  public var description: String { message }

  /// What the core is told.
  public var fault: DeviceFault {
    switch code {
    case .unreachable, .unavailable: .unreachable(message)
    case .silent: .silent(message)
    case .garbled, .refused, .unexpected: .unintelligible(message)
    }
  }

  /// Modbus's name of an exception code (1.1b3, §7).
  static func name(ofException code: UInt8) -> String {
    switch code {
    case 1: "illegal function"
    case 2: "illegal data address"
    case 3: "illegal data value"
    case 4: "device failure"
    case 5: "acknowledge"
    case 6: "device busy"
    case 7: "negative acknowledge"
    case 8: "memory parity error"
    case 10: "gateway path unavailable"
    case 11: "gateway target did not answer"
    default: "exception"
    }
  }
}
