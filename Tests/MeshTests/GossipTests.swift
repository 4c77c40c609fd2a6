import Ledger
import Market
import Mesh
import Quantities
import Sealing
import Testing

/// What a neighbour can have a node say and read.
@Suite struct GossipTests {
  static let community = Community(name: "test")
  static let now = TimeSlot(index: 2_000_000).start

  static func keys(_ number: Int) throws -> KeyPair {
    let seed = (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return try #require(KeyPair(seed: seed + [UInt8](repeating: 5, count: 28)))
  }

  static func first(of keys: KeyPair, _ number: Int64) -> Record {
    Record(
      community: community.identifier, keys: keys, sequence: 0, previous: nil, time: now,
      kind: .limit, peer: .zero, link: nil, body: [.integer(number)])
  }

  @Test("strangers who fork without end leave room in the frontier for the listed ones")
  func frontier() throws {
    let all = try (0..<120).map { try Self.keys($0) }.sorted { $0.publicKey < $1.publicKey }
    // Behind all of the strangers.
    let (own, neighbour) = (all[118], all[119])
    var ledger = CommunityLedger(
      community: Self.community, keys: own, listed: [neighbour.publicKey])
    _ = ledger.write(.limit, peer: neighbour.publicKey, body: [.integer(1)], at: Self.now)
    _ = ledger.receive(Self.first(of: neighbour, 1), isGenuine: true)
    for keys in all.prefix(100) {
      for number in 0..<Int64(32) {
        _ = ledger.receive(Self.first(of: keys, number), isGenuine: true)
      }
    }
    var gossip = Gossip()
    let sendings = gossip.linkUp(neighbour.publicKey, ledger: ledger, orders: [], at: Self.now)
    guard case .frame(.frontier(let entries)) = sendings.first?.content else {
      Issue.record("no frontier")
      return
    }
    let ends = ledger.sortedChains.reduce(0) { $0 + $1.branches.count }
    #expect(entries.count == ends)
    #expect(entries.contains { $0.author == neighbour.publicKey })
    #expect(entries.contains { $0.author == own.publicKey })
    #expect(entries.map(\.author) == entries.map(\.author).sorted())
  }

  @Test("who asks without end is answered as often as one that catches up, and no oftener")
  func asking() throws {
    let (own, neighbour) = (try Self.keys(1), try Self.keys(2))
    var ledger = CommunityLedger(
      community: Self.community, keys: own, listed: [neighbour.publicKey])
    _ = ledger.write(.limit, peer: neighbour.publicKey, body: [.integer(1)], at: Self.now)
    var gossip = Gossip()
    _ = gossip.linkUp(neighbour.publicKey, ledger: ledger, orders: [], at: Self.now)
    let question = [RecordQuestion(author: own.publicKey, from: 0)]
    let peer = neighbour.publicKey
    var answers = 0
    for _ in 0..<1000 {
      answers += gossip.answer(question, from: peer, ledger: ledger, at: Self.now).count
    }
    #expect(answers == 64)
    for _ in 0..<10 {
      let frontier: [FrontierEntry] = []
      #expect(gossip.answer(frontier, from: peer, ledger: ledger, at: Self.now).isEmpty)
    }
    // The last frontier is answered once there is room, and once only.
    let later = Self.now + TimeSpan(seconds: 1)
    let waiting = [Self.now, later, later].map {
      gossip.waitingAnswers(ledger: ledger, at: $0).count
    }
    #expect(waiting == [0, 1, 0])
    for _ in 0..<1000 {
      answers += gossip.answer(question, from: peer, ledger: ledger, at: later).count
    }
    #expect(answers == 64 + 19)
  }
  @Test("who lacks what it was sent gets it again ever less often, and what is new at once")
  func repeatedAnswers() throws {
    let (own, neighbour) = (try Self.keys(1), try Self.keys(2))
    let peer = neighbour.publicKey
    var ledger = CommunityLedger(community: Self.community, keys: own, listed: [peer])
    _ = ledger.write(.limit, peer: peer, body: [.integer(1)], at: Self.now)
    var gossip = Gossip()
    _ = gossip.linkUp(peer, ledger: ledger, orders: [], at: Self.now)
    var minutes: [Int64] = []
    for minute in 0..<120 as Range<Int64> {
      let now = Self.now + TimeSpan(minutes: minute)
      let frontier: [FrontierEntry] = []
      if !gossip.answer(frontier, from: peer, ledger: ledger, at: now).isEmpty {
        minutes.append(minute)
      }
    }
    #expect(minutes == [0, 5, 15, 35, 65, 95])
    // It has taken the first and lacks another now; and it may say so after a new beginning.
    let soon = Self.now + TimeSpan(minutes: 120)
    let head = try #require(ledger.chain(of: own.publicKey)?.head)
    _ = ledger.write(.limit, peer: peer, body: [.integer(2)], at: soon)
    let first = [FrontierEntry(author: own.publicKey, count: 1, head: head)]
    #expect(gossip.answer(first, from: peer, ledger: ledger, at: soon).count == 1)
    #expect(gossip.answer(first, from: peer, ledger: ledger, at: soon).isEmpty)
    gossip.linkDown(peer)
    _ = gossip.linkUp(peer, ledger: ledger, orders: [], at: soon)
    #expect(gossip.answer(first, from: peer, ledger: ledger, at: soon).count == 1)
    // The clock was set back: that is no reason to wait for years.
    let before = soon - TimeSpan(minutes: 60)
    #expect(gossip.answer(first, from: peer, ledger: ledger, at: before).count == 1)
  }
}
