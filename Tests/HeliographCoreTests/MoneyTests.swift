import HeliographCore
import Ledger
import Mesh
import Quantities
import Sealing
import Testing

/// What owners say of money, and what it comes to on every node.
@Suite struct MoneyTests {
  private func balance(
    _ harness: StationHarness, of first: Int, with second: Int
  ) -> Set<Credits> {
    let (first, second) = (harness.keys[first], harness.keys[second])
    return Set(
      harness.stations.values.map { $0.ledger.accounts.balance(of: first, with: second) })
  }

  private func says(_ text: String, _ harness: StationHarness, at house: Int) -> Bool {
    let station = harness.stations[harness.keys[house]]
    return station?.log.decisions.contains { $0.text.contains(text) } ?? false
  }

  @Test("money that changed hands counts once the creditor has said so, and lets the limit grow")
  func payment() throws {
    var harness = try StationHarness(houses: 3)
    let keys = harness.keys
    #expect(harness.type("LIMIT house1 5 GROW 50 TO 8", at: keys[0])?.contains("50%") == true)
    #expect(harness.type("PAID house0 4", at: keys[1])?.contains("GOT") == true)
    #expect(balance(harness, of: 0, with: 1) == [.zero])
    #expect(says("says it has paid 4.00 credits: GOT house1 4.00", harness, at: 0))
    #expect(harness.type("GOT house1 4", at: keys[0])?.contains("has paid 4.00") == true)
    // It owed nothing: now it is owed.
    #expect(balance(harness, of: 0, with: 1) == [Credits(credits: -4)])
    let accounts = try #require(harness.stations[keys[2]]?.ledger.accounts)
    #expect(accounts.openPayments(creditor: keys[0], debtor: keys[1]).isEmpty)
    #expect(accounts.limit(creditor: keys[0], debtor: keys[1]) == Credits(credits: 7))
    #expect(harness.type("GOT house1 4", at: keys[0])?.contains("has paid") == true)
    #expect(
      harness.stations[keys[2]]?.ledger.accounts.limit(creditor: keys[0], debtor: keys[1])
        == Credits(credits: 8))
  }

  @Test("who does not pay is named to all, by whom and how much, until it is taken back")
  func unpaid() throws {
    var harness = try StationHarness(houses: 3)
    let keys = harness.keys
    _ = harness.type("UNPAID house1 3", at: keys[0])
    func claims() -> [Credits] {
      harness.stations[keys[2]]?.ledger.accounts.defaults(of: keys[1]).map(\.claim.amount) ?? []
    }
    #expect(claims() == [Credits(credits: 3)])
    #expect(says("house0 says that house1 has not paid 3.00", harness, at: 2))
    #expect(says("house0 tells all that you owe 3.00", harness, at: 1))
    #expect(balance(harness, of: 0, with: 1) == [.zero])
    _ = harness.type("UNPAID house1 0", at: keys[0])
    #expect(claims().isEmpty)
    #expect(harness.type("PAID nobody 3", at: keys[0])?.contains("no neighbour here") == true)
    #expect(harness.type("WAIVE house1", at: keys[0])?.contains("disputes nothing") == true)
  }

  @Test("a circle of debts is taken off by itself, and nobody is richer or poorer")
  func circle() throws {
    var harness = try StationHarness(houses: 4)
    let keys = harness.keys
    // Whoever got money ahead owes it: 0 to 1, 1 to 2, 2 to 0.
    for (house, amount) in [(0, 5), (1, 3), (2, 4)] {
      _ = harness.type("GOT house\((house + 1) % 3) \(amount)", at: keys[house])
    }
    let before = keys.map { key in
      harness.stations[keys[3]]?.ledger.accounts.balance(of: key)
    }
    harness.advance(TimeSpan(minutes: 90))
    #expect(balance(harness, of: 1, with: 0) == [Credits(credits: 2)])
    #expect(balance(harness, of: 2, with: 1) == [.zero])
    #expect(balance(harness, of: 0, with: 2) == [Credits(credits: 1)])
    let after = keys.map { key in
      harness.stations[keys[3]]?.ledger.accounts.balance(of: key)
    }
    #expect(before == after)
    #expect((0..<3).contains { says("proposes to take 3.00 credits off", harness, at: $0) })
  }

  @Test("a debt that is signed away in an open circle stands against nothing any more")
  func signedAway() throws {
    let keys = try (0..<3).map { try StationHarness.keys($0).publicKey }
    let proposer = keys.indices.min { keys[$0] < keys[$1] } ?? 0
    let silent = (proposer + 1) % 3
    var harness = try StationHarness(houses: 3) { $0.market.nets = $0.name != "house\(silent)" }
    let debts: [Int64] = [5, 3, 4]
    for house in keys.indices {
      _ = harness.type("GOT house\((house + 1) % 3) \(debts[house])", at: keys[house])
    }
    harness.advance(TimeSpan(minutes: 180))
    for house in keys.indices where house != silent {
      let credit = harness.stations[keys[house]]?.ledger.credit(
        seller: keys[house], buyer: keys[(house + 1) % 3], at: harness.now)
      #expect(credit == Credits(credits: debts[house] - 3))
    }
  }

  @Test("figures that no honest node writes change nothing, and a flood of them fills no journal")
  func hostile() throws {
    var harness = try StationHarness(houses: 2)
    let (victim, hostile) = (harness.keys[0], harness.keys[1])
    let keys = try StationHarness.keys(1)
    var records: [[UInt8]] = []
    var previous: Digest?
    let figures: [Int64] = [.min, .max, -1, 1_000_000_001] + (1...100).map { Int64($0) }
    let kinds: [Record.Kind] = [.payment, .limit, .receipt, .default]
    for (number, figure) in figures.enumerated() {
      let record = Record(
        community: harness.stations[victim]?.ledger.community.identifier ?? [], keys: keys,
        sequence: Int64(number), previous: previous, time: harness.now,
        kind: kinds[number % kinds.count], peer: victim, link: nil, body: [.integer(figure)])
      previous = record.identity
      records.append(record.bytes)
    }
    // Circles of a millicredit: each would cost the victim a record.
    for _ in 0..<50 {
      let parties = [hostile, victim, try StationHarness.keys(7).publicKey]
      let record = Record(
        community: harness.stations[victim]?.ledger.community.identifier ?? [], keys: keys,
        sequence: Int64(records.count), previous: previous, time: harness.now, kind: .net,
        peer: victim, link: nil,
        body: NettingProposal.body(
          amount: Credits(millicredits: 1), until: harness.now + .day, parties: parties))
      previous = record.identity
      records.append(record.bytes)
    }
    let before = harness.stations[victim]?.ledger.ownCount
    harness.deliver(.frame(from: hostile, bytes: Frame.records(records).encoded), to: victim)
    harness.advance(TimeSpan(minutes: 30))
    let station = try #require(harness.stations[victim])
    #expect(station.ledger.chain(of: hostile)?.count == 154)
    #expect(station.ledger.ownCount == before)
    #expect(station.log.decisions.filter { $0.text.contains("house1") }.count <= 21)
    // What counts of it is what its author may say to its own harm: receipts.
    let balance = station.ledger.accounts.balance(of: victim, with: hostile)
    #expect(balance > .zero && balance < Credits(credits: 10))
  }

  @Test("a household that forbids it takes part in no circle")
  func forbidden() throws {
    var harness = try StationHarness(houses: 3) { $0.market.nets = $0.name != "house1" }
    for (house, amount) in [(0, 5), (1, 3), (2, 4)] {
      _ = harness.type("GOT house\((house + 1) % 3) \(amount)", at: harness.keys[house])
    }
    harness.advance(TimeSpan(minutes: 180))
    #expect(balance(harness, of: 2, with: 1) == [Credits(credits: 3)])
  }
}
