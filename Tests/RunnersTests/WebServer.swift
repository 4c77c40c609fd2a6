import Glibc
import Synchronization

/// A server on loopback that answers the first line of each request by a rule, a connection each.
final class WebServer: Sendable {
  let port: UInt16
  private let listener: Int32
  /// What to send; nil keeps the connection open in silence.
  private let rule: @Sendable (String) -> String?
  private let state = Mutex(State())

  private struct State {
    var isStopping = false
    var silent: [Int32] = []
    var thread: pthread_t?
  }

  private final class Start: Sendable {
    let server: WebServer
    init(_ server: WebServer) { self.server = server }
  }

  init(rule: @escaping @Sendable (String) -> String?) throws {
    self.rule = rule
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
        bind(descriptor, general, size) == 0 && listen(descriptor, 16) == 0
          && getsockname(descriptor, general, &size) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isBound else { throw ScratchFolder.Failure(message: "no listening socket") }
    var thread = pthread_t()
    let start = Unmanaged.passRetained(Start(self))
    pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Start>.fromOpaque(context).takeRetainedValue().server.serve()
        return nil
      }, start.toOpaque())
    let started = thread
    state.withLock { $0.thread = started }
  }

  func stop() {
    let thread = state.withLock { state in
      state.isStopping = true
      return state.thread
    }
    shutdown(listener, Int32(SHUT_RDWR))
    if let thread { pthread_join(thread, nil) }
    for descriptor in state.withLock({ $0.silent }) { close(descriptor) }
    close(listener)
  }

  private func serve() {
    while !state.withLock({ $0.isStopping }) {
      let client = accept(listener, nil, nil)
      guard client >= 0 else { continue }
      guard let answer = rule(firstLine(of: client)) else {
        state.withLock { $0.silent.append(client) }
        continue
      }
      let bytes = Array(answer.utf8)
      _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      close(client)
    }
  }

  /// Reads the whole head, so that closing resets nothing that was not read.
  private func firstLine(of client: Int32) -> String {
    var text = ""
    var chunk = [UInt8](repeating: 0, count: 4096)
    while !text.contains("\r\n\r\n") {
      let got = recv(client, &chunk, chunk.count, 0)
      guard got > 0 else { break }
      text += String(decoding: chunk.prefix(got), as: UTF8.self)
    }
    return text.split(separator: "\r\n").first.map(String.init) ?? ""
  }
}
