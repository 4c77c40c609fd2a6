import HeliographCore
import Ledger
import Market
import Mesh
import Quantities
import Sealing
import Storage
import Testing

/// Months of trade between two houses are folded, and nothing of it is missed.
@Suite struct FoldingTests {
  static let then = TimeSlot(index: 2_000_000)
  /// Long enough after it that old contracts are folded.
  static let now = then.start + TimeSpan(minutes: 120 * 24 * 60)
  private static let trades = 500

  /// The trades of houses 1 and 2 as both wrote them, in order of writing, the last ones lately.
  static func history() throws -> [Record] {
    var houses = try [1, 2].map { try RestoringTests.ledger($0) }
    var all: [Record] = []
    func write(
      _ author: Int, _ kind: Record.Kind, _ time: Instant, link: Digest? = nil,
      body: [CBORValue] = []
    ) throws -> Digest {
      let written = houses[author].write(
        kind, peer: houses[1 - author].ownKey, link: link, body: body, at: time)
      let record = try #require(written?.record)
      _ = houses[1 - author].receive(record, isGenuine: true)
      all.append(record)
      return record.identity
    }
    let limit = LimitRule(amount: Credits(credits: 5), growth: 100, ceiling: Credits(credits: 90))
    _ = try write(0, .limit, then.start, body: limit.body)
    for number in 0..<trades {
      let isLate = number > trades - 10
      let slot = isLate ? TimeSlot(containing: now - .day) : then
      let (buyer, seller) = number % 3 == 0 ? (1, 0) : (0, 1)
      let terms = EnergyTerms(
        slot: slot, energy: Energy(wattHours: 100), price: Price(creditsPerKilowattHour: 10))
      let time = slot.start - .minute
      let accept = try write(buyer, .accept, time, link: Digest(of: [1]), body: terms.body)
      let confirm = try write(seller, .confirm, time, link: accept)
      let bind = try write(buyer, .bind, time, link: confirm)
      let settlement = ContractState.Settlement(
        quantity: 100_000, amount: Credits(credits: 1),
        statements: [Digest(of: [2]), Digest(of: [3])])
      let settle = try write(seller, .settle, time, link: bind, body: settlement.body)
      _ = try write(buyer, .acknowledge, time, link: settle)
    }
    return all
  }

  private static func node(
    _ number: UInt8, _ neighbours: [UInt8], _ path: String
  ) throws -> StoredNode {
    try StoredNode(number, neighbours: neighbours, path: path, at: now)
  }

  /// Folds all that can be, in small steps.
  static func fold(
    _ node: inout StoredNode, _ coverage: Coverage? = nil
  ) throws -> Int {
    var course = RecordStore.FoldingCourse(coverage ?? node.station.ledger.coverage)
    var freed = 0
    while !course.isOver {
      for (author, bytes) in try node.store?.fold(next: 100, &course) ?? [:] {
        freed += bytes
        try node.tell(.folded(author, bytes: bytes), at: now)
      }
    }
    return freed
  }

  private static func picture(_ ledger: CommunityLedger) throws -> [String] {
    let parties = try [1, 2].map { try RestoringTests.keys($0).publicKey }
    return [
      "\(ledger.recordCount) \(ledger.accounts.balance(of: parties[0], with: parties[1]))",
      "\(ledger.accounts.limit(creditor: parties[0], debtor: parties[1]))",
    ] + ledger.sortedChains.map { "\($0.author.short) \($0.count) \($0.branches[0].head)" }
  }

  @Test("two stations sign what old trades came to, fold them, start again and teach a newcomer")
  func whole() throws {
    let directory = TemporaryDirectory()
    let paths = (1...3).map { directory.file("node\($0).db") }
    let records = try Self.history()
    for path in paths.prefix(2) {
      try RecordStore(path: path).commit(records.map { .record(RestoringTests.stored($0)) })
    }
    var first = try Self.node(1, [2, 3], paths[0])
    var second = try Self.node(2, [1, 3], paths[1])
    let expected = try Self.picture(first.station.ledger)
    try StoredNode.link(&first, &second, at: Self.now)
    for minute in 1...10 {
      let at = Self.now + TimeSpan(minutes: Int64(minute))
      try first.tell(.timer(.market), at: at)
      try second.tell(.timer(.market), at: at)
      try first.tell(.timer(.control), at: at)
      try second.tell(.timer(.control), at: at)
      try StoredNode.exchange(&first, &second, at: at)
    }
    let kinds = try #require(first.store).load().records.compactMap {
      FoldedRun.record(of: $0.bytes)?.kind
    }
    #expect(kinds.count { $0 == .checkpoint } == 1)
    #expect(kinds.count { $0 == .countersign } == 1)
    #expect(!first.station.ledger.coverage.isEmpty)

    // Nothing but the folding is new when it ends.
    try first.close(at: Self.now + .hour)
    first = try Self.node(1, [2, 3], paths[0])
    let size = records.reduce(0) { $0 + $1.bytes.count }
    let freed = try Self.fold(&first)
    // Both chains reach beyond 1024, and of what lies before a tenth remains.
    #expect(freed > size * 6 / 10)
    let bytes = first.station.ledger.sortedChains.reduce(0) { $0 + $1.byteCount }
    let kept = try #require(first.store).load().records
    #expect(bytes == kept.reduce(0) { $0 + $1.bytes.count })
    let after = try Self.picture(first.station.ledger)
    // Balance and limit are as they were.
    #expect(after[1] == expected[1])
    #expect(after[0].split(separator: " ")[1] == expected[0].split(separator: " ")[1])

    // A start that reads every record, and one from the index, know the same.
    try first.close(at: Self.now + .hour)
    var indexed = try Self.node(1, [2, 3], paths[0])
    #expect(try Self.picture(indexed.station.ledger) == after)
    #expect(indexed.station.ledger.sortedChains.reduce(0) { $0 + $1.byteCount } == bytes)
    try indexed.close(at: Self.now + .hour)
    try RawDatabase.run(paths[0], "DELETE FROM snapshot")
    first = try Self.node(1, [2, 3], paths[0])
    #expect(try Self.picture(first.station.ledger) == after)

    // A newcomer gets what is left from the one, and the same from the one that folded nothing.
    var newcomer = try Self.node(3, [1, 2], paths[2])
    try StoredNode.link(&first, &newcomer, at: Self.now + .hour)
    #expect(try Self.picture(newcomer.station.ledger) == after)
    #expect(try #require(newcomer.store).load().records.count < records.count / 2)
    try StoredNode.link(&second, &newcomer, at: Self.now + .hour)
    #expect(try Self.picture(newcomer.station.ledger) == after)
    #expect(newcomer.station.ledger.forkers.isEmpty)
    var other = try Self.node(3, [1, 2], directory.file("node4.db"))
    try StoredNode.link(&second, &other, at: Self.now + .hour)
    #expect(try Self.picture(other.station.ledger).dropFirst() == after.dropFirst())
    // What it has checks out record by record, folded ones by the signatures after them.
    var check = LedgerCheck()
    for record in try #require(newcomer.store).load().records {
      try check.take(
        record.bytes, filedAs: (record.author, record.sequence, record.identity))
    }
    #expect(check.recordCount + check.foldedCount == newcomer.station.ledger.recordCount)
  }
}
