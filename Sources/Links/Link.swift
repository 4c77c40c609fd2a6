import Glibc
import Sealing

/// One connection to one peer, from the first packet to the last. Event thread only.
final class Link {
  enum Phase {
    /// The TCP connection is being made.
    case connecting
    case handshaking
    /// The key is proved and allowed; the peer has not said yet that it allows ours.
    case welcoming
    case up
    /// Refused; what the other end still sends is thrown away so that it gets to read why.
    case refused
  }

  let identifier: Int
  let descriptor: Int32
  /// Where the other end is, for messages.
  let remote: String
  /// The neighbour that we dialled; nil when the other end dialled us.
  let dialled: PublicKey?
  var phase: Phase
  var session: TLSSession?
  /// The key that the other end proved.
  var key: PublicKey?
  /// When a link that is not up is closed; monotonic milliseconds, like all times here.
  var deadline: Int64
  var lastHeard: Int64
  /// When something last left, or the queue last became filled.
  var lastSent: Int64
  var upSince: Int64 = 0
  var reader: FrameReader
  private var queue: [[UInt8]] = []
  private var queueHead = 0
  private var queueOffset = 0
  private(set) var queuedBytes = 0

  init(
    identifier: Int, descriptor: Int32, remote: String, dialled: PublicKey?, phase: Phase,
    now: Int64, limits: LinkLimits
  ) {
    self.identifier = identifier
    self.descriptor = descriptor
    self.remote = remote
    self.dialled = dialled
    self.phase = phase
    deadline = now + limits.handshakeMilliseconds
    reader = FrameReader(limit: limits.maximumAcceptedBytes)
    lastHeard = now
    lastSent = now
  }

  deinit { close(descriptor) }

  var isDialled: Bool { dialled != nil }
  var hasQueued: Bool { queueHead < queue.count }

  func enqueue(_ frame: [UInt8], now: Int64) {
    if !hasQueued { lastSent = now }
    queue.append(frame)
    queuedBytes += frame.count
  }

  /// Sends what the socket takes, at most about 256 KiB a turn; the reason if the link is done for.
  func flush(now: Int64) -> String? {
    guard let session else { return nil }
    var turn = 0
    while hasQueued, turn < 1 << 18 {
      switch session.send(queue[queueHead], from: queueOffset) {
      case .bytes(let count):
        lastSent = now
        turn += count
        queueOffset += count
        queuedBytes -= count
        if queueOffset == queue[queueHead].count {
          queue[queueHead] = []
          queueHead += 1
          queueOffset = 0
        }
      case .blocked: return nil
      case .failed(let reason): return reason
      }
    }
    if !hasQueued || queueHead > 256 {
      queue.removeFirst(queueHead)
      queueHead = 0
    }
    return nil
  }

  /// What poll should watch for.
  var interest: Int16 {
    switch phase {
    case .connecting: return Int16(POLLOUT)
    case .refused: return Int16(POLLIN)
    case .handshaking: return Int16(session?.wantsWrite == true ? POLLOUT : POLLIN)
    case .welcoming, .up: return Int16(hasQueued ? POLLIN | POLLOUT : POLLIN)
    }
  }
}
