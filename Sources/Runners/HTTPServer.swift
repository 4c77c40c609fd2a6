import Glibc
import Synchronization

/// A small HTTP/1.1 server for this machine: one thread, loopback or a Unix socket, bounded.
///
/// At most 64 connections (further ones wait in the kernel's queue of 64), requests of at most
/// 16 KiB head and 8 MiB body, a minute of silence on a connection. No TLS: it never leaves the
/// machine.
final class HTTPServer: Sendable {
  static let maximumConnections = 64

  /// Where it listens; 0 for a Unix socket.
  let port: UInt16
  private let waker: Waker
  private let flag: StopFlag
  private let thread: WorkerThread

  /// Listens on 127.0.0.1; port 0 takes any free one.
  convenience init(
    port: UInt16, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(RunnerError) {
    try self.init(listener: ListeningSocket(port: port), handler: handler)
  }

  /// Listens on a Unix socket (mode 0660), replacing a stale one.
  convenience init(
    socketPath: String, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(RunnerError) {
    try self.init(listener: ListeningSocket(path: socketPath), handler: handler)
  }

  private init(
    listener: ListeningSocket, handler: @escaping @Sendable (HTTPRequest) -> HTTPResponse
  ) throws(RunnerError) {
    let waker = try Waker()
    self.waker = waker
    port = listener.port
    // The flag is a box of its own, so the thread doesn't hold the server.
    let stopping = StopFlag()
    flag = stopping
    thread = try WorkerThread(name: "http") {
      Self.serve(listener, waker: waker, flag: stopping, handler: handler)
    }
  }

  private final class StopFlag: Sendable {
    let isSet = Mutex(false)
  }

  deinit { stop() }

  /// Closes every connection and ends the thread.
  func stop() {
    let isFirst = flag.isSet.withLock { isSet in
      defer { isSet = true }
      return !isSet
    }
    guard isFirst else { return }
    waker.wake()
    thread.join()
  }

  private static func serve(
    _ listener: ListeningSocket, waker: Waker, flag: StopFlag,
    handler: (HTTPRequest) -> HTTPResponse
  ) {
    var connections: [HTTPConnection] = []
    defer { for connection in connections { close(connection.descriptor) } }
    while !flag.isSet.withLock({ $0 }) {
      let isFull = connections.count >= maximumConnections
      var polled = [
        pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
        pollfd(fd: isFull ? -1 : listener.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      polled += connections.map {
        pollfd(fd: $0.descriptor, events: $0.interest, revents: 0)
      }
      let now = SystemText.monotonicMilliseconds()
      let due = connections.map(\.dueMilliseconds).min() ?? .max
      let wait = due <= now ? 0 : min(due - now, 1000)
      guard poll(&polled, nfds_t(polled.count), Int32(wait)) >= 0 || errno == EINTR else { return }
      waker.clear()
      let after = SystemText.monotonicMilliseconds()
      for position in connections.indices {
        let events = polled[position + 2].revents
        if events & Int16(POLLIN) != 0 {
          connections[position].receive(at: after, handler)
        } else if events & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
          connections[position].hangUp()
        }
        connections[position].advance(at: after, handler)
        if connections[position].isOver { close(connections[position].descriptor) }
      }
      connections.removeAll(where: \.isOver)
      if polled[1].revents != 0, let descriptor = listener.accept() {
        connections.append(HTTPConnection(descriptor: descriptor, at: after))
      }
    }
  }
}
