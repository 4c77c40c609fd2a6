import Dispatch
import Glibc
import Sealing
import Synchronization

/// All links of one node: TLS 1.3 with raw Ed25519 keys, so the key *is* the neighbour.
///
/// One event thread serves every link without ever waiting for one of them: a slow, silent or
/// hostile peer costs the others nothing. Static peers are dialled again with back-off and jitter.
/// Of two links between the same pair the one dialled by the smaller key stays, on both sides.
public final class LinkHub: Sendable {
  /// The port that is listened on; nil when the hub only dials.
  public let port: UInt16?
  private let mailbox: LinkMailbox
  private let limits: LinkLimits
  private let thread: Mutex<pthread_t?>

  /// Opens the listener and starts the event thread.
  ///
  /// `listen` with port 0 takes any free port. A peer whose key is not in `allowed` is refused;
  /// `peers` are dialled and must be in `allowed` too. `handler` is called on the event thread, in
  /// order, and must return soon. Throws when the address can't be listened on.
  public init(
    keys: KeyPair, listen: HostPort?, peers: [PeerAddress], allowed: Set<PublicKey>,
    limits: LinkLimits = LinkLimits(), handler: @escaping @Sendable (LinkEvent) -> Void
  ) throws(LinkError) {
    // Made once here so that a key that GnuTLS refuses is an error of the caller's.
    _ = try TLSCredentials(keys: keys)
    let mailbox = try LinkMailbox()
    let listener = try listen.map { place throws(LinkError) in try ListeningSocket.open(place) }
    self.mailbox = mailbox
    self.limits = limits
    port = listener?.port
    let start = LinkThread(
      keys: keys, listener: listener?.descriptor, peers: peers, allowed: allowed, limits: limits,
      mailbox: mailbox, handler: handler)
    var created = pthread_t()
    let code = pthread_create(
      &created, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<LinkThread>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(start).toOpaque())
    guard code == 0 else {
      if let listener { close(listener.descriptor) }
      throw LinkError(.system, "can't start the thread for links: \(systemErrorText(code))")
    }
    thread = Mutex(created)
  }

  deinit { stop() }

  /// Queues one frame for `peer`; it arrives whole and in order, or the link goes down.
  ///
  /// False when the frame is empty or longer than `LinkLimits.maximumFrameBytes`, when too much
  /// waits already, or after `stop()`. A frame for a peer without a link is dropped.
  @discardableResult
  public func send(to peer: PublicKey, bytes: [UInt8]) -> Bool {
    guard !bytes.isEmpty, bytes.count <= LinkLimits.maximumFrameBytes else { return false }
    return mailbox.post(.send(peer, bytes), limit: limits.maximumMailboxBytes)
  }

  /// Closes every link and the listener, and returns when the event thread has ended.
  ///
  /// No event comes of it, and none after it. Called from the handler it only asks for the end,
  /// as a thread can't wait for itself.
  public func stop() {
    mailbox.stop()
    let ending = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let ending else { return }
    if pthread_equal(ending, pthread_self()) != 0 {
      pthread_detach(ending)
    } else {
      pthread_join(ending, nil)
    }
  }
}

/// What the event thread starts with.
private final class LinkThread {
  private let keys: KeyPair
  private let listener: Int32?
  private let peers: [PeerAddress]
  private let allowed: Set<PublicKey>
  private let limits: LinkLimits
  private let mailbox: LinkMailbox
  private let handler: @Sendable (LinkEvent) -> Void

  init(
    keys: KeyPair, listener: Int32?, peers: [PeerAddress], allowed: Set<PublicKey>,
    limits: LinkLimits, mailbox: LinkMailbox, handler: @escaping @Sendable (LinkEvent) -> Void
  ) {
    self.keys = keys
    self.listener = listener
    self.peers = peers
    self.allowed = allowed
    self.limits = limits
    self.mailbox = mailbox
    self.handler = handler
  }

  func run() {
    do {
      let loop = LinkLoop(
        credentials: try TLSCredentials(keys: keys), listener: listener, peers: peers,
        allowed: allowed, limits: limits, mailbox: mailbox, handler: handler)
      loop.run()
    } catch {
      handler(.refused(reason: "links are off: \(error.text)"))
    }
  }
}
