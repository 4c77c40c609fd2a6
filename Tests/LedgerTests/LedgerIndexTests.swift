import Ledger
import Market
import Quantities
import Sealing
import Testing

/// What a start reads instead of every record.
@Suite struct LedgerIndexTests {
  /// A ledger with a settled contract, an open one, a forked chain and a stranger's, and all of
  /// its records in the order in which they came.
  private func street() throws -> (ledger: CommunityLedger, records: [Record]) {
    var pair = try LedgerTests.Pair()
    let bind = try pair.bound()
    let settle = try pair.write(
      bySeller: true, .settle, link: bind.identity,
      body: LedgerTests.settlement(wattHours: 400, millicredits: 4000))
    _ = try pair.write(bySeller: false, .acknowledge, link: settle.identity)
    _ = try pair.bound()
    let author = ForkTests.Author(keys: try LedgerTests.keys(5))
    let trunk = try author.run(9, after: nil, 1)
    let records = pair.history + trunk + (try author.run(4, after: trunk[4], 2))
    var ledger = try ForkTests.ledger(3)
    for record in records { _ = ledger.receive(record.bytes) }
    return (ledger, records)
  }

  /// Everything about a ledger that others ask for.
  private func picture(_ ledger: CommunityLedger) -> String {
    var lines: [String] = ["\(ledger.recordCount) \(ledger.forkers)"]
    for chain in ledger.sortedChains {
      lines.append("\(chain.author) \(chain.byteCount) \(String(describing: chain.forkedAt))")
      lines += chain.branches.map { "\($0.start) \(String(describing: $0.parent)) \($0.head)" }
      lines.append("\(ledger.accounts.balance(of: chain.author))")
      lines.append("\(ledger.creditLimits(at: LedgerTests.before))")
    }
    lines += ledger.accounts.contracts.map { "\($0)" }
    return lines.joined(separator: "\n")
  }

  @Test("a ledger restored from any index and what came later equals one that read everything")
  func equalsReplay() throws {
    let (whole, records) = try street()
    let expected = picture(whole)
    for first in stride(from: 1, through: records.count, by: 3) {
      for second in [first, (first + records.count) / 2] {
        var ledger = try ForkTests.ledger(3)
        for record in records.prefix(first) { _ = ledger.receive(record.bytes) }
        let begun = ledger.takeIndex(always: true)
        let one = try #require(begun)
        #expect(one.replacesAll)
        for record in records[first..<second] { _ = ledger.receive(record.bytes) }
        let two = ledger.takeIndex(always: true)
        #expect((two == nil) == (first == second))
        #expect(two?.replacesAll != true)
        var restored = try ForkTests.ledger(3)
        let isRestored = restored.restore(
          segments: one.segments + (two?.segments ?? []),
          snapshot: two?.snapshot ?? one.snapshot)
        #expect(isRestored)
        for record in records.dropFirst(second) {
          guard case .taken = restored.receive(record.bytes, storedAs: record.identity) else {
            Issue.record("record \(record.sequence) was not taken")
            return
          }
        }
        #expect(picture(restored) == expected)
        #expect(restored.accounts.encoded == whole.accounts.encoded)
        for record in records {
          #expect(restored.knows(record.identity, of: record.author, at: record.sequence))
        }
      }
    }
  }

  @Test("an index with any byte changed, a part missing or of another key is not used")
  func damaged() throws {
    var (ledger, records) = try street()
    let begun = ledger.takeIndex(always: true)
    let one = try #require(begun)
    func isUsed(_ segments: [[UInt8]], _ snapshot: [UInt8], key: UInt8 = 3) throws -> Bool {
      var other = try ForkTests.ledger(key)
      let used = other.restore(segments: segments, snapshot: snapshot)
      if !used { #expect(other.recordCount == 0) }
      return used
    }
    #expect(try isUsed(one.segments, one.snapshot))
    #expect(try !isUsed(one.segments, one.snapshot, key: 4))
    #expect(try !isUsed([], one.snapshot))
    #expect(try !isUsed(one.segments + one.segments, one.snapshot))
    for index in stride(from: 0, to: one.snapshot.count, by: 7) {
      var snapshot = one.snapshot
      snapshot[index] ^= 1
      #expect(try !isUsed(one.segments, snapshot))
    }
    for index in stride(from: 0, to: one.segments[0].count, by: 7) {
      var segments = one.segments
      segments[0][index] ^= 1
      #expect(try !isUsed(segments, one.snapshot))
    }
    let author = ForkTests.Author(keys: try LedgerTests.keys(6))
    _ = ledger.receive(try author.record(0, after: nil, 1).bytes)
    let later = ledger.takeIndex(always: true)
    let two = try #require(later)
    #expect(try isUsed(one.segments + two.segments, two.snapshot))
    #expect(try !isUsed(one.segments, two.snapshot))
    #expect(try !isUsed(one.segments + two.segments, one.snapshot))
    #expect(records.count > 20)
  }

  @Test("an index is due after some hundred records, and not before")
  func due() throws {
    let author = ForkTests.Author(keys: try LedgerTests.keys(2))
    var ledger = try ForkTests.ledger(3)
    var indexes = 0
    for record in try author.run(5000, after: nil, 1) {
      _ = ledger.receive(record, isGenuine: true)
      if ledger.takeIndex() != nil { indexes += 1 }
    }
    #expect(indexes == 9)
  }
}

extension CommunityLedger {
  fileprivate mutating func restore(segments: [[UInt8]], snapshot: [UInt8]) -> Bool {
    guard var index = index(snapshot: snapshot) else { return false }
    for segment in segments { index.take(segment) }
    return restore(index)
  }
}
