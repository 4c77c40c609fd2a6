import Dispatch
import Glibc

/// Asks a node through its control socket; the command line, the console and the street use it.
public struct ControlClient: Hashable, Sendable {
  /// The longest answer that is taken: 1 MiB.
  public static let maximumAnswerBytes = 1 << 20

  public let path: String
  public let timeoutSeconds: Int

  /// `node` is the node's data directory or the socket itself.
  public init(node: String, timeoutSeconds: Int = 10) {
    var status = stat()
    let isDirectory = stat(node, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    let base = node.hasSuffix("/") && node.count > 1 ? String(node.dropLast()) : node
    path = isDirectory || !node.hasSuffix(".sock") ? base + "/control.sock" : node
    self.timeoutSeconds = timeoutSeconds
  }

  /// The same as `ask`, on a thread of its own: for callers that are tasks.
  public func answer(to line: String) async throws(LinkError) -> String {
    let result: Result<String, LinkError> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        do throws(LinkError) {
          continuation.resume(returning: .success(try ask(line)))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    return try result.get()
  }

  /// Sends one line and waits for the whole answer, without its last line end. Blocks.
  ///
  /// Throws `.unreachable` when no node answers there, `.timeout` when no whole answer comes
  /// or the node hangs up.
  public func ask(_ line: String) throws(LinkError) -> String {
    guard line.utf8.count <= ControlSocket.maximumLineBytes, !line.utf8.contains(10) else {
      throw LinkError(
        .invalid, "a command is one line of at most \(ControlSocket.maximumLineBytes) bytes")
    }
    let descriptor: Int32
    do {
      descriptor = try UnixSocket.open(path: path) { connect($0, $1, $2) }
    } catch {
      guard error.code != .invalid else { throw error }
      throw LinkError(
        .unreachable,
        "no node answers: \(error.text). Is heliographd running, and may you open its socket? "
          + "Name its data directory with --node DIR.")
    }
    defer { close(descriptor) }
    setNonBlocking(descriptor)
    let deadline = monotonicMilliseconds() + Int64(timeoutSeconds) * 1000
    // A node with too many questions answers before it reads, so a failed write is not the end.
    _ = UnixSocket.writeAll(descriptor, Array((line + "\n").utf8), deadline: deadline)
    guard
      let bytes = UnixSocket.readAll(
        descriptor, limit: Self.maximumAnswerBytes, deadline: deadline)
    else {
      throw LinkError(
        .timeout, "\(path): no whole answer within \(timeoutSeconds) s. The node may be busy.")
    }
    // It gives up a question that comes too slowly, and one that is open when it stops.
    guard !bytes.isEmpty else {
      throw LinkError(
        .timeout, "\(path): the node hung up without an answer. It may be stopping. Ask again.")
    }
    guard bytes.last == UInt8(ascii: "\n") else {
      throw LinkError(
        .timeout, "\(path): the node hung up in the middle of its answer. Ask again.")
    }
    return String(decoding: bytes.dropLast(), as: UTF8.self)
  }
}
