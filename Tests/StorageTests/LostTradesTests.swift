import HeliographCore
import Ledger
import Market
import Mesh
import Quantities
import Sealing
import Storage
import Synchronization
import Testing
import Thrown

/// A node that lost its database, and whose neighbours fill it with what is left of its trades.
@Suite struct LostTradesTests {
  private static let now = FoldingTests.now
  private static let count = Atomic(0)
  private let directory = TemporaryDirectory()
  private let keys: [PublicKey]

  init() throws { keys = try [1, 2].map { try RestoringTests.keys($0).publicKey } }

  private func unused() -> String {
    directory.file("\(Self.count.add(1, ordering: .relaxed).newValue).db")
  }

  /// A node that has all of `records` whole.
  private func knowing(
    _ records: [Record], _ number: UInt8, neighbours: [UInt8]
  ) throws -> StoredNode {
    let path = unused()
    try RecordStore(path: path).commit(records.map { .record(RestoringTests.stored($0)) })
    return try StoredNode(number, neighbours: neighbours, path: path, at: Self.now)
  }

  /// House 1 with an empty database and the marker that lay beside the lost one.
  private func emptied(_ records: [Record], neighbours: [UInt8]) throws -> StoredNode {
    let last = try #require(records.last { $0.author == keys[0] })
    return try StoredNode(
      1, neighbours: neighbours, path: unused(),
      marker: StoredState.OwnHead(count: last.sequence + 1, head: last.identity), at: Self.now)
  }

  /// Starts a node again from its disk.
  private func restart(
    _ node: inout StoredNode, neighbours: [UInt8], readingAll: Bool = false
  ) throws {
    try node.close(at: Self.now)
    if readingAll { try RawDatabase.run(node.path, "DELETE FROM snapshot") }
    node = try StoredNode(
      1, neighbours: neighbours, path: node.path, marker: node.marker, at: Self.now)
  }

  private func balance(_ node: StoredNode) -> Credits {
    node.station.ledger.accounts.balance(of: keys[0], with: keys[1])
  }

  /// What house 1 lends house 2.
  private func credit(_ node: StoredNode) -> Credits {
    node.station.ledger.credit(seller: keys[0], buyer: keys[1], at: Self.now)
  }

  /// Looks whether house 1 lends house 2 nothing, as its own books may miss something.
  private func expect(
    _ node: StoredNode, inDoubt expected: Bool, at place: SourceLocation = #_sourceLocation
  ) {
    let isDoubted = node.station.ledger.doubted.contains(keys[1])
    #expect(isDoubted == expected, sourceLocation: place)
  }

  private func texts(_ node: StoredNode) -> [String] { node.station.log.decisions.map(\.text) }

  @Test("a debtor that hands on its debts folded is lent nothing until another neighbour is heard")
  func hidden() throws {
    let records = try FoldingTests.history()
    var debtor = try knowing(records, 2, neighbours: [1, 3])
    var honest = try knowing(records, 3, neighbours: [1, 2])
    let (owed, lent) = (balance(honest), credit(honest))
    let sales = CreditPair(creditor: keys[0], debtor: keys[1])
    #expect(try FoldingTests.fold(&debtor, Coverage(reaches: [sales: .max])) > 0)

    var node = try emptied(records, neighbours: [2, 3])
    try StoredNode.link(&node, &debtor, at: Self.now)
    let signs = node.station.ledger.maySign
    #expect(signs)
    // What it sold is not in its books. It doesn't lend by them, and states nothing by them.
    #expect(balance(node) < owed)
    #expect(credit(node) == .zero)
    #expect(texts(node).contains { $0.contains("lends nothing to house2") })
    try node.tell(.timer(.market), at: Self.now + .minute)
    let written = node.station.ledger.ownCount
    #expect(written == debtor.station.ledger.chain(of: keys[0])?.count)
    // Nor does a start make it forget that, from the index or without one.
    for readingAll in [false, true] {
      try restart(&node, neighbours: [2, 3], readingAll: readingAll)
      try StoredNode.link(&node, &debtor, at: Self.now)
      expect(node, inDoubt: true)
    }

    try StoredNode.link(&node, &honest, at: Self.now)
    #expect(balance(node) == owed)
    #expect(credit(node) == lent)
    expect(node, inDoubt: false)
    #expect(texts(node).contains { $0.hasPrefix("old trades are complete") })
    for readingAll in [false, true] {
      try restart(&node, neighbours: [2, 3], readingAll: readingAll)
      try StoredNode.link(&node, &debtor, at: Self.now)
      #expect(balance(node) == owed)
      #expect(credit(node) == lent)
    }
    var check = LedgerCheck()
    for record in try #require(node.store).load().records { try check.take(record.bytes) }
    let counted = check.accounts(of: RestoringTests.community.identifier)
    #expect(counted.balance(of: keys[0], with: keys[1]) == owed)
  }

