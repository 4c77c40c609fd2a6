import Glibc
import Sealing

/// The event thread's state and turn: poll, then serve each link a bounded share.
final class LinkLoop {
  let credentials: TLSCredentials
  private var listener: Int32?
  let allowed: Set<PublicKey>
  let limits: LinkLimits
  let mailbox: LinkMailbox
  private let handler: @Sendable (LinkEvent) -> Void
  var links: [Int: Link] = [:]
  /// The link that stands for each neighbour.
  var standing: [PublicKey: Int] = [:]
  var diallers: [Dialler] = []
  private var nextIdentifier = 1
  private var acceptAgainAt: Int64 = 0
  private var refusalMinute: Int64 = 0
  private var refusals = 0
  private var generator = SystemRandomNumberGenerator()
  private var buffer = [UInt8](repeating: 0, count: 16_384)

  init(
    credentials: TLSCredentials, listener: Int32?, peers: [PeerAddress],
    allowed: Set<PublicKey>, limits: LinkLimits, mailbox: LinkMailbox,
    handler: @escaping @Sendable (LinkEvent) -> Void
  ) {
    self.credentials = credentials
    self.listener = listener
    self.allowed = allowed
    self.limits = limits
    self.mailbox = mailbox
    self.handler = handler
    let now = monotonicMilliseconds()
    for peer in peers where allowed.contains(peer.key) && peer.key != credentials.publicKey {
      // The larger key lets the smaller one dial first: two links at once are rare then.
      let wait = credentials.publicKey < peer.key ? 0 : limits.firstRetryMilliseconds / 2
      diallers.append(Dialler(peer: peer, nextAttempt: now + wait))
    }
  }

  deinit { if let listener { close(listener) } }

  func run() {
    while true {
      let (requests, isStopping) = mailbox.take()
      if isStopping { break }
      for request in requests { perform(request) }
      dialWhatIsDue()
      closeWhatIsOver()
      turn()
    }
    for link in links.values { link.session?.close() }
    links = [:]
  }

  func emit(_ event: LinkEvent) { handler(event) }

  func random() -> Int64 { Int64.random(in: 0...Int64(Int32.max), using: &generator) }

  /// Says one line about a stranger, or only counts it when there were many in this minute.
  func refuse(_ reason: String) {
    let minute = monotonicMilliseconds() / 60_000
    if minute != refusalMinute {
      let suppressed = refusals - limits.refusalsPerMinute
      refusalMinute = minute
      refusals = 0
      if suppressed > 0 { emit(.refused(reason: "\(suppressed) more strangers were refused")) }
    }
    refusals += 1
    if refusals <= limits.refusalsPerMinute { emit(.refused(reason: reason)) }
  }

  func add(descriptor: Int32, remote: String, dialled: PublicKey?, phase: Link.Phase) -> Link {
    let link = Link(
      identifier: nextIdentifier, descriptor: descriptor, remote: remote, dialled: dialled,
      phase: phase, now: monotonicMilliseconds(), limits: limits)
    nextIdentifier += 1
    links[link.identifier] = link
    return link
  }

  private func perform(_ request: LinkMailbox.Request) {
    switch request {
    case .send(let peer, let bytes):
      guard let identifier = standing[peer], let link = links[identifier] else { return }
      let frame = FrameReader.frame(bytes)
      guard link.queuedBytes + frame.count <= limits.maximumQueuedBytes else {
        drop(link, "too slow: \(link.queuedBytes) bytes wait to be sent")
        return
      }
      link.enqueue(frame, now: monotonicMilliseconds())
      if let reason = link.flush(now: monotonicMilliseconds()) { drop(link, reason) }
    case .resolved(let peer, let addresses): lookedUp(peer, addresses)
    case .unresolved(let peer, let reason): dialFailed(peer, reason)
    }
  }

  private func turn() {
    var descriptors = [pollfd(fd: mailbox.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
    let now = monotonicMilliseconds()
    let listens = listener != nil && now >= acceptAgainAt
    if listens, let listener {
      descriptors.append(pollfd(fd: listener, events: Int16(POLLIN), revents: 0))
    }
    let first = descriptors.count
    let order = links.keys.sorted()
    var hasPending = false
    for identifier in order {
      guard let link = links[identifier] else { continue }
      descriptors.append(pollfd(fd: link.descriptor, events: link.interest, revents: 0))
      if link.session?.hasPending == true { hasPending = true }
    }
    let wait = hasPending ? 0 : milliseconds(until: nextDue(now), from: now)
    guard poll(&descriptors, nfds_t(descriptors.count), wait) >= 0 else { return }
    if listens, descriptors[1].revents != 0 { acceptAll() }
    for (position, identifier) in order.enumerated() {
      guard let link = links[identifier] else { continue }
      if descriptors[first + position].revents != 0 || link.session?.hasPending == true {
        serve(link)
      }
    }
  }

  private func milliseconds(until due: Int64, from now: Int64) -> Int32 {
    Int32(max(0, min(due - now, 10_000)))
  }

  /// The earliest time at which something is due without any packet.
  private func nextDue(_ now: Int64) -> Int64 {
    var due = now + 10_000
    for link in links.values {
      if link.phase == .up {
        due = min(due, link.lastSent + limits.keepAliveMilliseconds)
        due = min(due, link.lastHeard + limits.idleMilliseconds)
      } else {
        due = min(due, link.deadline)
      }
    }
    for dialler in diallers {
      if let next = dialler.nextAttempt { due = min(due, next) }
    }
    if acceptAgainAt > now { due = min(due, acceptAgainAt) }
    return due
  }

  private func acceptAll() {
    guard let listener else { return }
    for _ in 0..<16 {
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let descriptor = withUnsafeMutablePointer(to: &storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          accept(listener, $0, &length)
        }
      }
      guard descriptor >= 0 else {
        // Out of descriptors: what waits is taken a second later, when some may be free again.
        if errno == EMFILE || errno == ENFILE || errno == ENOMEM {
          acceptAgainAt = monotonicMilliseconds() + 1000
        }
        return
      }
      setNonBlocking(descriptor)
      setCloseOnExec(descriptor)
      let remote = SocketAddress(storage: storage, length: length).text
      let strangers = links.values.filter { $0.phase != .up }.count
      guard links.count < limits.maximumLinks, strangers < limits.maximumStrangers else {
        close(descriptor)
        refuse("\(remote): too many connections at once")
        continue
      }
      setNoDelay(descriptor)
      let link = add(descriptor: descriptor, remote: remote, dialled: nil, phase: .handshaking)
      begin(link, isServer: true)
    }
  }

  func begin(_ link: Link, isServer: Bool) {
    do {
      link.session = try TLSSession(
        descriptor: link.descriptor, isServer: isServer, credentials: credentials)
    } catch { drop(link, error.text) }
  }

  func setNoDelay(_ descriptor: Int32) {
    var yes: Int32 = 1
    setsockopt(
      descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Reads what has come, at most about 256 KiB a turn, so that others get theirs.
  func receive(_ link: Link, now: Int64) {
    guard let session = link.session else { return }
    for _ in 0..<16 {
      switch session.receive(into: &buffer) {
      case .bytes(let count):
        link.lastHeard = now
        link.reader.append(buffer[..<count])
        do {
          while let frame = try link.reader.next() {
            heard(frame, from: link)
            guard links[link.identifier] != nil else { return }
          }
        } catch {
          drop(link, "a frame of \(error.length) bytes, \(limits.maximumAcceptedBytes) at most")
          return
        }
      case .blocked: return
      case .ended(let reason):
        drop(link, reason)
        return
      }
    }
  }
}
