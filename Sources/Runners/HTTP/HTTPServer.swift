import Glibc
import Synchronization

/// A small HTTP/1.1 server for this machine: one thread, loopback or Unix sockets, bounded.
///
/// At most 64 connections; where more wait, whoever has been silent longest gives its place up
/// (further ones wait in the kernel's queue of 64). No TLS: it never leaves the machine.
final class HTTPServer: Sendable {
  static let maximumConnections = 64

  /// The first port that it listens on; 0 where there are only Unix sockets.
  let port: UInt16
  private let waker: Waker
  private let mail: Mail
  private let thread: WorkerThread

  /// Listens on 127.0.0.1; port 0 takes any free one.
  convenience init(
    port: UInt16, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(RunnerError) {
    try self.init(
      listeners: [ListeningSocket(port: port)], service: PlainService(handler: handler))
  }

  /// Listens on a Unix socket (mode 0660), replacing a stale one.
  convenience init(
    socketPath: String, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(RunnerError) {
    try self.init(
      listeners: [ListeningSocket(path: socketPath)], service: PlainService(handler: handler))
  }

  init(listeners: [ListeningSocket], service: any HTTPService) throws(RunnerError) {
    let waker = try Waker()
    self.waker = waker
    port = listeners.map(\.port).first { $0 > 0 } ?? 0
    // A box of its own, so the thread doesn't hold the server.
    let mail = Mail()
    self.mail = mail
    thread = try WorkerThread(name: "http") {
      let host = HTTPConnection.Host(service: service) { serial, response in
        mail.put(response, for: serial)
        waker.wake()
      }
      var loop = HTTPLoop(listeners: listeners, waker: waker, mail: mail, host: host)
      loop.run()
    }
  }

  /// What other threads leave for the server's.
  final class Mail: Sendable {
    private struct Content {
      var isStopping = false
      var responses: [(serial: Int, response: HTTPResponse)] = []
    }

    private let content = Mutex(Content())

    func put(_ response: HTTPResponse, for serial: Int) {
      content.withLock { $0.responses.append((serial, response)) }
    }

    /// Asks for the end; true the first time.
    func stop() -> Bool {
      content.withLock { content in
        defer { content.isStopping = true }
        return !content.isStopping
      }
    }

    /// What came since the last time; nil once the end was asked for.
    func take() -> [(serial: Int, response: HTTPResponse)]? {
      content.withLock { content in
        guard !content.isStopping else { return nil }
        defer { content.responses.removeAll() }
        return content.responses
      }
    }
  }

  deinit { stop() }

  /// Closes every connection and ends the thread.
  func stop() {
    guard mail.stop() else { return }
    waker.wake()
    thread.join()
  }
}

/// What the server's thread does; never leaves it.
private struct HTTPLoop {
  let listeners: [ListeningSocket]
  let waker: Waker
  let mail: HTTPServer.Mail
  let host: HTTPConnection.Host
  private var connections: [HTTPConnection] = []
  private var exchanges = 0

  init(
    listeners: [ListeningSocket], waker: Waker, mail: HTTPServer.Mail, host: HTTPConnection.Host
  ) {
    self.listeners = listeners
    self.waker = waker
    self.mail = mail
    self.host = host
  }

  mutating func run() {
    defer { for connection in connections { close(connection.descriptor) } }
    while let responses = mail.take() {
      for (serial, response) in responses {
        guard let place = connections.firstIndex(where: { $0.serial == serial }) else { continue }
        connections[place].take(response, at: SystemText.monotonicMilliseconds())
      }
      guard turn() else { return }
    }
  }

  /// Waits for something to happen and does what that asks for; false when polling is impossible.
  private mutating func turn() -> Bool {
    let before = SystemText.monotonicMilliseconds()
    advance(at: before)
    let hasRoom = connections.count < HTTPServer.maximumConnections || quietest(at: before) != nil
    var polled = [pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0)]
    polled += listeners.map {
      pollfd(fd: hasRoom ? $0.descriptor : -1, events: Int16(POLLIN), revents: 0)
    }
    polled += connections.map { pollfd(fd: $0.descriptor, events: $0.interest, revents: 0) }
    let due = connections.map(\.dueMilliseconds).min() ?? .max
    let wait = due <= before ? 0 : min(due - before, 1000)
    guard poll(&polled, nfds_t(polled.count), Int32(wait)) >= 0 || errno == EINTR else {
      return false
    }
    waker.clear()
    let now = SystemText.monotonicMilliseconds()
    for position in connections.indices {
      let events = polled[position + 1 + listeners.count].revents
      if events & Int16(POLLIN) != 0 {
        connections[position].receive(at: now, host)
      } else if events & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
        connections[position].hangUp()
      }
    }
    advance(at: now)
    for (position, listener) in listeners.enumerated() where polled[position + 1].revents != 0 {
      accept(listener, at: now)
    }
    return true
  }

  private mutating func advance(at now: Int64) {
    for position in connections.indices {
      connections[position].advance(at: now, serials: &exchanges, host)
      if connections[position].isOver { close(connections[position].descriptor) }
    }
    connections.removeAll(where: \.isOver)
  }

  /// The connection that gives its place up where another waits for one.
  private func quietest(at now: Int64) -> Int? {
    var found: (position: Int, since: Int64)?
    for position in connections.indices {
      guard let since = connections[position].silentSince(at: now) else { continue }
      if since < found?.since ?? .max { found = (position, since) }
    }
    return found?.position
  }

  private mutating func accept(_ listener: ListeningSocket, at now: Int64) {
    if connections.count >= HTTPServer.maximumConnections {
      guard let position = quietest(at: now) else { return }
      close(connections.remove(at: position).descriptor)
    }
    guard let descriptor = listener.accept() else { return }
    exchanges += 1
    connections.append(
      HTTPConnection(
        descriptor: descriptor, arrival: listener.port == 0 ? .unixSocket : .loopback,
        serial: exchanges, at: now))
  }
}
