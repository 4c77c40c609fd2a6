import Dispatch
import Glibc
import Synchronization

/// The Unix socket by which the people of a house reach their node: one line in, one answer out.
///
/// Whoever may open the file (mode 0660: the node's user and group) has the board. A client sends
/// one line of at most 1024 bytes, within two seconds unless the socket is told to be more patient;
/// the answer is UTF-8 text, then the end.
public final class ControlSocket: Sendable {
  public static let maximumConnections = 16
  public static let maximumLineBytes = 1024
  /// How long a client may take to send its line, or to take the answer, unless told otherwise.
  public static let idleSeconds = 2

  public let path: String
  private let descriptor: Int32
  private let identity: FileIdentity
  private let idleSeconds: Int
  private let handler: @Sendable (String) async -> String
  private let queue = DispatchQueue(label: "control socket", attributes: .concurrent)
  // Safe: never replaced, and used from outside its own queue only to cancel it, which libdispatch
  // allows from any thread; its Linux overlay lacks the annotation.
  private nonisolated(unsafe) let source: any DispatchSourceRead
  private let connections = Mutex(0)
  private let isStopped = Mutex(false)

  /// Opens the socket; a stale one that nobody answers on is removed first.
  ///
  /// `idleSeconds` is how long a client may take to send its line, and to take its answer.
  /// Throws when another node answers on it, when something else lies there, when the path is
  /// longer than a socket's address holds, or when the directory can't be written.
  public init(
    path: String, idleSeconds: Int = ControlSocket.idleSeconds,
    handler: @escaping @Sendable (String) async -> String
  ) throws(LinkError) {
    try Self.clear(path)
    // Bound under another name and moved: at its own name it never has another mode.
    let temporary = "\(path).\(getpid())"
    unlink(temporary)
    let descriptor = try UnixSocket.open(path: temporary) { bind($0, $1, $2) }
    guard chmod(temporary, 0o660) == 0, listen(descriptor, 32) == 0,
      let identity = FileIdentity(path: temporary), rename(temporary, path) == 0
    else {
      let reason = systemErrorText()
      close(descriptor)
      unlink(temporary)
      throw LinkError(.system, "can't open the control socket \(path): \(reason)")
    }
    setNonBlocking(descriptor)
    self.path = path
    self.descriptor = descriptor
    self.identity = identity
    self.idleSeconds = idleSeconds
    self.handler = handler
    source = DispatchSource.makeReadSource(
      fileDescriptor: descriptor, queue: DispatchQueue(label: "control socket listener"))
    source.setEventHandler { [weak self] in self?.acceptAll() }
    source.setCancelHandler { close(descriptor) }
    source.activate()
  }

  deinit { stop() }

  /// Takes no more connections and removes the socket; answers under way are still given.
  public func stop() {
    let isFirst = isStopped.withLock { stopped in
      defer { stopped = true }
      return !stopped
    }
    guard isFirst else { return }
    source.cancel()
    // Another node may have put its own socket there meanwhile.
    if FileIdentity(path: path) == identity { unlink(path) }
  }

  private static func clear(_ path: String) throws(LinkError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw LinkError(
        .invalid, "\(path) is no socket. Move it away, or choose another data directory.")
    }
    do {
      let descriptor = try UnixSocket.open(path: path) { connect($0, $1, $2) }
      close(descriptor)
    } catch {
      guard error.code == .unreachable else { throw error }
      unlink(path)
      return
    }
    throw LinkError(
      .invalid, "a node answers on \(path) already. Stop it, or choose another data directory.")
  }

  private func acceptAll() {
    while true {
      let client = accept(descriptor, nil, nil)
      guard client >= 0 else { return }
      setCloseOnExec(client)
      let isTaken = connections.withLock { count in
        guard count < Self.maximumConnections else { return false }
        count += 1
        return true
      }
      guard isTaken else {
        let text = Array("Error: the node has too many questions at once. Ask again.\n".utf8)
        _ = send(client, text, text.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        close(client)
        continue
      }
      queue.async { [self] in serve(client) }
    }
  }

  /// Reads on a thread of the queue, so a slow client holds no thread of the node's tasks.
  private func serve(_ client: Int32) {
    setNonBlocking(client)
    let deadline = monotonicMilliseconds() + Int64(idleSeconds) * 1000
    let line: String
    switch UnixSocket.readLine(client, limit: Self.maximumLineBytes, deadline: deadline) {
    case .line(let text): line = text
    case .tooLong:
      answer(client, "Error: that line is too long. HELP lists the commands.")
      return
    case .none:
      finish(client)
      return
    }
    Task { [self] in
      let text = await handler(line)
      queue.async { [self] in answer(client, text) }
    }
  }

  private func answer(_ client: Int32, _ text: String) {
    let bytes = Array((text.hasSuffix("\n") ? text : text + "\n").utf8)
    let deadline = monotonicMilliseconds() + Int64(idleSeconds) * 1000
    _ = UnixSocket.writeAll(client, bytes, deadline: deadline)
    finish(client)
  }

  private func finish(_ client: Int32) {
    close(client)
    connections.withLock { $0 -= 1 }
  }
}
