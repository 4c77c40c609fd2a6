import CModbus
import Glibc
import Sites

/// Modbus devices on a serial line: what a simulated house is read from over RS-485, or over a
/// pseudo-terminal.
///
/// Requests of all units on the line go to one handler, on a thread of the server's own.
public final class ModbusSerialServer: Sendable {
  /// What a client opens: the line's other end where the server made a pseudo-terminal.
  public let path: String
  private let thread: ServerThread

  /// Opens the line at `path` and listens at once.
  public convenience init(
    path: String, format: SerialFormat = SerialFormat(), handler: @escaping ModbusHandler
  ) throws(ModbusError) {
    try self.init(lines: [try Self.open(path, format)], path: path, handler: handler)
  }

  /// Makes a pseudo-terminal, which clients open at `path`, and listens at once.
  public convenience init(handler: @escaping ModbusHandler) throws(ModbusError) {
    let (own, other, path) = try Self.pseudoTerminal()
    try self.init(lines: [own, other], path: path, handler: handler)
  }

  /// Takes over the descriptors; the first is the one to listen on.
  private init(
    lines: [Int32], path: String, handler: @escaping ModbusHandler
  ) throws(ModbusError) {
    self.path = path
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      for line in lines { close(line) }
      throw ModbusError(
        .unavailable, "no pipe for the server on \(path); are too many files open?")
    }
    for end in ends { ModbusListener.settle(end) }
    let loop = ModbusSerialLoop(
      lines: lines, wakeReader: ends[0], wakeWriter: ends[1], handler: handler)
    thread = try ServerThread(at: path, run: { loop.run() }, end: { loop.end() })
  }

  deinit { stop() }

  /// Stops listening and waits for the thread to end; a second call does nothing.
  ///
  /// Answers that come later are dropped. Not to be called by the handler.
  public func stop() { thread.stop() }

  /// Lets libmodbus open the line and set it up, and takes over its descriptor.
  private static func open(_ path: String, _ format: SerialFormat) throws(ModbusError) -> Int32 {
    let parity: CChar =
      switch format.parity {
      case .none: 78
      case .even: 69
      case .odd: 79
      }
    guard
      let context = modbus_new_rtu(
        path, Int32(format.baud), parity, 8, Int32(format.stopBits))
    else {
      throw ModbusError(
        .unavailable, "no Modbus line can be prepared on \(path); check baud and parity")
    }
    // Freed without being closed: closing would put the line's old settings back.
    defer { modbus_free(context) }
    guard modbus_connect(context) == 0 else {
      let cause = String(cString: modbus_strerror(errno))
      throw ModbusError(
        .unavailable, "can't open \(path): \(cause); check that it exists and your rights")
    }
    let descriptor = modbus_get_socket(context)
    ModbusListener.settle(descriptor)
    return descriptor
  }

  /// A pseudo-terminal without echo and line editing: our end, the clients' end and its path.
  ///
  /// The clients' end is held open too, or ours would be hung up on when a client closes its own.
  private static func pseudoTerminal() throws(ModbusError) -> (Int32, Int32, String) {
    var own: Int32 = -1
    var other: Int32 = -1
    var name = [CChar](repeating: 0, count: 4096)
    var settings = termios()
    cfmakeraw(&settings)
    guard openpty(&own, &other, &name, &settings, nil) == 0 else {
      throw ModbusError(
        .unavailable, "can't make a pseudo-terminal: \(String(cString: strerror(errno)))")
    }
    for end in [own, other] { ModbusListener.settle(end) }
    let length = name.firstIndex(of: 0) ?? name.count
    let path = String(decoding: name[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
    return (own, other, path)
  }
}