  @Test("nothing is lent by books from which something is missing, whatever is handed on folded")
  func neverShort() throws {
    let records = try FoldingTests.history()
    var honest = try knowing(records, 3, neighbours: [1, 2])
    let owed = balance(honest)
    var source = SeededSource(seed: 11)
    for _ in 0..<8 {
      var debtor = try knowing(records, 2, neighbours: [1])
      let reaches = [
        CreditPair(creditor: keys[0], debtor: keys[1]): Int64(source.next() % 1200),
        CreditPair(creditor: keys[1], debtor: keys[0]): Int64(source.next() % 1200),
      ]
      _ = try FoldingTests.fold(&debtor, Coverage(reaches: reaches))
      var node = try emptied(records, neighbours: [2, 3])
      try node.tell(.linkUp(debtor.key), at: Self.now)
      try debtor.tell(.linkUp(node.key), at: Self.now)
      while !node.outbox.isEmpty || !debtor.outbox.isEmpty {
        if !node.outbox.isEmpty {
          let frame = node.outbox.removeFirst().bytes
          try debtor.tell(.frame(from: node.key, bytes: frame), at: Self.now)
        }
        guard !debtor.outbox.isEmpty else { continue }
        let frame = debtor.outbox.removeFirst().bytes
        try node.tell(.frame(from: debtor.key, bytes: frame), at: Self.now)
        let signs = node.station.ledger.maySign
        #expect(!signs || credit(node) <= .zero || balance(node) >= owed)
      }
      try StoredNode.link(&node, &honest, at: Self.now)
      #expect(balance(node) == owed)
      expect(node, inDoubt: false)
      try honest.tell(.linkDown(node.key, reason: "closed"), at: Self.now)
    }
  }

  @Test("neighbours that have the same folded are believed, and so is the household's LIMIT")
  func believed() throws {
    let records = try FoldingTests.history()
    var second = try knowing(records, 2, neighbours: [1, 3])
    var third = try knowing(records, 3, neighbours: [1, 2])
    // Two that both lie would look the same: nobody could tell.
    let sales = CreditPair(creditor: keys[0], debtor: keys[1])
    _ = try FoldingTests.fold(&second, Coverage(reaches: [sales: 1024]))
    _ = try FoldingTests.fold(&third, Coverage(reaches: [sales: 1024]))

    var alone = try emptied(records, neighbours: [2])
    try StoredNode.link(&alone, &second, at: Self.now)
    expect(alone, inDoubt: true)
    #expect(try alone.type("LIMIT house2 2000", at: Self.now).hasPrefix("house2"))
    expect(alone, inDoubt: false)
    #expect(credit(alone) > .zero)
    try restart(&alone, neighbours: [2])
    expect(alone, inDoubt: false)
    #expect(credit(alone) > .zero)
    try second.tell(.linkDown(alone.key, reason: "closed"), at: Self.now)

    var node = try emptied(records, neighbours: [2, 3])
    try StoredNode.link(&node, &second, at: Self.now)
    expect(node, inDoubt: true)
    try StoredNode.link(&node, &third, at: Self.now)
    expect(node, inDoubt: false)
    try restart(&node, neighbours: [2, 3])
    expect(node, inDoubt: false)
  }

  /// Delivers what is addressed to the other.
  private func deliver(_ sender: inout StoredNode, to receiver: inout StoredNode) throws {
    let frames = sender.outbox.filter { $0.to == receiver.key }
    sender.outbox.removeAll { $0.to == receiver.key }
    for frame in frames {
      try receiver.tell(.frame(from: sender.key, bytes: frame.bytes), at: Self.now)
    }
  }

