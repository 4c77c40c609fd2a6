import Glibc
import Sealing

// How a link goes from the first packet to the last.
extension LinkLoop {
  /// Does what the socket allows now.
  func serve(_ link: Link) {
    let now = monotonicMilliseconds()
    if link.phase == .refused {
      discard(link)
      return
    }
    if link.phase == .connecting {
      var code: Int32 = 0
      var length = socklen_t(MemoryLayout<Int32>.size)
      getsockopt(link.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
      guard code == 0 else {
        drop(link, systemErrorText(code))
        return
      }
      link.phase = .handshaking
      begin(link, isServer: false)
    }
    if link.phase == .handshaking {
      guard let session = link.session else { return }
      switch session.handshake() {
      case .blocked: return
      case .failed(let reason):
        drop(link, reason)
        return
      case .done:
        guard admit(link, session) else { return }
      }
    }
    receive(link, now: now)
    guard links[link.identifier] != nil else { return }
    if let reason = link.flush(now: now) { drop(link, reason) }
  }

  /// Welcomes a proved key that is allowed, and closes any other.
  private func admit(_ link: Link, _ session: TLSSession) -> Bool {
    guard let key = session.peerKey else {
      drop(link, "showed no Ed25519 key")
      return false
    }
    guard allowed.contains(key), key != credentials.publicKey,
      link.dialled == nil || link.dialled == key
    else {
      session.refuse()
      if let wanted = link.dialled {
        drop(link, "it has key \(key.short), not \(wanted.short) that was dialled")
      } else {
        refuse("\(link.remote): not let in: its key \(key.short) is not in this node's list")
        shutdown(link.descriptor, Int32(SHUT_WR))
        link.phase = .refused
        link.deadline = monotonicMilliseconds() + 1000
      }
      return false
    }
    link.key = key
    link.phase = .welcoming
    // An empty frame: in TLS 1.3 the dialler can't know otherwise that its key was accepted.
    link.enqueue(FrameReader.frame([]), now: monotonicMilliseconds())
    return true
  }

  /// Closing with bytes unread would reset the connection before the other end has read why.
  private func discard(_ link: Link) {
    var waste = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<16 {
      let count = recv(link.descriptor, &waste, waste.count, 0)
      if count > 0 { continue }
      if count == 0 || (errno != EAGAIN && errno != EINTR) { drop(link, "refused") }
      return
    }
  }

  func heard(_ frame: [UInt8], from link: Link) {
    guard let key = link.key else { return }
    if link.phase == .welcoming { stand(link, key) }
    guard !frame.isEmpty, links[link.identifier] != nil else { return }
    emit(.frame(key, frame))
  }

  /// The link is good; of two with the same neighbour the one dialled by the smaller key stays.
  private func stand(_ link: Link, _ key: PublicKey) {
    if let identifier = standing[key], let other = links[identifier] {
      let wantsDialled = credentials.publicKey < key
      if other.isDialled == wantsDialled, link.isDialled != wantsDialled {
        drop(link, "a second link of the same pair")
        return
      }
      drop(other, "replaced by another link of the same pair")
    }
    link.phase = .up
    link.upSince = monotonicMilliseconds()
    standing[key] = link.identifier
    if let position = diallers.firstIndex(where: { $0.peer.key == key }) {
      diallers[position].nextAttempt = nil
      diallers[position].toldReason = nil
    }
    emit(.up(key))
  }

  /// Ends a link; tells whom it concerns, and sees to it that the neighbour is dialled again.
  func drop(_ link: Link, _ reason: String) {
    guard links.removeValue(forKey: link.identifier) != nil else { return }
    if link.phase == .up || link.phase == .welcoming { link.session?.close() }
    if let key = link.key, standing[key] == link.identifier {
      standing[key] = nil
      emit(.down(key, reason: reason))
      redial(key, after: monotonicMilliseconds() - link.upSince)
    } else if let peer = link.dialled {
      dialFailed(peer, "\(link.remote): \(reason)")
    } else if link.key == nil, link.phase != .refused {
      // A neighbour's second link, or one that went before its welcome, is nothing to tell.
      refuse("\(link.remote): not let in: \(reason)")
    }
  }

  /// Closes what is late, silent or stuck, and gives a sign of life where one is due.
  func closeWhatIsOver() {
    let now = monotonicMilliseconds()
    for identifier in links.keys.sorted() {
      guard let link = links[identifier] else { continue }
      guard link.phase == .up else {
        if now >= link.deadline { drop(link, "no whole greeting in time") }
        continue
      }
      if now - link.lastHeard >= limits.idleMilliseconds {
        drop(link, "nothing heard for \((now - link.lastHeard) / 1000) s")
      } else if link.hasQueued, now - link.lastSent >= limits.idleMilliseconds {
        drop(link, "took nothing for \((now - link.lastSent) / 1000) s")
      } else if !link.hasQueued, now - link.lastSent >= limits.keepAliveMilliseconds {
        link.enqueue(FrameReader.frame([]), now: now)
        if let reason = link.flush(now: now) { drop(link, reason) }
      }
    }
  }
}
