import CModbus
import Glibc
import Sites
import Synchronization

/// What a Modbus server's thread does: waits for clients and answers them, one request at a time.
///
/// Its thread closes the listener and the clients when it ends, so that the port is free from then
/// on; the pipe that wakes the thread is closed with the loop itself.
final class ModbusServerLoop: Sendable {
  static let maximumClients = 16

  private struct Client {
    let socket: Int32
    /// What came in and is no whole request yet; less than one frame after each round.
    var stream: [UInt8] = []
  }

  private let listener: Int32
  private let wakeReader: Int32
  private let wakeWriter: Int32
  private let images = Mutex<[UInt8: RegisterImage]>([:])

  init(listener: Int32, wakeReader: Int32, wakeWriter: Int32) {
    self.listener = listener
    self.wakeReader = wakeReader
    self.wakeWriter = wakeWriter
  }

  deinit {
    close(wakeReader)
    close(wakeWriter)
  }

  func update(_ image: RegisterImage?, unit: UInt8) { images.withLock { $0[unit] = image } }

  /// Makes `run` return.
  func wake() {
    var byte: UInt8 = 1
    _ = write(wakeWriter, &byte, 1)
  }

  func run() {
    defer { close(listener) }
    // Only its socket is set from client to client: libmodbus builds and sends the answers.
    guard let context = modbus_new_tcp(nil, 0) else { return }
    defer { modbus_free(context) }
    var clients: [Client] = []
    defer { for client in clients { close(client.socket) } }
    while true {
      var waits = [pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0)]
      // A full house is not asked for more guests: they wait in the kernel's queue.
      let accepting = clients.count < Self.maximumClients
      waits.append(
        pollfd(fd: accepting ? listener : -1, events: Int16(POLLIN), revents: 0))
      waits += clients.map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
      if poll(&waits, nfds_t(waits.count), -1) < 0 {
        guard errno == EINTR else { return }
        continue
      }
      if waits[0].revents != 0 { return }
      var remaining: [Client] = []
      for (index, client) in clients.enumerated() {
        var client = client
        if waits[index + 2].revents == 0 || serve(&client, context) {
          remaining.append(client)
        } else {
          close(client.socket)
        }
      }
      clients = remaining
      if waits[1].revents != 0, let client = accept() { clients.append(client) }
    }
  }

  private func accept() -> Client? {
    let socket = Glibc.accept(listener, nil, nil)
    guard socket >= 0 else { return nil }
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    // A client that takes no answers is dropped after a second instead of holding up the others.
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(
      socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    return Client(socket: socket)
  }

  /// False when the client is gone or speaks no Modbus.
  private func serve(_ client: inout Client, _ context: OpaquePointer) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4 * ModbusRequest.maximumBytes)
    let count = recv(client.socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count < 0 { return errno == EAGAIN || errno == EINTR }
    guard count > 0 else { return false }
    client.stream += buffer[..<count]
    while true {
      switch ModbusRequest.front(of: client.stream) {
      case .incomplete: return true
      case .garbage: return false
      case .request(let request):
        client.stream.removeFirst(request.bytes.count)
        modbus_set_socket(context, client.socket)
        guard answer(request, context) else { return false }
      }
    }
  }

  private func answer(_ request: ModbusRequest, _ context: OpaquePointer) -> Bool {
    func refuse(_ exception: UInt32) -> Bool {
      modbus_reply_exception(context, request.bytes, exception) >= 0
    }
    let image = images.withLock { $0[request.unit] }
    guard let image else { return refuse(11) }
    guard RegisterTable(rawValue: request.function) != nil else { return refuse(1) }
    guard let span = request.span else { return refuse(3) }
    guard let words = image.words(in: span) else { return refuse(2) }
    let isHolding = span.table == .holding
    let address = UInt32(span.address)
    let registers = UInt32(span.count)
    let mapping = modbus_mapping_new_start_address(
      0, 0, 0, 0, address, isHolding ? registers : 0, address, isHolding ? 0 : registers)
    guard let mapping else { return refuse(4) }
    defer { modbus_mapping_free(mapping) }
    let table = isHolding ? mapping.pointee.tab_registers : mapping.pointee.tab_input_registers
    guard let table else { return refuse(4) }
    table.update(from: words, count: words.count)
    return modbus_reply(context, request.bytes, Int32(request.bytes.count), mapping) >= 0
  }
}
