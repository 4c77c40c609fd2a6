import CModbus
import Glibc
import Quantities
import Sites

/// One TCP connection to a Modbus device; closed when it goes away.
final class ModbusConnection {
  /// Which connection of its bus this is, from 1: a device that comes back may have changed.
  let number: Int
  /// Whether it has carried an answer: one that has and then breaks was probably just idle.
  private(set) var isProven = false
  private let context: OpaquePointer
  private let place: String

  /// Connects, waiting at most `timeout`.
  init(
    host: String, port: UInt16, number: Int, timeout: TimeSpan
  ) throws(ModbusError) {
    place = "\(host):\(port)"
    self.number = number
    guard let context = modbus_new_tcp_pi(host, String(port)) else {
      throw ModbusError(
        .unreachable, "no Modbus connection can be prepared to \(host):\(port); check the host")
    }
    self.context = context
    let microseconds = timeout.milliseconds * 1000
    modbus_set_response_timeout(
      context, UInt32(microseconds / 1_000_000), UInt32(microseconds % 1_000_000))
    // The response's time-out then bounds the whole answer, also one that trickles in.
    modbus_set_byte_timeout(context, 0, 0)
    guard modbus_connect(context) == 0 else {
      let cause = String(cString: modbus_strerror(errno))
      // The initialiser throws with every property set, so deinit closes and frees.
      throw ModbusError(
        .unreachable,
        "can't connect to \(place): \(cause); check its address and power")
    }
  }

  deinit {
    modbus_close(context)
    modbus_free(context)
  }

  func read(_ span: RegisterSpan, unit: UInt8) throws(ModbusError) -> [UInt16] {
    var words = [UInt16](repeating: 0, count: span.count)
    modbus_set_slave(context, Int32(unit))
    errno = 0
    let read =
      switch span.table {
      case .holding:
        modbus_read_registers(context, Int32(span.address), Int32(span.count), &words)
      case .input:
        modbus_read_input_registers(context, Int32(span.address), Int32(span.count), &words)
      }
    let cause = errno
    guard read == Int32(span.count) else {
      throw error(cause, reading: span, unit: unit)
    }
    isProven = true
    return words
  }

  private func error(_ cause: Int32, reading span: RegisterSpan, unit: UInt8) -> ModbusError {
    let table = span.table == .holding ? "holding" : "input"
    let what = "\(span.count) \(table) registers at \(span.address) of unit \(unit) at \(place)"
    // Exception 11 is the last that Modbus defines.
    if (1...11).contains(cause - MODBUS_ENOBASE) {
      let exception = UInt8(cause - MODBUS_ENOBASE)
      isProven = true
      return ModbusError(
        .refused(exception),
        "\(what) refused: exception \(exception), \(ModbusError.name(ofException: exception)); "
          + "check unit and profile")
    }
    switch cause {
    case ETIMEDOUT, EAGAIN, EINTR:
      return ModbusError(.silent, "no answer in time for \(what)")
    case ECONNRESET, EPIPE, EBADF, ENOTCONN, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ECONNABORTED:
      return ModbusError(.unreachable, "connection lost while reading \(what)")
    default:
      return ModbusError(.garbled, "no Modbus answer to reading \(what)")
    }
  }
}
