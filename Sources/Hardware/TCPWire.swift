import CModbus
import Glibc
import Quantities

/// One TCP connection to a Modbus device; closed when it goes away.
///
/// libmodbus connects; requests and answers are ours, because it checks no unit over TCP and takes
/// a late answer to an equal request for the current one's.
final class TCPWire: ModbusWire {
  private(set) var isProven = false
  private var isClosed = false
  /// Whether answers' numbers are left unchecked (see `ModbusBus`).
  let anyNumber: Bool
  private let context: OpaquePointer
  private let socket: Int32
  private var transaction: UInt16
  private var buffer = [UInt8](repeating: 0, count: 512)
  private var receiveTimeout: TimeSpan = .zero

  /// Connects, waiting at most `timeout`.
  init(
    host: String, port: UInt16, timeout: TimeSpan, anyNumber: Bool
  ) throws(ModbusError) {
    let place = ModbusEndpoint.tcp(host: host, port: port).description
    guard let context = modbus_new_tcp_pi(host, String(port)) else {
      throw ModbusError(
        .unreachable, "no Modbus connection can be prepared to \(place); check the host")
    }
    let microseconds = timeout.milliseconds * 1000
    modbus_set_response_timeout(
      context, UInt32(microseconds / 1_000_000), UInt32(microseconds % 1_000_000))
    guard modbus_connect(context) == 0 else {
      let cause = errno
      modbus_free(context)
      throw Self.failure(host: host, port: port, cause: cause)
    }
    self.context = context
    socket = modbus_get_socket(context)
    self.anyNumber = anyNumber
    transaction = UInt16.random(in: 1...0x7FFF)
    // Whole answers are waited for in one call, which is where most of a poll's time goes.
    _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) & ~O_NONBLOCK)
    set(SO_SNDTIMEO, timeout)
  }

  deinit {
    close()
    modbus_free(context)
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    modbus_close(context)
  }

  /// libmodbus reports a name that nobody knows as a refused connection.
  private static func failure(host: String, port: UInt16, cause: Int32) -> ModbusError {
    let place = ModbusEndpoint.tcp(host: host, port: port).description
    var wanted = addrinfo()
    wanted.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let result = getaddrinfo(host, nil, &wanted, &found)
    if result == 0 {
      freeaddrinfo(found)
      return ModbusError(
        .unreachable,
        "can't connect to \(place): \(String(cString: modbus_strerror(cause))); "
          + "check its address and power")
    }
    let why =
      result == EAI_SYSTEM ? strerror(errno) : UnsafeMutablePointer(mutating: gai_strerror(result))
    let words = why.map { String(cString: $0) } ?? "no such name"
    return ModbusError(
      .unreachable,
      "unknown host name \(host): \(words); check its spelling, or give the address")
  }

  private func set(_ option: Int32, _ span: TimeSpan) {
    var limit = timeval(
      tv_sec: Int(span.milliseconds / 1000), tv_usec: Int(span.milliseconds % 1000 * 1000))
    setsockopt(socket, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  func survives(_ fault: ExchangeFault) -> Bool {
    // A refusal is a whole answer; after anything else the stream can't be trusted.
    if case .refused = fault { return true }
    return false
  }

  func exchange(
    _ request: ModbusRequest, timeout: TimeSpan
  ) throws(ExchangeFault) -> ArraySlice<UInt8> {
    try checkQuiet()
    transaction = transaction == .max ? 1 : transaction + 1
    let numbered = ModbusRequest(
      transaction: transaction, unit: request.unit, body: request.body)
    try send(numbered.frame(numbered.body))
    if receiveTimeout != timeout {
      set(SO_RCVTIMEO, timeout)
      receiveTimeout = timeout
    }
    let deadline = Deadline(after: timeout)
    var filled = 0
    while true {
      let count = buffer.withUnsafeMutableBytes { bytes in
        bytes.baseAddress.map { recv(socket, $0 + filled, bytes.count - filled, 0) } ?? -1
      }
      if count == 0 { throw .lost(cause: ECONNRESET) }
      if count < 0 {
        let cause = errno
        if cause == EINTR, deadline.milliseconds > 0 { continue }
        throw cause == EAGAIN || cause == EINTR ? .silent : .lost(cause: cause)
      }
      filled += count
      switch ModbusReply.tcp(buffer[..<filled], to: numbered, anyNumber: anyNumber) {
      case .answer(let range):
        isProven = true
        return buffer[range]
      case .refusal(let exception):
        isProven = true
        throw .refused(exception)
      case .foreign(let mismatch): throw .foreign(mismatch)
      case .incomplete:
        // The time-out bounds the whole answer, also one that trickles in.
        guard filled < buffer.count, deadline.waitToRead(socket) else { throw .silent }
      }
    }
  }

  /// Nothing may lie in the socket before a request: it would be taken for the answer.
  private func checkQuiet() throws(ExchangeFault) {
    var byte: UInt8 = 0
    let count = recv(socket, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
    let cause = errno
    if count == 0 { throw .gone(cause: ECONNRESET) }
    if count > 0 { throw .gone(cause: EPROTO) }
    guard cause == EAGAIN || cause == EINTR else { throw .gone(cause: cause) }
  }

  private func send(_ frame: [UInt8]) throws(ExchangeFault) {
    var sent = 0
    while sent < frame.count {
      let count = frame[sent...].withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0 {
        let cause = errno
        if cause == EINTR { continue }
        throw sent == 0 ? .gone(cause: cause) : .lost(cause: cause)
      }
      sent += count
    }
  }
}
