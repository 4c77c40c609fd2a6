import Ledger
import Market
import Quantities
import Sealing
import Testing

/// What keeps a restored node from forking its own chain.
@Suite struct OwnHeadTests {
  static let before = LedgerTests.before

  /// A ledger of the author of `ForkTests.tree` that holds the first `count` records.
  private func ledger(holding count: Int) throws -> (CommunityLedger, [Record]) {
    let trunk = try ForkTests.tree().trunk
    var ledger = try ForkTests.ledger(2)
    for record in trunk.prefix(count) { _ = ledger.receive(record.bytes) }
    return (ledger, trunk)
  }

  /// What is said at these minutes, one after the other.
  private func said(_ ledger: inout CommunityLedger, at minutes: Int64...) -> [ReadingOnly?] {
    minutes.map { ledger.readingOnly(at: self.minutes($0)) }
  }

  private func minutes(_ count: Int64) -> Instant { Self.before + TimeSpan(minutes: count) }

  @Test("a node that never signed anything asks nobody")
  func newNode() throws {
    var ledger = try ForkTests.ledger(2)
    ledger.begin(marker: nil, at: Self.before)
    #expect(ledger.maySign)
  }

  @Test("a marker that agrees lets a node sign after half a minute, or a neighbour's first word")
  func agreeing() throws {
    var (ledger, trunk) = try ledger(holding: 9)
    ledger.begin(marker: (9, trunk[8].identity), at: Self.before)
    #expect(!ledger.maySign)
    ledger.endQuestion(at: Self.before + TimeSpan(seconds: 29))
    #expect(!ledger.maySign)
    var other = ledger
    ledger.endQuestion(at: Self.before + TimeSpan(seconds: 30))
    #expect(ledger.maySign)
    other.heardNeighbour()
    #expect(other.maySign)
  }

  @Test("without a marker a node with own records waits for a neighbour, and says so once")
  func noMarker() throws {
    var (ledger, _) = try ledger(holding: 9)
    ledger.begin(marker: nil, at: Self.before)
    ledger.endQuestion(at: minutes(60))
    #expect(!ledger.maySign)
    let words = said(&ledger, at: 0, 9, 10, 11)
    #expect(words == [nil, nil, .unanswered, nil])
    ledger.heardNeighbour()
    #expect(ledger.maySign)
  }

  @Test("an old backup never signs: it reads only, says what is missing, and goes on with it")
  func backup() throws {
    var (ledger, trunk) = try ledger(holding: 4)
    ledger.begin(marker: (9, trunk[8].identity), at: Self.before)
    ledger.heardNeighbour()
    #expect(!ledger.maySign)
    let early = said(&ledger, at: 0)
    #expect(early == [nil])
    // While records come, nothing is said.
    _ = ledger.receive(trunk[4].bytes)
    let later = said(&ledger, at: 11, 20, 21)
    #expect(later == [nil, nil, .missing(from: 5, count: 9)])
    let refused = ledger.write(.limit, peer: nil, at: minutes(600))
    #expect(refused == nil)
    for record in trunk.dropFirst(5) { _ = ledger.receive(record.bytes) }
    let written = ledger.write(.limit, peer: nil, at: minutes(600))
    #expect(written?.record.sequence == 9)
  }

  @Test("records that are as many as the marker says and not the same ones are not signed on")
  func otherHead() throws {
    var (ledger, _) = try ledger(holding: 9)
    ledger.begin(marker: (9, Digest(of: [1])), at: Self.before)
    ledger.heardNeighbour()
    #expect(!ledger.maySign)
    let words = said(&ledger, at: 0, 10)
    #expect(words == [nil, .forked])
  }
}
