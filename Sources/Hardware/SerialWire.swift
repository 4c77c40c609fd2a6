import CModbus
import Glibc
import Quantities

/// An open serial line with Modbus devices on it; closed when it goes away.
///
/// libmodbus sets the line up, adds the checksum and sends. What comes back is read here, because
/// between the answers a line brings echoes, noise and other units' late words.
final class SerialWire: ModbusWire {
  private(set) var isProven = false
  private var isClosed = false
  private let line: SerialLine
  private let context: OpaquePointer
  private let descriptor: Int32
  private var buffer = [UInt8](repeating: 0, count: 1024)
  /// When the last byte went over the line, in nanoseconds of the steady clock.
  private var lastByte = Deadline.now
  /// Whether something went wrong, so that more of it may still come.
  private var isDisturbed = true
  /// Whether the adapter brings back what is sent; nil until an answer has shown it.
  private var isEchoed: Bool?
  private var late = LateAnswers()

  /// The silence after which a disturbed line is taken to be quiet: adapters hold bytes back for
  /// up to 16 ms.
  private static let quiet = TimeSpan(milliseconds: 30)
  /// How long a line may go on talking before it is written to all the same.
  private static let drain = TimeSpan(milliseconds: 1000)

  /// Opens the line, alone.
  init(_ line: SerialLine) throws(ModbusError) {
    self.line = line
    let parity: CChar =
      switch line.format.parity {
      case .none: CChar(UInt8(ascii: "N"))
      case .even: CChar(UInt8(ascii: "E"))
      case .odd: CChar(UInt8(ascii: "O"))
      }
    let context = modbus_new_rtu(
      line.path, Int32(line.format.baud), parity, 8, Int32(line.format.stopBits))
    guard let context else {
      throw ModbusError(
        .unreachable, "no serial line can be prepared at \(line.path); check path and baud")
    }
    guard modbus_connect(context) == 0 else {
      let cause = errno
      modbus_free(context)
      throw Self.failure(line.path, cause)
    }
    let descriptor = modbus_get_socket(context)
    // Another program on the line would take our answers and we its. Only the lock holds off the
    // superuser, as whom an installer may run.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let cause = errno
      modbus_close(context)
      modbus_free(context)
      throw Self.failure(line.path, cause == EWOULDBLOCK ? EBUSY : cause)
    }
    _ = ioctl(descriptor, UInt(TIOCEXCL), 0)
    self.context = context
    self.descriptor = descriptor
  }

  deinit {
    close()
    modbus_free(context)
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    _ = ioctl(descriptor, UInt(TIOCNXCL), 0)
    modbus_close(context)
  }

  private static func failure(_ path: String, _ cause: Int32) -> ModbusError {
    let advice =
      switch cause {
      case ENOENT, ENXIO, ENODEV: "check that the adapter is plugged in, and its path"
      case EACCES, EPERM: "the user needs the group dialout"
      case EBUSY: "another program has it open: stop that first, or ask through a running node"
      default: "check that it is a serial port"
      }
    return ModbusError(
      .unreachable, "can't open \(path): \(String(cString: strerror(cause))); \(advice)")
  }

  func survives(_ fault: ExchangeFault) -> Bool {
    switch fault {
    case .gone, .lost: false
    case .silent, .foreign, .noise, .refused: true
    }
  }

  func exchange(
    _ request: ModbusRequest, timeout: TimeSpan
  ) throws(ExchangeFault) -> ArraySlice<UInt8> {
    if isEchoed == nil, request.function == 5 || request.function == 6 {
      // A write of one register looks like its own echo: a read shows first whether there are any.
      try probe(request, timeout)
    } else if late.mayBeTaken(for: request) {
      try probe(request, timeout)
    }
    return try converse(request, timeout)
  }

  /// Asks for the sake of asking, before `request`; any whole answer will do.
  ///
  /// A serial answer has no number. But devices answer in turn: once the unit has answered a
  /// question whose answer has a length of its own, what it was asked before is behind us.
  private func probe(_ request: ModbusRequest, _ timeout: TimeSpan) throws(ExchangeFault) {
    do throws(ExchangeFault) {
      _ = try converse(late.question(before: request), timeout)
    } catch {
      if case .refused = error { return }
      // Nothing of what the caller wants was sent.
      throw error.mayHaveArrived && request.isWrite ? .gone(cause: ETIMEDOUT) : error
    }
  }

  private func converse(
    _ request: ModbusRequest, _ timeout: TimeSpan
  ) throws(ExchangeFault) -> ArraySlice<UInt8> {
    try settle()
    let raw = [request.unit] + request.body
    let length = modbus_send_raw_request(context, raw, Int32(raw.count))
    guard length > 0 else {
      let cause = errno
      throw .gone(cause: cause)
    }
    isDisturbed = true
    late.asked(request)
    // The time-out is the device's; what the line itself takes comes on top.
    let characters = 2 * Int(length) + (request.answerLength ?? 0) + 3
    let deadline = Deadline(after: timeout, microseconds: line.microseconds(for: characters))
    lastByte = Deadline.now
    var filled = 0
    while deadline.waitToRead(descriptor) {
      filled += try receive(after: filled)
      switch ModbusReply.serial(buffer[..<filled], to: request, isEchoed: isEchoed == true) {
      case .answer(let range):
        settled(request, filled: filled, sent: Int(length))
        return buffer[range]
      case .refusal(let exception):
        settled(request, filled: filled, sent: Int(length))
        throw .refused(exception)
      case .foreign, .incomplete:
        guard filled < buffer.count else { throw .noise }
      }
    }
    let echoes = filled == Int(length) && buffer[..<(filled - 2)].elementsEqual(raw)
    throw filled == 0 || echoes ? .silent : .noise
  }

  private func settled(_ request: ModbusRequest, filled: Int, sent: Int) {
    isProven = true
    isDisturbed = false
    late.answered(unit: request.unit)
    // Writes of one register are their own echo and show nothing.
    guard request.function != 5, request.function != 6 else { return }
    let raw = [request.unit] + request.body
    isEchoed = filled > sent && buffer[..<raw.count].elementsEqual(raw)
  }

  private func receive(after filled: Int) throws(ExchangeFault) -> Int {
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map { read(descriptor, $0 + filled, bytes.count - filled) } ?? -1
    }
    if count > 0 {
      lastByte = Deadline.now
      return count
    }
    let cause = count == 0 ? EIO : errno
    if cause == EAGAIN || cause == EINTR { return 0 }
    throw .lost(cause: cause)
  }

  /// Waits out the silence between frames, and throws away what nobody asked for.
  private func settle() throws(ExchangeFault) {
    let drain = Deadline(after: Self.drain)
    while true {
      let wait = isDisturbed ? Deadline(after: Self.quiet) : Deadline(after: .zero)
      guard wait.waitToRead(descriptor) else { break }
      do throws(ExchangeFault) {
        guard try receive(after: 0) > 0 else { break }
      } catch {
        guard case .lost(let cause) = error else { throw error }
        throw .gone(cause: cause)
      }
      isDisturbed = true
      guard drain.milliseconds > 0 else { break }
    }
    isDisturbed = false
    let silent = Deadline.now - lastByte
    let rest = Int64(line.silence) * 1000 - silent
    if rest > 0 { Deadline(after: .zero, microseconds: Int(rest / 1000) + 1).wait() }
  }
}
