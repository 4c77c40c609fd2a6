import HeliographCore
import Ledger
import Market
import Mesh
import Quantities
import Sealing
import Storage
import Testing

/// A node that begins with nothing gets years of two neighbours' trade from a third.
@Suite struct CatchingUpTests {
  static let community = Community(name: "catching up")
  static let slot = TimeSlot(index: 2_000_000)

  /// What a neighbour's frontier says of a ledger.
  private static func frontier(of ledger: CommunityLedger) -> [FrontierEntry] {
    ledger.sortedChains.flatMap { chain in
      chain.branches.map {
        FrontierEntry(author: chain.author, count: $0.count, head: $0.head)
      }
    }
  }

  @Test("what it is sent comes in an order in which little waits, and its books are the same")
  func inOrder() throws {
    let directory = TemporaryDirectory()
    let store = try RecordStore(path: directory.file("node.db"))
    var traders = try [1, 2].map {
      CommunityLedger(community: Self.community, keys: try RestoringTests.keys($0))
    }
    var sender = CommunityLedger(community: Self.community, keys: try RestoringTests.keys(3))
    var writes: [StoreWrite] = []
    func write(
      _ author: Int, _ kind: Record.Kind, link: Digest?, body: [CBORValue] = []
    ) throws -> Digest {
      let written = traders[author].write(
        kind, peer: traders[1 - author].ownKey, link: link, body: body,
        at: Self.slot.start - .minute)
      let record = try #require(written?.record)
      _ = traders[1 - author].receive(record, isGenuine: true)
      _ = sender.receive(record, isGenuine: true)
      writes.append(
        .record(
          StoredRecord(
            community: record.community, author: record.author, sequence: record.sequence,
            identity: record.identity, bytes: record.bytes)))
      return record.identity
    }
    let terms = EnergyTerms(
      slot: Self.slot, energy: Energy(wattHours: 100), price: Price(creditsPerKilowattHour: 10))
    // One side alone answers more often than may wait.
    let trades = Accounts.maximumWaiting / 2 + 200
    for _ in 0..<trades {
      let accept = try write(0, .accept, link: Digest(of: [1]), body: terms.body)
      let confirm = try write(1, .confirm, link: accept)
      let bind = try write(0, .bind, link: confirm)
      let settlement = ContractState.Settlement(
        quantity: 100_000, amount: Credits(credits: 1),
        statements: [Digest(of: [2]), Digest(of: [3])])
      let settle = try write(1, .settle, link: bind, body: settlement.body)
      _ = try write(0, .acknowledge, link: settle)
    }
    try store.commit(writes)

    var newcomer = CommunityLedger(community: Self.community, keys: try RestoringTests.keys(4))
    var gossip = Gossip()
    var frames = 0
    while newcomer.recordCount < writes.count {
      frames += 1
      try #require(frames < 100)
      // What it was sent it has taken: none of its frontiers waits for its answer.
      let now = Instant(millisecondsSince1970: 1_800_000_000_000)
      let sendings = gossip.answer(
        Self.frontier(of: newcomer), from: newcomer.ownKey, ledger: sender, at: now)
      for sending in sendings {
        guard case .records(let request) = sending.content else { continue }
        // Their signatures are tried elsewhere.
        for bytes in try store.records(request) {
          _ = newcomer.receive(try Record(decoding: bytes, verifying: false), isGenuine: true)
        }
      }
    }
    let (buyer, seller) = (traders[0].ownKey, traders[1].ownKey)
    for ledger in [sender, newcomer] {
      let balance = ledger.accounts.balance(of: seller, with: buyer)
      #expect(balance == Credits(credits: Int64(trades)))
    }
  }
}
