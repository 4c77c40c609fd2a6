import Glibc
import Links
import Sealing
import Synchronization
import Testing
import Thrown

@Suite("LinkHub")
struct LinkHubTests {
  @Test("links two nodes by their keys and carries frames both ways, in order")
  func twoHubs() async throws {
    let (first, second) = (try keys(1), try keys(2))
    let (firstLog, secondLog) = (EventLog(), EventLog())
    let listener = try listeningHub(first, for: second, firstLog)
    defer { listener.stop() }
    let place = try local(listener.port)
    let dialler = try diallingHub(second, to: first, at: place, secondLog)
    defer { dialler.stop() }
    #expect(await firstLog.waits { $0 == .up(second.publicKey) })
    #expect(await secondLog.waits { $0 == .up(first.publicKey) })
    for number in 0..<200 {
      dialler.send(to: first.publicKey, bytes: [UInt8(number)])
      listener.send(to: second.publicKey, bytes: [UInt8(number), 1])
    }
    #expect(await firstLog.waits { $0 == .frame(second.publicKey, [199]) })
    #expect(await secondLog.waits { $0 == .frame(first.publicKey, [199, 1]) })
    let expected =
      [LinkEvent.up(second.publicKey)]
      + (0..<200).map { LinkEvent.frame(second.publicKey, [UInt8($0)]) }
    #expect(firstLog.all == expected)
  }

  @Test("keeps one link of each pair when all of three dial each other")
  func threeHubs() async throws {
    let all = [try keys(1), try keys(2), try keys(3)]
    let logs = [EventLog(), EventLog(), EventLog()]
    let publicKeys = Set(all.map(\.publicKey))
    // Ports that are known to all before any hub starts: taken once, then given back.
    // At an address where no other test listens.
    let ownPort = HostPort(host: "127.0.0.3", port: 0)
    var places: [HostPort] = []
    for pair in all {
      let probe = try LinkHub(
        keys: pair, listen: ownPort, peers: [], allowed: [], handler: { _ in })
      places.append(HostPort(host: ownPort.host, port: try #require(probe.port)))
      probe.stop()
    }
    var hubs: [LinkHub] = []
    defer { for hub in hubs { hub.stop() } }
    for (index, pair) in all.enumerated() {
      let peers = all.indices.filter { $0 != index }.map {
        PeerAddress(key: all[$0].publicKey, address: places[$0])
      }
      let place = places[index]
      let made = Mutex<LinkHub?>(nil)
      // A port is given back a while after its hub was stopped.
      let isMade = await eventually {
        let hub = try? LinkHub(
          keys: pair, listen: place, peers: peers, allowed: publicKeys, limits: testLimits,
          handler: logs[index].append)
        made.withLock { $0 = hub }
        return hub != nil
      }
      try #require(isMade)
      hubs.append(try #require(made.withLock { $0 }))
    }
    let isWhole = await eventually {
      all.indices.allSatisfy { index in
        all.indices.allSatisfy { $0 == index || logs[index].isUp(all[$0].publicKey) }
      }
    }
    #expect(isWhole)
    for (index, hub) in hubs.enumerated() {
      for other in all where other.publicKey != all[index].publicKey {
        // Sent until it arrives: a link may be the one of two that goes.
        let target = try #require(all.firstIndex { $0.publicKey == other.publicKey })
        let wanted = LinkEvent.frame(all[index].publicKey, [UInt8(index)])
        #expect(
          await eventually {
            hub.send(to: other.publicKey, bytes: [UInt8(index)])
            return logs[target].all.contains(wanted)
          })
      }
    }
  }

  @Test("refuses a key that is not listed, on both sides with a reason")
  func wrongKey() async throws {
    let (first, second, third) = (try keys(1), try keys(2), try keys(3))
    let (firstLog, thirdLog) = (EventLog(), EventLog())
    let listener = try listeningHub(first, for: second, firstLog)
    defer { listener.stop() }
    let place = try local(listener.port)
    let stranger = try diallingHub(third, to: first, at: place, thirdLog)
    defer { stranger.stop() }
    #expect(
      await firstLog.waits {
        guard case .refused(let reason) = $0 else { return false }
        return reason.contains(third.publicKey.short) && reason.contains("not in this node's list")
      })
    #expect(
      await thirdLog.waits {
        guard case .unreachable(first.publicKey, let reason) = $0 else { return false }
        return reason.contains("does not list this node's key")
      })
    #expect(!firstLog.all.contains(.up(third.publicKey)))
    #expect(!thirdLog.all.contains(.up(first.publicKey)))
  }

  @Test("gives up a neighbour that answers with another key than was dialled")
  func impostor() async throws {
    let (first, second, third) = (try keys(1), try keys(2), try keys(3))
    let log = EventLog()
    let listener = try LinkHub(
      keys: third, listen: anyPort, peers: [], allowed: [second.publicKey], limits: testLimits,
      handler: { _ in })
    defer { listener.stop() }
    let place = try local(listener.port)
    let dialler = try LinkHub(
      keys: second, listen: nil, peers: [PeerAddress(key: first.publicKey, address: place)],
      allowed: [first.publicKey, third.publicKey], limits: testLimits, handler: log.append)
    defer { dialler.stop() }
    #expect(
      await log.waits {
        guard case .unreachable(first.publicKey, let reason) = $0 else { return false }
        return reason.contains("it has key \(third.publicKey.short)")
      })
    #expect(!log.all.contains(.up(third.publicKey)))
  }

  @Test("answers garbage on its port with one clear line and goes on")
  func garbage() async throws {
    let (first, second) = (try keys(1), try keys(2))
    let (firstLog, secondLog) = (EventLog(), EventLog())
    let listener = try listeningHub(first, for: second, firstLog)
    defer { listener.stop() }
    let place = try local(listener.port)
    let descriptor = tcpConnection(port: place.port)
    #expect(descriptor >= 0)
    let words = Array("GET / HTTP/1.1\r\nHost: nobody\r\n\r\n".utf8)
    _ = send(descriptor, words, words.count, Int32(MSG_NOSIGNAL))
    #expect(
      await firstLog.waits {
        guard case .refused(let reason) = $0 else { return false }
        return reason.hasPrefix("127.0.0.1:") && reason.contains("not let in")
      })
    close(descriptor)
    let dialler = try diallingHub(second, to: first, at: place, secondLog)
    defer { dialler.stop() }
    #expect(await secondLog.waits { $0 == .up(first.publicKey) })
    #expect(firstLog.all.filter { if case .refused = $0 { true } else { false } }.count == 1)
  }

  @Test("refuses an address that it can't have, with what to do")
  func badAddress() throws {
    let pair = try keys(1)
    let error = thrown(LinkError.self) {
      try LinkHub(
        keys: pair, listen: HostPort(host: "192.0.2.1", port: 7311), peers: [], allowed: [],
        handler: { _ in })
    }
    #expect(error?.text.contains("192.0.2.1:7311") == true)
    #expect(error?.text.contains("Choose another address") == true)
  }
}