  @Test("two honest neighbours are enough, whoever answers first, and whatever the third one sends")
  func two() throws {
    let records = try FoldingTests.history()
    var debtor = try knowing(records, 2, neighbours: [1])
    let owed = balance(debtor)
    let sales = CreditPair(creditor: keys[0], debtor: keys[1])
    _ = try FoldingTests.fold(&debtor, Coverage(reaches: [sales: .max]))
    var node = try emptied(records, neighbours: [2, 3, 4])
    try debtor.tell(.linkUp(node.key), at: Self.now)
    try node.tell(.linkUp(debtor.key), at: Self.now)
    for _ in 0..<99 where !node.station.ledger.maySign {
      try deliver(&node, to: &debtor)
      try deliver(&debtor, to: &node)
    }
    try #require(node.station.ledger.maySign)
    // It says nothing more of use: a run that begins beyond its record.
    let own = try #require(records.first { $0.author == keys[0] && $0.kind == .confirm })
    let run = FoldedRun(
      first: 900, previous: Digest(of: [1]), remainders: [RecordChaining.remainder(of: own)])
    let junk = Frame.records([run.item(before: own.bytes)]).encoded
    try node.tell(.frame(from: debtor.key, bytes: junk), at: Self.now)
    node.outbox = []

    var third = try knowing(records, 3, neighbours: [1])
    var fourth = try knowing(records, 4, neighbours: [1])
    for _ in 0..<3 {
      try node.tell(.linkUp(third.key), at: Self.now)
      try node.tell(.linkUp(fourth.key), at: Self.now)
      try third.tell(.linkUp(node.key), at: Self.now)
      try fourth.tell(.linkUp(node.key), at: Self.now)
      for _ in 0..<9 {
        try deliver(&node, to: &third)
        try deliver(&node, to: &fourth)
        try deliver(&third, to: &node)
        try deliver(&fourth, to: &node)
      }
    }
    expect(node, inDoubt: false)
    #expect(balance(node) == owed)
  }

  @Test("who had to get what was lost from here is no witness, and no end of a chain is left out")
  func behind() throws {
    let records = try FoldingTests.history()
    let whole = try knowing(records, 3, neighbours: [1, 2])
    let (owed, count) = (balance(whole), whole.station.ledger.chain(of: keys[1])?.count ?? 0)
    // It keeps the end of its own chain to itself: nothing is folded, and much is missing.
    var debtor = try knowing(
      records.filter { $0.author == keys[0] || $0.sequence < count / 2 }, 2,
      neighbours: [1])
    var late = try knowing(Array(records.prefix(1000)), 3, neighbours: [1, 2])
    var honest = try knowing(records, 4, neighbours: [1, 2])
    var node = try emptied(records, neighbours: [2, 3, 4])
    try StoredNode.link(&node, &debtor, at: Self.now)
    let signs = node.station.ledger.maySign
    #expect(signs && balance(node) != owed)
    expect(node, inDoubt: true)
    try StoredNode.link(&node, &late, at: Self.now)
    for minute in 1...3 {
      let at = Self.now + TimeSpan(minutes: 5 * Int64(minute))
      try late.tell(.timer(.synchronise), at: at)
      try StoredNode.exchange(&node, &late, at: at)
    }
    #expect(late.station.ledger.chain(of: keys[0])?.count == node.station.ledger.ownCount)
    expect(node, inDoubt: true)
    #expect(credit(node) == .zero)
    try restart(&node, neighbours: [2, 3, 4])
    try StoredNode.link(&node, &late, at: Self.now + .hour)
    expect(node, inDoubt: true)
    try StoredNode.link(&node, &honest, at: Self.now + .hour)
    expect(node, inDoubt: false)
    #expect(balance(node) == owed)
  }

  @Test("a record whose run is made up takes no place, and nobody in health fills what is folded")
  func madeUp() throws {
    let records = try FoldingTests.history()
    var second = try knowing(records, 2, neighbours: [3])
    let sales = CreditPair(creditor: keys[0], debtor: keys[1])
    _ = try FoldingTests.fold(&second, Coverage(reaches: [sales: 1024]))
    var newcomer = try StoredNode(3, neighbours: [2], path: unused(), at: Self.now)
    try StoredNode.link(&newcomer, &second, at: Self.now)
    let bytes = newcomer.station.ledger.sortedChains.map(\.byteCount)
    for record in records.prefix(800) {
      try newcomer.tell(
        .frame(from: second.key, bytes: Frame.records([record.bytes]).encoded), at: Self.now)
    }
    #expect(newcomer.station.ledger.sortedChains.map(\.byteCount) == bytes)

    var node = try emptied(records, neighbours: [2])
    try second.tell(.linkDown(newcomer.key, reason: "closed"), at: Self.now)
    try StoredNode.link(&node, &second, at: Self.now)
    let stored = try #require(node.store).load().records.count
    let hollow = try #require(records.first { $0.author == keys[0] && $0.kind == .confirm })
    let junk = FoldedRun(
      first: 7, previous: Digest(of: [1]),
      remainders: [RecordChaining.remainder(of: hollow), RecordChaining.remainder(of: hollow)])
    let item = junk.item(before: hollow.bytes)
    try node.tell(.frame(from: second.key, bytes: Frame.records([item]).encoded), at: Self.now)
    #expect(try #require(node.store).load().records.count == stored)
    #expect(texts(node).contains { $0.contains("does not follow the folded records") })
  }
}
