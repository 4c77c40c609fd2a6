import Glibc
import Synchronization

/// What a Modbus server's thread does: waits for clients, hands each whole request to the handler,
/// and sends what comes back, without ever waiting for one client or one answer.
///
/// Its thread closes the listener and the clients when it ends, so that the port is free from then
/// on; the pipe that wakes the thread is closed with the loop itself.
final class ModbusServerLoop: Sendable {
  private struct Client {
    let number: Int
    let socket: Int32
    /// What came in and is no whole request yet; less than one read.
    var stream: [UInt8] = []
    /// What is still to be sent; at most one answer.
    var outgoing: ArraySlice<UInt8> = []
    /// Whether the handler has a request of this client.
    var isServed = false
    var hangsUp = false
    /// Grows with each request of any client: the least is the one quiet for longest.
    var lastRequest: Int

    var isReady: Bool { !isServed && outgoing.isEmpty }
  }

  private struct Mail {
    var answers: [(client: Int, answer: ServedAnswer)] = []
    /// Whether the thread will look here before it sleeps again, without being woken.
    var isAwake = false
    var ends = false
  }

  private let listener: Int32
  private let wakeReader: Int32
  private let wakeWriter: Int32
  private let maximumClients: Int
  private let crowding: ModbusListener.Crowding
  private let handler: ModbusHandler
  private let mail = Mutex(Mail())

  init(
    listener: Int32, wakeReader: Int32, wakeWriter: Int32, maximumClients: Int,
    crowding: ModbusListener.Crowding, handler: @escaping ModbusHandler
  ) {
    self.listener = listener
    self.wakeReader = wakeReader
    self.wakeWriter = wakeWriter
    self.maximumClients = maximumClients
    self.crowding = crowding
    self.handler = handler
  }

  deinit {
    close(wakeReader)
    close(wakeWriter)
  }

  /// Makes `run` return.
  func end() { post { $0.ends = true } }

  private func post(_ change: (inout Mail) -> Void) {
    let wakes = mail.withLock { mail in
      change(&mail)
      defer { mail.isAwake = true }
      return !mail.isAwake
    }
    guard wakes else { return }
    var byte: UInt8 = 1
    _ = write(wakeWriter, &byte, 1)
  }

  func run() {
    defer { close(listener) }
    var clients: [Client] = []
    defer { for client in clients { close(client.socket) } }
    var requests = 0
    var arrivals = 0
    // Whether the last client could not be let in, because too many files are open.
    var isFull = false
    while true {
      var waits = [pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0)]
      let accepting = (clients.count < maximumClients || crowding != .wait) && !isFull
      waits.append(
        pollfd(fd: accepting ? listener : -1, events: Int16(POLLIN), revents: 0))
      waits += clients.map { client in
        let events = !client.outgoing.isEmpty ? POLLOUT : client.isReady ? POLLIN : 0
        return pollfd(fd: client.socket, events: Int16(events), revents: 0)
      }
      if poll(&waits, nfds_t(waits.count), isFull ? 500 : -1) < 0 {
        guard errno == EINTR else { return }
        continue
      }
      isFull = false
      mail.withLock { $0.isAwake = true }
      for index in clients.indices where waits[index + 2].revents != 0 {
        if clients[index].isReady {
          receive(&clients[index], &requests)
        } else if Int32(waits[index + 2].revents) & (POLLERR | POLLHUP | POLLNVAL) != 0 {
          drop(&clients[index])
        } else {
          send(&clients[index])
        }
      }
      guard deliver(to: &clients, &requests, isWoken: waits[0].revents != 0) else { return }
      clients.removeAll { client in
        guard client.hangsUp, client.outgoing.isEmpty else { return false }
        close(client.socket)
        return true
      }
      guard waits[1].revents != 0 else { continue }
      guard let socket = accept() else {
        isFull = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS
        continue
      }
      arrivals += 1
      if let socket = room(for: socket, among: &clients) {
        clients.append(Client(number: arrivals, socket: socket, lastRequest: requests))
      }
    }
  }

  /// Takes the answers that came, and what those clients had sent meanwhile; false at the end.
  private func deliver(to clients: inout [Client], _ requests: inout Int, isWoken: Bool) -> Bool {
    if isWoken {
      var bytes: (UInt64, UInt64) = (0, 0)
      _ = read(wakeReader, &bytes, 16)
    }
    while true {
      let answers = mail.withLock { mail -> [(client: Int, answer: ServedAnswer)]? in
        defer { mail.answers = [] }
        mail.isAwake = !mail.answers.isEmpty
        return mail.ends ? nil : mail.answers
      }
      guard let answers else { return false }
      guard !answers.isEmpty else { return true }
      for (number, answer) in answers {
        guard let index = clients.firstIndex(where: { $0.number == number }) else { continue }
        clients[index].isServed = false
        clients[index].outgoing += answer.bytes
        clients[index].hangsUp = answer.hangsUp
        send(&clients[index])
        advance(&clients[index], &requests)
      }
    }
  }

  private func accept() -> Int32? {
    let socket = Glibc.accept(listener, nil, nil)
    guard socket >= 0 else { return nil }
    ModbusListener.settle(socket)
    // Answers are small and awaited; clients whose machine is gone are found out.
    var yes: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &yes, socklen_t(MemoryLayout<Int32>.size))
    return socket
  }

  /// Makes room where all places are taken; nil when the newcomer has to go.
  private func room(for newcomer: Int32, among clients: inout [Client]) -> Int32? {
    guard clients.count >= maximumClients else { return newcomer }
    switch crowding {
    case .wait, .refuse:
      close(newcomer)
      return nil
    case .replaceIdlest:
      let idlest = clients.indices.min { clients[$0].lastRequest < clients[$1].lastRequest }
      if let idlest { close(clients.remove(at: idlest).socket) }
      return newcomer
    }
  }

  private func drop(_ client: inout Client) {
    client.outgoing = []
    client.hangsUp = true
  }

  private func receive(_ client: inout Client, _ requests: inout Int) {
    var buffer = [UInt8](repeating: 0, count: 1040)
    let count = recv(client.socket, &buffer, buffer.count, 0)
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else { return drop(&client) }
    client.stream += buffer[..<count]
    advance(&client, &requests)
  }

  /// Hands the client's next request to the handler, if there is a whole one.
  private func advance(_ client: inout Client, _ requests: inout Int) {
    guard client.isReady, !client.hangsUp else { return }
    switch ModbusRequest.front(of: client.stream) {
    case .incomplete: return
    case .garbage: drop(&client)
    case .request(let request, let length):
      client.stream.removeFirst(length)
      client.isServed = true
      requests += 1
      client.lastRequest = requests
      let number = client.number
      handler(request) { [weak self] answer in
        self?.post { $0.answers.append((number, answer)) }
      }
    }
  }

  private func send(_ client: inout Client) {
    while !client.outgoing.isEmpty {
      let count = client.outgoing.withUnsafeBytes {
        Glibc.send(client.socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count < 0 {
        // A client that takes nothing now is asked again when it does.
        if errno == EAGAIN || errno == EINTR { return }
        return drop(&client)
      }
      client.outgoing.removeFirst(count)
    }
  }
}
