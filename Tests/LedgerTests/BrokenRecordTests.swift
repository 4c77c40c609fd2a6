import Ledger
import Market
import Quantities
import Sealing
import Testing
import Thrown

/// Records that the second implementation breaks, one rule each.
@Suite("Broken records")
struct BrokenRecordTests {
  /// Each by its name, with what the refusal here says of it; nil: its place in the chain.
  static let reasons: [String: String?] = [
    "integer not shortest": "notShortest", "length not shortest": "notShortest",
    "indefinite array": "notAllowed", "indefinite byte string": "notAllowed",
    "map": "notAllowed", "float": "notAllowed", "half float": "notAllowed", "tag": "notAllowed",
    "big number": "notAllowed", "null": "notAllowed", "boolean": "notAllowed",
    "reserved head": "notAllowed", "integer beyond 64 bits": "notAllowed",
    "text that is no UTF-8": "notText", "nine deep": "tooDeep", "trailing byte": "trailing",
    "cut short": "truncated", "over 4096 bytes": "at most 4096",
    "a signature only": "signed content", "nothing": "signed content",
    "nine fields": "ten fields", "eleven fields": "ten fields", "no array": "ten fields",
    "an order": "ten fields", "version 0": "version 1", "version 2": "version 1",
    "community of 15 bytes": "community", "community as text": "community",
    "author of 33 bytes": "author", "author of 31 bytes": "author",
    "negative sequence": "sequence", "sequence beyond all": "sequence",
    "sequence 0 with a previous": "previous", "sequence 3 without a previous": "previous",
    "previous of 31 bytes": "previous", "time beyond all": "time", "negative kind": "kind",
    "kind 65536": "kind", "kind as text": "kind", "peer of 31 bytes": "peer",
    "peer as text": "peer", "link of 33 bytes": "link", "body a number": "body",
    "body of bytes": "body", "bad signature": "bad signature",
    "content changed after signing": "bad signature",
    "signature by another key": "bad signature", "signature of an order": "bad signature",
    "signature of the record before": "bad signature",
    "another community": "another community", "gap": nil,
    "previous of a branch that is not there": nil, "previous of another author": nil,
    "previous two before": nil,
    // A run that is none is read as a record, which it is not either.
    "run of nothing": "truncated", "run cut short": "truncated", "run as text": "truncated",
    "run from -1": "truncated", "run from a number in words": "truncated",
    "run from 0 with a previous": "truncated", "run from 1 without a previous": "truncated",
    "run before no record": "signed content", "run before a record as text": "truncated",
    "run before a run": "truncated", "run and trailing byte": "truncated",
    "run with a LIMIT": "folded", "run with a CHECKPOINT": "folded",
    "run with a kind of later times": "folded",
    "run over a record that is never folded": "folded",
    "run of another kind than was signed": "folded",
    "run of another content than was signed": "folded", "run that leaves one out": "folded",
    "run in another order": "folded", "run before a later record": "folded",
    "run before a forged record": "bad signature", "run after what is not known": nil,
  ]

  @Test("are refused by both ledgers, each with its reason, and leave the chain as it was")
  func refused() async throws {
    guard let python = InteropProcess.python() else { return }
    let answer = try await SecondLedger.ask(SecondLedger.Answer.self, python, ["broken"])
    let made = try #require(answer.broken)
    #expect(Set(made.map(\.name)) == Set(Self.reasons.keys) && made.count >= 75)
    var ledger = CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(1))
    let known = try SecondLedgerTests.bytes(answer.known)
    for bytes in known { _ = ledger.receive(bytes) }
    let frontier = ledger.sortedChains.map(\.count)
    #expect(frontier.reduce(0, +) == Int64(known.count))
    for record in made {
      #expect(record.reason != nil, "the second ledger takes \(record.name)")
      let bytes = try #require(Hexadecimal.bytes(record.bytes))
      let expected = Self.reasons[record.name] ?? nil
      switch ledger.receive(bytes) {
      case .taken, .duplicate: Issue.record("taken: \(record.name)")
      case .gap: #expect(expected == nil, "\(record.name) is no gap")
      case .refused(let reason):
        #expect(reason.contains(expected ?? "follow"), "\(record.name): \(reason)")
      }
      var check = LedgerCheck()
      for bytes in known { try check.take(bytes) }
      let fault = thrown(LedgerCheck.Fault.self) { try check.take(bytes) }
      #expect(fault != nil || record.name == "another community", "\(record.name)")
    }
    #expect(ledger.sortedChains.map(\.count) == frontier)
    // Unbroken, the next one is taken, and so is the run.
    let whole = [try #require(answer.next), try #require(answer.run)]
    for bytes in try SecondLedgerTests.bytes(whole) {
      guard case .taken = ledger.receive(bytes) else {
        Issue.record("unbroken, it is refused")
        return
      }
    }
  }

  @Test("that are well-formed but no next step are carried and change nothing, here and there")
  func idle() async throws {
    guard let python = InteropProcess.python() else { return }
    let answer = try await SecondLedger.ask(SecondLedger.Answer.self, python, ["idle"])
    let made = try #require(answer.idle)
    #expect(made.count >= 95)
    var check = LedgerCheck()
    for bytes in try SecondLedgerTests.bytes(answer.known) { try check.take(bytes) }
    let keys = try [41, 42, 43].map { try LedgerTests.keys($0).publicKey }
    func summary() -> SecondLedger.Summary {
      var summary = SecondLedger.Summary(check, of: LedgerTests.community, keys: keys)
      summary.records = 0
      summary.authors = 0
      return summary
    }
    let before = summary()
    #expect(Set(before.contracts.map(\.state)).count == 5)
    #expect(before.pairs.contains { $0.limit == 20_000 && $0.open > 0 })
    for record in made {
      #expect(record.changed == false, "the second ledger: \(record.name)")
      let bytes = try #require(Hexadecimal.bytes(record.bytes))
      let taken = try check.take(bytes)
      #expect(taken != nil)
      #expect(summary() == before, "\(record.name)")
    }
    let comes = try #require(answer.comes)
    try check.take(try SecondLedgerTests.bytes([try #require(answer.next)])[0])
    #expect(summary().pairs == comes.pairs && summary().pairs != before.pairs)
  }
}
