import HeliographCore
import Ledger
import Quantities
import Sealing
import Sites
import Testing
import Texting

@Suite struct StationTests {
  /// A seller with 2 kW to spare and a buyer who needs 1 kW, after the seller gave credit.
  static func street() throws -> (StationHarness, seller: PublicKey, buyer: PublicKey) {
    var harness = try StationHarness(houses: 3)
    let seller = harness.keys[0]
    let buyer = harness.keys[1]
    harness.grid[seller] = Power(watts: -2000)
    harness.grid[buyer] = Power(watts: 1000)
    let granted = harness.type("LIMIT house1 50", at: seller)
    #expect(granted?.hasPrefix("house1 may owe") == true)
    return (harness, seller, buyer)
  }

  static func settledContracts(_ harness: StationHarness, _ key: PublicKey) -> [Contract] {
    harness.stations[key]?.ledger.accounts.contracts.filter { $0.stage == .acknowledged } ?? []
  }

  @Test("neighbours trade a surplus and settle what both meters bear out")
  func trades() throws {
    var (harness, seller, buyer) = try Self.street()
    harness.advance(TimeSpan(minutes: 120))
    let settled = Self.settledContracts(harness, seller)
    #expect(settled.count >= 3)
    for contract in settled {
      let energy = try #require(contract.settlement?.energy)
      #expect(energy > .zero)
      #expect(energy <= Energy(wattHours: 260))
    }
    let claim = try #require(harness.balance(seller, seenBy: seller))
    #expect(claim > .zero)
    for key in harness.keys {
      #expect(harness.balance(seller, seenBy: key) == claim)
      #expect(harness.balance(buyer, seenBy: key) == -claim)
    }
    let reply = harness.type("BAL", at: buyer)
    #expect(reply?.contains("house0") == true)
  }

  @Test("nothing is sold to whom nobody gave credit")
  func noCredit() throws {
    var harness = try StationHarness(houses: 2)
    harness.grid[harness.keys[0]] = Power(watts: -2000)
    harness.grid[harness.keys[1]] = Power(watts: 1000)
    harness.advance(TimeSpan(minutes: 120))
    #expect(harness.stations[harness.keys[0]]?.ledger.accounts.contracts.isEmpty == true)
  }

  @Test("a kill during a contract: it settles once, both balances agree", arguments: [0, 1])
  func killed(_ victim: Int) throws {
    var (harness, seller, buyer) = try Self.street()
    harness.advance(TimeSpan(minutes: 52))
    let open = harness.stations[seller]?.ledger.accounts.contracts.filter { $0.stage == .bound }
    #expect(open?.isEmpty == false)
    let key = harness.keys[victim]
    harness.kill(key)
    harness.advance(TimeSpan(minutes: 1))
    try harness.restart(key)
    harness.advance(TimeSpan(minutes: 60))
    for contract in open ?? [] {
      let kept = harness.stations[seller]?.ledger.accounts.contract(contract.identifier)
      #expect(kept?.stage == .acknowledged)
    }
    for key in harness.keys {
      let ledger = try #require(harness.stations[key]?.ledger)
      #expect(ledger.accounts.balance(of: seller) + ledger.accounts.balance(of: buyer) == .zero)
      #expect(
        harness.recomputedBalance(of: seller, at: key) == ledger.accounts.balance(of: seller))
      #expect(ledger.forkers.isEmpty)
    }
    #expect(harness.balance(seller, seenBy: seller) == harness.balance(seller, seenBy: buyer))
  }

  @Test(
    "a seller that is down when the slot ends settles what its meter bore out before",
    arguments: [5, 10, 40, 600])
  func downAtTheEnd(_ minutes: Int64) throws {
    var (harness, seller, buyer) = try Self.street()
    harness.advance(TimeSpan(minutes: 56))
    let bound = harness.stations[seller]?.ledger.accounts.contracts.filter { $0.stage == .bound }
    let trades = bound?.compactMap(EnergyContract.init)
    let open = try #require(trades?.first { $0.slot == TimeSlot(containing: harness.now) })
    harness.kill(seller)
    harness.advance(TimeSpan(minutes: minutes))
    try harness.restart(seller)
    harness.advance(TimeSpan(minutes: 20))
    let kept = try #require(harness.stations[buyer]?.ledger.accounts.contract(open.identifier))
    #expect(kept.stage == .acknowledged)
    let settled = try #require(kept.settlement?.energy)
    // It sold from 15 minutes' export and was killed after 11 of them.
    #expect(settled > open.energy.scaled(by: 1, over: 2))
    #expect(settled <= open.energy)
  }

  @Test("a lost meter is unknown in every word, never zero")
  func unknown() throws {
    var harness = try StationHarness(houses: 1)
    let key = harness.keys[0]
    harness.advance(TimeSpan(minutes: 5))
    harness.silentMeters = [key]
    harness.advance(TimeSpan(minutes: 5))
    let snapshot = try #require(harness.stations[key]?.snapshot(at: harness.now, since: 0))
    #expect(snapshot.gridPower == nil)
    #expect(snapshot.surplus == nil)
    let reply = harness.type("STATUS", at: key)
    #expect(reply?.contains("0 W") == false)
    #expect(reply?.contains("Lost: meter since") == true)
    let lines = harness.stations[key]?.log.decisions.map(\.text) ?? []
    #expect(lines.contains { $0.contains("meter") && $0.contains("2 s") })
  }

  @Test("rubbish from a neighbour gets one line an hour and changes nothing")
  func rubbish() throws {
    var harness = try StationHarness(houses: 2)
    let (key, peer) = (harness.keys[0], harness.keys[1])
    func lines() -> Int {
      harness.stations[key]?.log.decisions.filter { $0.text.hasPrefix("refused") }.count ?? 0
    }
    for length in 0..<200 {
      harness.deliver(
        .frame(from: peer, bytes: [UInt8](repeating: 0xFF, count: length)), to: key)
    }
    #expect(lines() == 1)
    harness.advance(TimeSpan(minutes: 61))
    harness.deliver(.frame(from: peer, bytes: [0]), to: key)
    #expect(lines() == 2)
  }

  @Test("a stranger's SMS gets silence, a reader's an answer, and nobody writes by SMS")
  func readers() throws {
    var harness = try StationHarness(houses: 2)
    let key = harness.keys[0]
    func text(_ text: String, _ number: String) -> [String] {
      harness.replies = []
      let message = TextMessage(id: .init(7), origin: .sms(number: number), text: text)
      harness.deliver(.text(message), to: key)
      return harness.replies
    }
    #expect(text("STATUS", "+255700000009").isEmpty)
    #expect(text("STATUS", "+255700000001").count == 1)
    #expect(text("LIMIT house1 5", "+255700000001").first?.hasPrefix("Error: SMS") == true)
    #expect(harness.stations[key]?.ledger.ownCount == 0)
  }

  @Test("while the store fails a running job is no longer fed; afterwards it goes on")
  func storage() throws {
    var harness = try StationHarness(houses: 1)
    let key = harness.keys[0]
    harness.deliver(.storageFailing(reason: "disk full"), to: key)
    let status = harness.type("STATUS", at: key)
    #expect(status?.contains("disk full") == true)
    let refused = harness.type("RESERVE 40", at: key)
    #expect(refused?.hasPrefix("Error: ") == true)
    harness.deliver(.storageWorking, to: key)
    let taken = harness.type("RESERVE 40", at: key)
    #expect(taken?.hasPrefix("Error: ") == false)
  }
}
