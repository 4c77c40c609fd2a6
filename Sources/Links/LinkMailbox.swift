import Glibc
import Sealing
import Synchronization

/// What other threads ask of a hub's event thread, and the descriptor that wakes it.
final class LinkMailbox: Sendable {
  enum Request: Sendable {
    case send(PublicKey, [UInt8])
    case resolved(PublicKey, [SocketAddress])
    case unresolved(PublicKey, String)
  }

  private struct Contents {
    var requests: [Request] = []
    var bytes = 0
    var isStopping = false
  }

  /// Becomes readable when something waits.
  let wakeDescriptor: Int32
  private let wakeWriter: Int32
  private let contents = Mutex(Contents())

  init() throws(LinkError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else {
      throw LinkError(.system, "can't make a pipe for links: \(systemErrorText())")
    }
    for end in ends {
      setNonBlocking(end)
      setCloseOnExec(end)
    }
    wakeDescriptor = ends[0]
    wakeWriter = ends[1]
  }

  deinit {
    close(wakeDescriptor)
    close(wakeWriter)
  }

  /// False when the mailbox is full or the hub has stopped.
  func post(_ request: Request, limit: Int) -> Bool {
    let size = if case .send(_, let bytes) = request { bytes.count } else { 0 }
    let isTaken = contents.withLock { contents in
      guard !contents.isStopping, contents.bytes + size <= limit else { return false }
      contents.bytes += size
      contents.requests.append(request)
      return true
    }
    if isTaken { wake() }
    return isTaken
  }

  func stop() {
    contents.withLock { $0.isStopping = true }
    wake()
  }

  /// Takes everything that waits.
  func take() -> (requests: [Request], isStopping: Bool) {
    var tokens = [UInt8](repeating: 0, count: 256)
    while read(wakeDescriptor, &tokens, tokens.count) == tokens.count {}
    return contents.withLock { contents in
      defer {
        contents.requests = []
        contents.bytes = 0
      }
      return (contents.requests, contents.isStopping)
    }
  }

  private func wake() {
    // A full pipe is as good a wake as one more token.
    var token: UInt8 = 1
    _ = write(wakeWriter, &token, 1)
  }
}
