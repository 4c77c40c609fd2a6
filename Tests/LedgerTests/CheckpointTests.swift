import Ledger
import Market
import Quantities
import Sealing
import Testing
import Thrown

/// Checkpoints take the place of what they cover, whatever comes first, and records that nobody
/// needs any more can be left out.
@Suite struct CheckpointTests {
  /// Balances, limits and what is left of each.
  private static func view(_ accounts: Accounts, _ keys: [KeyPair]) -> [Credits] {
    let parties = keys.map(\.publicKey)
    return parties.flatMap { first in
      parties.filter { $0 != first }.flatMap { second in
        [
          accounts.balance(of: first, with: second),
          accounts.limit(creditor: first, debtor: second),
          accounts.credit(seller: first, buyer: second, at: LedgerTests.slot.end + .hour),
        ]
      }
    }
  }

  private static func checkpoint(
    _ own: Int64, _ other: Int64, sold: Int64, bought: Int64, given: Int64
  ) -> [CBORValue] {
    [.integer(own), .integer(other), .integer(sold), .integer(bought), .integer(given)]
  }

  /// What sold in contracts with an ACCEPT from a place of the buyer's chain on.
  private static func moved(_ street: CheckpointStreet, buyer: Int, seller: Int, from: Int64)
    -> Credits
  {
    street.chains[buyer].filter {
      $0.kind == .accept && $0.peer == street.keys[seller].publicKey && $0.sequence >= from
    }.reduce(.zero) { sum, record in
      let energy = record.body[2].integer ?? 0
      return sum + Credits(rawValue: energy / 100)
    }
  }

  @Test("what both state counts for what it covers, exactly, in any order, records left out or not")
  func order() throws {
    var street = try CheckpointStreet()
    let rule = LimitRule(amount: Credits(credits: 1), growth: 500, ceiling: Credits(credits: 900))
    street.write(1, .limit, to: 0, body: rule.body)
    street.write(0, .limit, to: 1, body: rule.body)
    for number in 0..<Int64(300) {
      street.trade(0, from: 1, wattHours: 100 + number)
      street.trade(1, from: 0, wattHours: 200 + number)
      if number % 10 == 0 { street.trade(2, from: 0, wattHours: 500) }
      // From here on what was given before counts no more.
      if number == 120 { street.write(1, .limit, to: 0, body: rule.body) }
    }
    // They state something else than what it came to: it is theirs to say.
    let first = street.write(
      0, .checkpoint, to: 1, body: Self.checkpoint(1024, 0, sold: 0, bought: 7_000, given: 5_000))
    street.write(1, .countersign, to: 0, link: first, body: [.integer(1_000)])
    let second = street.write(
      0, .checkpoint, to: 1,
      body: Self.checkpoint(1024, 1024, sold: 9_000, bought: 8_000, given: 6_000))
    street.write(1, .countersign, to: 0, link: second, body: [.integer(2_000)])
    // Signed by one side alone, and by the wrong one.
    street.write(
      0, .checkpoint, to: 1, body: Self.checkpoint(1024, 1024, sold: 1, bought: 1, given: 1))
    let wrong = street.write(
      0, .checkpoint, to: 2, body: Self.checkpoint(1024, 0, sold: 1, bought: 1, given: 1))
    street.write(1, .countersign, to: 0, link: wrong, body: [.integer(1)])
    // It reaches less far: it covers no more, and what it states does not count.
    let late = street.write(
      0, .checkpoint, to: 1, body: Self.checkpoint(0, 1024, sold: 3, bought: 3, given: 3))
    street.write(1, .countersign, to: 0, link: late, body: [.integer(3)])
    for _ in 0..<20 { street.trade(0, from: 1, wattHours: 300) }

    let parties = street.keys.map(\.publicKey)
    let sold = Self.moved(street, buyer: 1, seller: 0, from: 1024) + Credits(millicredits: 9_000)
    let bought = Self.moved(street, buyer: 0, seller: 1, from: 1024) + Credits(millicredits: 8_000)
    var source = SeededSource(seed: 3)
    var views: [[Credits]] = []
    for round in 0..<6 {
      var records = round == 0 ? street.all : street.shuffled(&source)
      if round == 1 || round == 2 {
        // What a folding store has left of it.
        var pass = FoldingPass(try street.coverage())
        let spent = Set(street.all.filter { pass.takes($0) }.map(\.identity))
        #expect(spent.count > 2000)
        records = (round == 1 ? street.all : records).filter { !spent.contains($0.identity) }
      }
      var accounts = Accounts()
      for (index, record) in records.enumerated() {
        _ = accounts.apply(record)
        if round > 3, index % 701 == 0 {
          accounts = try #require(Accounts(decoding: accounts.encoded))
        }
      }
      #expect(accounts.balance(of: parties[0], with: parties[1]) == sold - bought)
      views.append(Self.view(accounts, street.keys))
    }
    #expect(views.dropFirst().allSatisfy { $0 == views[0] })
  }

  @Test(
    "a checkpoint that is none has no effect",
    arguments: [
      [1000, 0, 0, 0, 0], [-1024, 0, 0, 0, 0], [1024, 2048, 1, 1, 1], [1024, 0, -1, 0, 0],
      [1024, 0, 0, 0, 2_000_000_000_000], [0, 0, 0, 0], [1 << 20, 0, 0, 0, 0],
    ] as [[Int64]])
  func refused(body: [Int64]) throws {
    var street = try CheckpointStreet()
    for _ in 0..<360 { street.trade(0, from: 1, wattHours: 100) }
    let checkpoint = street.write(0, .checkpoint, to: 1, body: body.map { .integer($0) })
    street.write(1, .countersign, to: 0, link: checkpoint, body: [.integer(0)])
    var accounts = Accounts()
    for record in street.all { _ = accounts.apply(record) }
    let parties = street.keys.map(\.publicKey)
    #expect(accounts.balance(of: parties[1], with: parties[0]) == Credits(credits: 360))
  }
}
