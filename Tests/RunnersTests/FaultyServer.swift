import Glibc
import Synchronization

/// A raw socket server that answers requests for completions as it is told, badly or well.
final class FaultyServer: Sendable {
  enum Answer: Sendable {
    /// Exactly these bytes, then the end of the connection.
    case bytes(String)
    /// Nothing, with the connection left open.
    case silence
    /// These bytes, then nothing, with the connection left open.
    case stalling(String)
    /// One line that never ends.
    case endlessLine
  }

  let port: UInt16
  private let listener: Int32
  private let state: Mutex<State>

  private struct State {
    var answers: [Answer]
    var asked = 0
    var silent: [Int32] = []
    var isStopping = false
    var thread: pthread_t?
  }

  private final class Start: Sendable {
    let server: FaultyServer
    init(_ server: FaultyServer) { self.server = server }
  }

  /// Gives `answers` to the completions asked for, in turn; the last one for ever.
  init(_ answers: [Answer]) throws {
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
    state = Mutex(State(answers: answers))
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

  /// How many completions were asked for.
  var asked: Int { state.withLock { $0.asked } }

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
      let request = read(client)
      if request.hasPrefix("GET /health") {
        send(Self.response(200, "{}"), to: client)
      } else if request.hasPrefix("GET") {
        send(Self.response(404, "{}"), to: client)
      } else {
        answer(client)
        continue
      }
      close(client)
    }
  }

  private func answer(_ client: Int32) {
    let answer = state.withLock { state in
      state.asked += 1
      return state.answers.count > 1 ? state.answers.removeFirst() : state.answers[0]
    }
    switch answer {
    case .bytes(let text): send(text, to: client)
    case .silence:
      state.withLock { $0.silent.append(client) }
      return
    case .stalling(let text):
      send(text, to: client)
      state.withLock { $0.silent.append(client) }
      return
    case .endlessLine:
      send(Self.streamHead + "data: {\"choices\":\"", to: client)
      let more = String(repeating: "x", count: 65_536)
      while !state.withLock({ $0.isStopping }), send(more, to: client) {}
    }
    close(client)
  }

  private func read(_ client: Int32) -> String {
    var text = ""
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while !text.hasPrefix("GET"), !text.hasSuffix("}") {
      let got = recv(client, &chunk, chunk.count, 0)
      guard got > 0 else { break }
      text += String(decoding: chunk.prefix(got), as: UTF8.self)
    }
    return text
  }

  @discardableResult
  private func send(_ text: String, to client: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let wrote = bytes.withUnsafeBytes {
        Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard wrote > 0 else { return false }
      bytes = bytes.dropFirst(wrote)
    }
    return true
  }

  static let streamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"

  static func response(_ status: Int, _ body: String, field: String = "X-Test: 1") -> String {
    "HTTP/1.1 \(status) Status\r\nContent-Type: application/json\r\n\(field)\r\n"
      + "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n" + body
  }
}
