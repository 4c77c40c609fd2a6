import Glibc
import Links
import Sealing
import Testing

@Suite("LinkHub under load and loss")
struct LinkHubLoadTests {
  @Test("carries the largest frame whole and takes no larger one")
  func bigFrame() async throws {
    let street = try Street(names: 2)
    defer { street.stop() }
    #expect(await street.isLinked())
    let big = (0..<LinkLimits.maximumFrameBytes).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    #expect(street.hubs[1].send(to: street.key(0), bytes: big))
    #expect(await street.logs[0].waits { $0 == .frame(street.key(1), big) })
    #expect(!street.hubs[1].send(to: street.key(0), bytes: big + [0]))
    #expect(!street.hubs[1].send(to: street.key(0), bytes: []))
  }

  @Test("closes a link on which a frame longer than accepted begins")
  func oversizeFrame() async throws {
    var limits = testLimits
    limits.maximumAcceptedBytes = 1000
    let (first, second) = (try keys(1), try keys(2))
    let log = EventLog()
    let hub = try LinkHub(
      keys: first, listen: anyPort, peers: [], allowed: [second.publicKey], limits: limits,
      handler: log.append)
    defer { hub.stop() }
    let peer = PeerAddress(key: first.publicKey, address: try local(hub.port))
    let other = try LinkHub(
      keys: second, listen: nil, peers: [peer], allowed: [first.publicKey], limits: testLimits,
      handler: { _ in })
    defer { other.stop() }
    #expect(await log.waits { $0 == .up(second.publicKey) })
    let fitting = [UInt8](repeating: 1, count: 1000)
    other.send(to: first.publicKey, bytes: fitting)
    other.send(to: first.publicKey, bytes: fitting + [1])
    #expect(await log.waits { $0 == .frame(second.publicKey, fitting) })
    #expect(
      await log.waits {
        $0 == .down(second.publicKey, reason: "a frame of 1001 bytes, 1000 at most")
      })
  }

  @Test("comes back by itself when the neighbour restarts")
  func reconnects() async throws {
    let (first, second) = (try keys(1), try keys(2))
    let log = EventLog()
    let before = try LinkHub(
      keys: first, listen: anyPort, peers: [], allowed: [second.publicKey], limits: testLimits,
      handler: { _ in })
    let place = try local(before.port)
    let dialler = try diallingHub(second, to: first, at: place, log)
    defer { dialler.stop() }
    #expect(await log.waits { $0 == .up(first.publicKey) })
    before.stop()
    #expect(await eventually { !log.isUp(first.publicKey) })
    #expect(
      await log.waits { if case .unreachable(first.publicKey, _) = $0 { true } else { false } })
    let after = try LinkHub(
      keys: first, listen: place, peers: [], allowed: [second.publicKey], limits: testLimits,
      handler: { _ in })
    defer { after.stop() }
    #expect(await eventually { log.isUp(first.publicKey) })
  }

  @Test("closes a peer that takes nothing, and another one notices nothing of it")
  func slowPeer() async throws {
    var limits = testLimits
    limits.maximumQueuedBytes = 2 << 20
    let (first, slow, quick) = (try keys(1), try keys(2), try keys(3))
    let (log, quickLog) = (EventLog(), EventLog())
    let gate = Gate()
    let hub = try LinkHub(
      keys: first, listen: anyPort, peers: [], allowed: [slow.publicKey, quick.publicKey],
      limits: limits, handler: log.append)
    defer { hub.stop() }
    let place = try local(hub.port)
    let peers = [PeerAddress(key: first.publicKey, address: place)]
    // Its event thread stands still at the first frame, so it reads no more.
    let stuck = try LinkHub(
      keys: slow, listen: nil, peers: peers, allowed: [first.publicKey], limits: limits,
      handler: { if case .frame = $0 { gate.wait() } })
    let other = try LinkHub(
      keys: quick, listen: nil, peers: peers, allowed: [first.publicKey], limits: limits,
      handler: quickLog.append)
    defer { other.stop() }
    #expect(await log.waits { $0 == .up(slow.publicKey) })
    #expect(await log.waits { $0 == .up(quick.publicKey) })
    let frame = [UInt8](repeating: 7, count: 1 << 20)
    let isClosed = await eventually {
      hub.send(to: slow.publicKey, bytes: frame)
      return log.all.contains { if case .down(slow.publicKey, _) = $0 { true } else { false } }
    }
    #expect(isClosed)
    let reasons = log.all.compactMap { event -> String? in
      if case .down(_, let reason) = event { reason } else { nil }
    }
    #expect(reasons.first?.contains("too slow") == true, "\(reasons)")
    hub.send(to: quick.publicKey, bytes: [42])
    #expect(await quickLog.waits { $0 == .frame(first.publicKey, [42]) })
    #expect(log.isUp(quick.publicKey))
    gate.open()
    stuck.stop()
  }

  @Test("keeps a quiet link alive and closes one that fell silent")
  func silence() async throws {
    var limits = testLimits
    limits.keepAliveMilliseconds = 50
    limits.idleMilliseconds = 1000
    let (first, second) = (try keys(1), try keys(2))
    let log = EventLog()
    let gate = Gate()
    let hub = try LinkHub(
      keys: first, listen: anyPort, peers: [], allowed: [second.publicKey], limits: limits,
      handler: log.append)
    defer { hub.stop() }
    let silent = try LinkHub(
      keys: second, listen: nil,
      peers: [PeerAddress(key: first.publicKey, address: try local(hub.port))],
      allowed: [first.publicKey], limits: limits,
      handler: { if case .frame = $0 { gate.wait() } })
    #expect(await log.waits { $0 == .up(second.publicKey) })
    hub.send(to: second.publicKey, bytes: [1])
    #expect(
      await log.waits {
        guard case .down(second.publicKey, let reason) = $0 else { return false }
        return reason.contains("nothing heard")
      })
    gate.open()
    silent.stop()
  }

  @Test("closes a stranger that never finishes its greeting")
  func lateGreeting() async throws {
    var limits = testLimits
    limits.handshakeMilliseconds = 100
    let log = EventLog()
    let hub = try LinkHub(
      keys: try keys(1), listen: anyPort, peers: [], allowed: [], limits: limits,
      handler: log.append)
    defer { hub.stop() }
    let descriptor = tcpConnection(port: try local(hub.port).port)
    defer { close(descriptor) }
    #expect(
      await log.waits {
        guard case .refused(let reason) = $0 else { return false }
        return reason.contains("no whole greeting in time")
      })
  }
}
