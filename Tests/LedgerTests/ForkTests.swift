import Ledger
import Market
import Quantities
import Sealing
import Testing

/// Chains whose authors signed more than one record of a sequence.
@Suite struct ForkTests {
  static let before = LedgerTests.before

  /// A chain that may leave itself at any place.
  struct Author {
    let keys: KeyPair

    func record(_ sequence: Int64, after previous: Record?, _ number: Int64) throws -> Record {
      Record(
        community: LedgerTests.community.identifier, keys: keys, sequence: sequence,
        previous: previous?.identity, time: before, kind: .limit,
        peer: try LedgerTests.keys(1).publicKey, link: nil, body: [.integer(number)])
    }

    /// Records that follow `previous`, so many of them.
    func run(_ count: Int, after previous: Record?, _ number: Int64) throws -> [Record] {
      var run: [Record] = []
      for _ in 0..<count {
        let last = run.last ?? previous
        run.append(try record((last?.sequence ?? -1) + 1, after: last, number))
      }
      return run
    }
  }

  static func ledger(_ number: UInt8 = 1) throws -> CommunityLedger {
    CommunityLedger(community: LedgerTests.community, keys: try LedgerTests.keys(number))
  }

  /// A chain of nine with a branch of four that leaves it after its fifth record, and one of two
  /// that leaves the branch after its second.
  static func tree() throws -> (author: Author, trunk: [Record], branch: [Record], twig: [Record]) {
    let author = Author(keys: try LedgerTests.keys(2))
    let trunk = try author.run(9, after: nil, 1)
    let branch = try author.run(4, after: trunk[4], 2)
    let twig = try author.run(2, after: branch[1], 3)
    return (author, trunk, branch, twig)
  }

  @Test("every record is taken whose predecessor is known, on whichever branch, in any order")
  func branches() throws {
    let (author, trunk, branch, twig) = try Self.tree()
    let late: [Record] = Array(trunk.prefix(5)) + branch + twig + Array(trunk.suffix(4))
    let orders = [trunk + branch + twig, late]
    for order in orders {
      var ledger = try Self.ledger()
      for record in order {
        guard case .taken = ledger.receive(record.bytes) else {
          Issue.record("record \(record.sequence) was not taken")
          return
        }
      }
      let chain = try #require(ledger.chain(of: author.keys.publicKey))
      let ends = [trunk[8], branch[3], twig[1]].map(\.identity)
      #expect(chain.branches.map(\.head).sorted() == ends.sorted())
      #expect(chain.forkedAt == 5)
      #expect(ledger.recordCount == 15)
      for record in order {
        guard case .duplicate = ledger.receive(record.bytes) else {
          Issue.record("record \(record.sequence) was taken twice")
          return
        }
      }
    }
  }

  @Test("a record of another branch proves the fork before what leads to it is known, once")
  func looseProof() throws {
    let (author, trunk, branch, _) = try Self.tree()
    var ledger = try Self.ledger()
    for record in trunk { _ = ledger.receive(record.bytes) }
    for isNews in [true, false] {
      guard case .gap(let gap) = ledger.receive(branch[3].bytes) else {
        Issue.record("it has no place yet")
        return
      }
      #expect(gap.isOtherBranch)
      #expect(gap.provesFork == isNews)
    }
    let key = author.keys.publicKey
    #expect(ledger.forkers == [key])
    #expect(ledger.chain(of: key)?.looseProof?.bytes == branch[3].bytes)
    for record in branch { _ = ledger.receive(record.bytes) }
    #expect(ledger.chain(of: key)?.looseProof == nil)
    #expect(ledger.chain(of: key)?.forkedAt == 5)
  }

  @Test("no more than so many branches of one author are kept")
  func manyBranches() throws {
    let author = Author(keys: try LedgerTests.keys(2))
    var ledger = try Self.ledger()
    var taken = 0
    for number in 0..<Int64(2 * Chain.maximumBranches) {
      if case .taken = ledger.receive(try author.record(0, after: nil, number).bytes) { taken += 1 }
    }
    #expect(taken == Chain.maximumBranches)
  }

  @Test("how far two ways through the tree are one")
  func shared() throws {
    let (author, trunk, branch, twig) = try Self.tree()
    var ledger = try Self.ledger()
    for record in trunk + branch + twig { _ = ledger.receive(record.bytes) }
    let chain = try #require(ledger.chain(of: author.keys.publicKey))
    // Branches are 0, 1 and 2 in the order in which they came.
    let cases: [(Int, Int, Int64, Int64)] = [
      (0, 0, 8, 8), (0, 0, 3, 3), (0, 1, 8, 4), (1, 0, 8, 4), (1, 0, 2, 2), (2, 1, 8, 6),
      (2, 0, 8, 4), (0, 2, 8, 4), (2, 1, 5, 5), (1, 2, 8, 6),
    ]
    for (branch, other, sequence, expected) in cases {
      #expect(chain.shared(branch, with: other, at: sequence) == expected)
    }
  }

  @Test("a node that has signed two branches signs nothing more, and says why")
  func ownFork() throws {
    var ledger = try Self.ledger(2)
    let (_, trunk, branch, _) = try Self.tree()
    for record in trunk + branch { _ = ledger.receive(record.bytes) }
    #expect(!ledger.maySign)
    let said = [0, 10, 20].map { ledger.readingOnly(at: Self.before + TimeSpan(minutes: $0)) }
    #expect(said == [nil, .forked, nil])
  }
}
