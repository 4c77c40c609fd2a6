import Sites

/// Where a bus is: devices at one end point take turns.
public enum ModbusEndpoint: Hashable, Sendable, CustomStringConvertible {
  /// Modbus TCP at a name or an address.
  case tcp(host: String, port: UInt16)
  /// Modbus RTU on a serial line.
  case serial(SerialLine)

  public var description: String {
    switch self {
    case .tcp(let host, let port):
      host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .serial(let line): line.path
    }
  }
}

/// A serial port and how its characters go over the line.
public struct SerialLine: Hashable, Sendable {
  /// The device; best the one that stays when adapters change places, below
  /// `/dev/serial/by-id/`.
  public var path: String
  public var format: SerialFormat

  public init(path: String, format: SerialFormat = SerialFormat()) {
    self.path = path
    self.format = format
  }

  /// Bits of one character: start, eight of data, parity, stop. Eleven by the standard; a line
  /// without parity and with one stop bit has ten.
  var bitsPerCharacter: Int { 1 + 8 + (format.parity == .none ? 0 : 1) + format.stopBits }

  /// How many microseconds `characters` take on the line.
  func microseconds(for characters: Int) -> Int {
    characters * bitsPerCharacter * 1_000_000 / max(format.baud, 1)
  }

  /// The silence that ends a frame, in microseconds: 3.5 characters, and from 19,200 baud on the
  /// 1.75 ms that the standard fixes (MODBUS over Serial Line 1.02, §2.5.1.1).
  var silence: Int {
    format.baud > 19_200 ? 1750 : 7 * bitsPerCharacter * 1_000_000 / (2 * max(format.baud, 1))
  }
}
