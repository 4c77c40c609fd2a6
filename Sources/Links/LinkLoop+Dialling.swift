import Dispatch
import Glibc
import Sealing

// How neighbours are dialled, and dialled again.
extension LinkLoop {
  func dialWhatIsDue() {
    let now = monotonicMilliseconds()
    for position in diallers.indices {
      guard let due = diallers[position].nextAttempt, now >= due else { continue }
      let peer = diallers[position].peer
      diallers[position].nextAttempt = nil
      guard standing[peer.key] == nil, !links.values.contains(where: { $0.dialled == peer.key })
      else { continue }
      if let address = nextAddress(position) {
        dial(peer.key, address)
      } else {
        lookUp(peer)
      }
    }
  }

  private func nextAddress(_ position: Int) -> SocketAddress? {
    guard !diallers[position].addresses.isEmpty else { return nil }
    return diallers[position].addresses.removeFirst()
  }

  /// A name may take the C library seconds, so it is looked up on another thread.
  private func lookUp(_ peer: PeerAddress) {
    let mailbox = mailbox
    let limit = limits.maximumMailboxBytes
    DispatchQueue.global().async {
      do {
        let addresses = try SocketAddress.resolve(peer.address, toListen: false)
        _ = mailbox.post(.resolved(peer.key, addresses), limit: limit)
      } catch {
        let text = (error as? LinkError)?.text ?? "\(error)"
        _ = mailbox.post(.unresolved(peer.key, text), limit: limit)
      }
    }
  }

  func lookedUp(_ peer: PublicKey, _ addresses: [SocketAddress]) {
    guard let position = diallers.firstIndex(where: { $0.peer.key == peer }) else { return }
    diallers[position].addresses = addresses
    guard standing[peer] == nil, let address = nextAddress(position) else { return }
    dial(peer, address)
  }

  private func dial(_ peer: PublicKey, _ address: SocketAddress) {
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.family, kind | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else {
      dialFailed(peer, "can't open a socket: \(systemErrorText())")
      return
    }
    setNoDelay(descriptor)
    let result = address.withPointer { connect(descriptor, $0, $1) }
    let code = errno
    let link = add(
      descriptor: descriptor, remote: address.text, dialled: peer, phase: .connecting)
    guard result == 0 || code == EINPROGRESS else {
      drop(link, systemErrorText(code))
      return
    }
  }

  /// Tells the reason once, and tries again later.
  func dialFailed(_ peer: PublicKey, _ reason: String) {
    guard let position = diallers.firstIndex(where: { $0.peer.key == peer }) else { return }
    guard standing[peer] == nil else { return }
    diallers[position].retry(now: monotonicMilliseconds(), limits: limits, random: random())
    guard diallers[position].toldReason != reason else { return }
    diallers[position].toldReason = reason
    emit(.unreachable(peer, reason: reason))
  }

  /// Dials a lost neighbour again; one that stood for long is given a quick first try.
  func redial(_ peer: PublicKey, after lifetime: Int64) {
    guard standing[peer] == nil,
      let position = diallers.firstIndex(where: { $0.peer.key == peer }),
      diallers[position].nextAttempt == nil
    else { return }
    if lifetime >= 2 * limits.firstRetryMilliseconds { diallers[position].attempts = 0 }
    diallers[position].retry(now: monotonicMilliseconds(), limits: limits, random: random())
  }
}
