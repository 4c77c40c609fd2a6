import HeliographCore
import Ledger
import Market
import Mesh
import Quantities
import Sealing
import Testing

/// Two honest nodes that first knew different branches of a forked chain.
@Suite struct BranchExchangeTests {
  /// Records of one author that follow `previous`.
  private func run(
    _ count: Int, after previous: Record?, _ number: Int64, at now: Instant
  ) throws -> [Record] {
    let keys = try LyingNeighbourTests.keys(2)
    var run: [Record] = []
    for _ in 0..<count {
      let last = run.last ?? previous
      run.append(
        Record(
          community: LyingNeighbourTests.community.identifier, keys: keys,
          sequence: (last?.sequence ?? -1) + 1, previous: last?.identity, time: now, kind: .limit,
          peer: try LyingNeighbourTests.keys(Int(number % 2)).publicKey, link: nil,
          body: [.integer(number)]))
    }
    return run
  }

  /// How long the trunk is, where the second branch leaves it, and how long both are.
  struct Shape: Sendable, CustomTestStringConvertible {
    let trunk: Int
    let first: Int
    let second: Int
    /// Which of the two dials, as whose link comes up first matters.
    var swapped = false
    var testDescription: String { "\(trunk)+\(first)/\(second)\(swapped ? " swapped" : "")" }
  }

  @Test(
    "they agree once they have exchanged everything, whoever begins",
    arguments: [
      Shape(trunk: 0, first: 1, second: 1), Shape(trunk: 0, first: 40, second: 7),
      Shape(trunk: 40, first: 30, second: 20), Shape(trunk: 40, first: 1, second: 33),
      Shape(trunk: 40, first: 33, second: 1, swapped: true),
      Shape(trunk: 100, first: 2500, second: 1600),
      Shape(trunk: 100, first: 1600, second: 2500, swapped: true),
    ])
  func agree(_ shape: Shape) throws {
    var harness = try StationHarness(houses: 3)
    let (one, two, liar) = (harness.keys[0], harness.keys[1], harness.keys[2])
    harness.isDown = [liar]
    harness.deliver(.linkDown(two, reason: "closed"), to: one)
    harness.deliver(.linkDown(one, reason: "closed"), to: two)
    let trunk = try run(shape.trunk, after: nil, 0, at: harness.now)
    let branches = [
      try run(shape.first, after: trunk.last, 2, at: harness.now),
      try run(shape.second, after: trunk.last, 3, at: harness.now),
    ]
    for (key, branch) in zip([one, two], branches) {
      let records = trunk + branch
      for start in stride(from: 0, to: records.count, by: 1000) {
        let part = Array(records[start..<min(records.count, start + 1000)])
        LyingNeighbourTests.deliver(part, from: liar, to: key, &harness)
      }
      #expect(harness.stations[key]?.ledger.chain(of: liar)?.branches.count == 1)
    }
    let ends = shape.swapped ? [two, one] : [one, two]
    harness.deliver(.linkUp(ends[1]), to: ends[0])
    harness.deliver(.linkUp(ends[0]), to: ends[1])
    harness.advance(TimeSpan(minutes: 6))
    let heads = try branches.map { try #require($0.last).identity }
    for key in [one, two] {
      let ledger = try #require(harness.stations[key]?.ledger)
      #expect(ledger.forkers == [liar])
      let chain = try #require(ledger.chain(of: liar))
      #expect(Set(chain.branches.map(\.head)) == Set(heads))
      #expect(chain.forkedAt == Int64(shape.trunk))
      #expect(chain.looseProof == nil)
      #expect(ledger.recordCount == shape.trunk + shape.first + shape.second)
    }
    let accounts = try [one, two].map { try #require(harness.stations[$0]).ledger.accounts }
    #expect(accounts[0].encoded == accounts[1].encoded)
    #expect(harness.largestFrame <= Frame.maximumBytes)
  }

  @Test("what leads to a branch is asked for further and further back, and not without end")
  func doubling() throws {
    var harness = try StationHarness(houses: 2)
    let (key, peer) = (harness.keys[0], harness.keys[1])
    let liar = try LyingNeighbourTests.keys(2).publicKey
    harness.isDown = [peer]
    let trunk = try run(400, after: nil, 0, at: harness.now)
    LyingNeighbourTests.deliver(trunk, from: peer, to: key, &harness)
    let other = try run(400, after: nil, 5, at: harness.now)
    var asked: [Int64] = []
    // It answers each question with one record that can't be placed.
    var next = 399
    while true {
      harness.sent[key] = []
      LyingNeighbourTests.deliver([other[next]], from: peer, to: key, &harness)
      let questions = (harness.sent[key] ?? []).flatMap { bytes -> [RecordQuestion] in
        if case .ask(let questions)? = try? Frame.decode(bytes) { questions } else { [] }
      }
      guard let question = questions.first else { break }
      try #require(asked.count < 20)
      asked.append(question.from)
      next = max(1, Int(question.from))
    }
    #expect(asked == [398, 396, 392, 384, 368, 336, 272, 144, 0])
    #expect(harness.stations[key]?.ledger.forkers == [liar])
    // The proof was stored before anything leads to it.
    let name = "fork/" + liar.hexadecimal
    let isKept = harness.stored[key]?.contains { write in
      if case .put(name, _) = write { true } else { false }
    }
    #expect(isKept == true)
    LyingNeighbourTests.deliver(other, from: peer, to: key, &harness)
    #expect(harness.stations[key]?.ledger.chain(of: liar)?.branches.map(\.count) == [400, 400])
  }
}
