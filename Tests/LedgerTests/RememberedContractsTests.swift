import Ledger
import Market
import Quantities
import Sealing
import Testing

/// Contracts of three weeks, each day's entered and those of long ago forgotten.
@Suite struct RememberedContractsTests {
  /// What is known of a contract without the accounts.
  private struct Known {
    let records: [Digest]
    let terms: EnergyTerms
    let parties: [PublicKey]
    let isSettled: Bool

    var identifier: Digest { records[0] }

    /// Whether a contract that is over is still remembered.
    func isRemembered(at now: Instant) -> Bool {
      !isSettled || terms.slot.end + Contract.settlementTimeOut + .day > now
    }

    /// Whether it waits for a record, and has not lapsed longer than a day ago.
    func isLive(at now: Instant) -> Bool { !isSettled && now < terms.slot.start + .day }

    static func isBefore(_ one: Known, _ other: Known) -> Bool {
      (one.terms.slot.end, one.identifier) < (other.terms.slot.end, other.identifier)
    }
  }

  private var street: CheckpointStreet
  private var accounts = Accounts()
  private var known: [Known] = []

  init() throws { street = try CheckpointStreet() }

  private mutating func trade(_ buyer: Int, from seller: Int, in slot: TimeSlot, whole: Bool) {
    let terms = EnergyTerms(
      slot: slot, energy: Energy(wattHours: 100), price: Price(creditsPerKilowattHour: 10))
    let offer = Digest(of: [1])
    let accept = street.write(buyer, .accept, to: seller, link: offer, body: terms.body)
    var records = [accept, street.write(seller, .confirm, to: buyer, link: accept)]
    if whole {
      let settlement = ContractState.Settlement(
        quantity: 50_000, amount: Credits(millicredits: 500), statements: [offer, accept])
      records.append(street.write(buyer, .bind, to: seller, link: records[1]))
      records.append(
        street.write(seller, .settle, to: buyer, link: records[2], body: settlement.body))
      records.append(street.write(buyer, .acknowledge, to: seller, link: records[3]))
    }
    for record in street.all.suffix(records.count) { _ = accounts.apply(record) }
    let parties = [street.keys[buyer].publicKey, street.keys[seller].publicKey]
    known.append(Known(records: records, terms: terms, parties: parties, isSettled: whole))
  }

  @Test("finds each record of what is remembered, and nothing of what was forgotten")
  mutating func found() throws {
    for day in 0..<21 as Range<Int64> {
      for number in 0..<30 {
        // A few share a slot, and some a slot and a party.
        let slot = TimeSlot(index: LedgerTests.slot.index + 96 * day + Int64(number / 4))
        trade(number % 3, from: (number + 1) % 3, in: slot, whole: number % 7 != 0)
      }
      let now = LedgerTests.slot.start + TimeSpan(minutes: 1440 * (day + 1))
      accounts.retire(at: now)
      let again = try #require(Accounts(decoding: accounts.encoded))
      #expect(again.encoded == accounts.encoded)
      expect(accounts, at: now)
      expect(again, at: now)
    }
    #expect(accounts.contracts.count < known.count)
  }

  private func expect(_ accounts: Accounts, at now: Instant) {
    for contract in known {
      let isRemembered = contract.isRemembered(at: now)
      #expect((accounts.contract(contract.identifier) != nil) == isRemembered)
      #expect(accounts.contract(contract.records[1]) == nil)
      for record in contract.records {
        let found = accounts.contract(with: record)?.identifier
        #expect(found == (isRemembered ? contract.identifier : nil))
      }
    }
    let remembered = known.filter { $0.isRemembered(at: now) }.sorted(by: Known.isBefore)
    #expect(accounts.contracts.map(\.identifier) == remembered.map(\.identifier))
    for party in street.keys.map(\.publicKey) {
      let own = remembered.filter { $0.parties.contains(party) }
      let live = own.filter { $0.isLive(at: now) }
      #expect(accounts.liveContracts(of: party).map(\.identifier) == live.map(\.identifier))
      let latest = accounts.contracts(of: party, latest: 5)
      #expect(latest.map(\.identifier) == own.suffix(5).reversed().map(\.identifier))
      for slot in Set(known.map(\.terms.slot)).sorted() {
        let confirmed = own.filter { $0.terms.slot == slot }.map(\.identifier).sorted()
        #expect(accounts.confirmed(of: party, in: slot).map(\.identifier) == confirmed)
      }
    }
  }
}
