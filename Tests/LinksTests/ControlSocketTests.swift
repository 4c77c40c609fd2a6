import Dispatch
import Glibc
import Links
import Synchronization
import Testing
import Thrown

@Suite("ControlSocket")
struct ControlSocketTests {
  @Test("answers one line per connection, whole, and to its group only")
  func answers() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let socket = try patientSocket(folder) { "heard \($0)" }
    var status = stat()
    #expect(stat(socket.path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o660)
    let client = patientClient(folder.path)
    #expect(try await client.answer(to: "STATUS é") == "heard STATUS é")
    #expect(
      try await patientClient(socket.path).answer(to: "") == "heard ")
    let long = String(repeating: "a", count: ControlSocket.maximumLineBytes)
    #expect(try await client.answer(to: long) == "heard " + long)
    await #expect(throws: LinkError.self) { try await client.answer(to: long + "a") }
    await #expect(throws: LinkError.self) { try await client.answer(to: "a\nb") }
    socket.stop()
    #expect(stat(socket.path, &status) != 0)
    let error = await thrownLater(LinkError.self) { try await client.answer(to: "STATUS") }
    #expect(error?.code == .unreachable)
    #expect(error?.text.contains("Is heliographd running") == true)
  }

  @Test("carries an answer of a megabyte")
  func bigAnswer() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let text = String(repeating: "0123456789", count: 100_000)
    let socket = try patientSocket(folder) { _ in text }
    defer { socket.stop() }
    #expect(
      try await patientClient(folder.path).answer(to: "SNAPSHOT 0")
        == text)
  }

  @Test("takes the place of a dead node's socket and never of a live one's")
  func stale() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let path = folder.path + "/control.sock"
    // A socket file that nobody listens on any more, as after a kill.
    let dead = boundUnixSocket(path)
    #expect(dead >= 0)
    close(dead)
    let socket = try patientSocket(folder) { _ in "alive" }
    defer { socket.stop() }
    #expect(
      try await patientClient(path).answer(to: "STATUS") == "alive")
    let error = thrown(LinkError.self) { try ControlSocket(path: path) { _ in "" } }
    #expect(error?.text.contains("a node answers on \(path) already") == true)
    #expect(
      try await patientClient(path).answer(to: "STATUS") == "alive")
  }

  @Test("leaves another's file alone, and names a path that is too long")
  func refusesPaths() throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    folder.write("control.sock", Array("precious".utf8))
    #expect(throws: LinkError.self) {
      try ControlSocket(path: folder.path + "/control.sock") { _ in "" }
    }
    #expect(folder.read("control.sock") == "precious")
    let long = folder.path + "/" + String(repeating: "a", count: 120)
    let error = thrown(LinkError.self) { try ControlSocket(path: long) { _ in "" } }
    #expect(error?.text.contains("Choose a shorter data directory") == true)
  }

  @Test("goes on when clients send too much, nothing, or leave")
  func badClients() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let socket = try patientSocket(folder) { "heard \($0)" }
    defer { socket.stop() }
    let endless = unixConnection(socket.path)
    let bytes = [UInt8](repeating: 65, count: 4000)
    _ = send(endless, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    let refusal = await received(endless)
    #expect(refusal.isEmpty || refusal.hasPrefix("Error: that line"))
    close(endless)
    close(unixConnection(socket.path))
    #expect(
      try await patientClient(folder.path).answer(to: "STATUS")
        == "heard STATUS")
  }

  @Test("hangs up on a client that says nothing")
  func silentClient() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let path = folder.path + "/control.sock"
    let socket = try ControlSocket(path: path, idleSeconds: 1) { "heard \($0)" }
    defer { socket.stop() }
    let silent = unixConnection(path)
    defer { close(silent) }
    #expect(await received(silent).isEmpty)
  }

  @Test(
    "a client takes no part of an answer for the whole: it says that the node hung up",
    arguments: [("", "without an answer"), ("12 kW", "in the middle of its answer")])
  func hungUp(_ said: String, _ words: String) async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let node = boundUnixSocket(folder.path + "/control.sock")
    #expect(listen(node, 1) == 0)
    async let asked = thrownLater(LinkError.self) {
      try await patientClient(folder.path).answer(to: "STATUS")
    }
    // The question lies there unread.
    let client = await accepted(node)
    _ = send(client, said, said.utf8.count, Int32(MSG_NOSIGNAL))
    close(client)
    close(node)
    let error = await asked
    #expect(error?.code == .timeout)
    #expect(error?.text.contains("hung up \(words)") == true)
  }

  @Test("takes what has arrived, however late it looks")
  func arrivedIsNotLate() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let socket = try ControlSocket(path: folder.path + "/control.sock", idleSeconds: 0) {
      "heard \($0)"
    }
    defer { socket.stop() }
    // Written before the node takes the connection up: it has no time to wait, and needs none.
    var answer = ""
    for _ in 0..<500 where answer.isEmpty {
      let client = unixConnection(socket.path)
      _ = send(client, "STATUS\n", 7, Int32(MSG_NOSIGNAL))
      answer = await received(client)
      close(client)
    }
    #expect(answer == "heard STATUS\n")
  }

  @Test("says that it is busy when too many ask at once, and answers again afterwards")
  func busy() async throws {
    let folder = try TestFolder()
    defer { folder.remove() }
    let gate = AsyncGate()
    let socket = try patientSocket(folder) { _ in
      await gate.wait()
      return "done"
    }
    defer { socket.stop() }
    let waiting = (0..<ControlSocket.maximumConnections).map { _ in unixConnection(socket.path) }
    for descriptor in waiting { _ = send(descriptor, "STATUS\n", 7, Int32(MSG_NOSIGNAL)) }
    #expect(await eventually { gate.waiting == ControlSocket.maximumConnections })
    let client = patientClient(folder.path)
    #expect(
      try await client.answer(to: "STATUS").hasPrefix("Error: the node has too many questions"))
    gate.open()
    for descriptor in waiting {
      #expect(await received(descriptor) == "done\n")
      close(descriptor)
    }
    #expect(try await client.answer(to: "STATUS") == "done")
  }
}

/// Lets tasks wait without holding a thread until it is opened.
final class AsyncGate: Sendable {
  private struct State {
    var isOpen = false
    var continuations: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  var waiting: Int { state.withLock { $0.continuations.count } }

  func wait() async {
    await withCheckedContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.continuations.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }

  func open() {
    let continuations = state.withLock { state in
      state.isOpen = true
      defer { state.continuations = [] }
      return state.continuations
    }
    for continuation in continuations { continuation.resume() }
  }
}

/// Everything that comes until the other end closes, without holding a thread.
func received(_ descriptor: Int32) async -> String {
  let bytes = Mutex<[UInt8]>([])
  _ = await eventually {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    if count > 0 { bytes.withLock { $0 += buffer[..<count] } }
    return count == 0 || (count < 0 && errno != EAGAIN)
  }
  return bytes.withLock { String(decoding: $0, as: UTF8.self) }
}

/// A plain connection to a Unix socket.
func unixConnection(_ path: String) -> Int32 {
  unixSocket(path) { connect($0, $1, $2) }
}

/// A plain Unix socket at `path` that doesn't listen.
func boundUnixSocket(_ path: String) -> Int32 {
  unixSocket(path) { bind($0, $1, $2) }
}

private func unixSocket(
  _ path: String, _ attach: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
) -> Int32 {
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
  let result = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      attach(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  return result == 0 ? descriptor : -1
}

/// The next connection to a listening socket.
func accepted(_ descriptor: Int32) async -> Int32 {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(returning: accept(descriptor, nil, nil)) }
  }
}
