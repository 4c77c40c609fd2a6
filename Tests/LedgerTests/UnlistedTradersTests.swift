import Ledger
import Market
import Quantities
import Sealing
import Testing

/// What keys that no household has listed can bring about: nothing.
@Suite struct UnlistedTradersTests {
  private static let before = LedgerTests.before
  private static let slot = LedgerTests.slot

  /// House 0 sells, house 1 buys, and may owe it 50 credits.
  private func street() throws -> TradingStreet {
    var street = try TradingStreet(lists: [[1], [0]])
    street.limit(by: 0, for: street.key(1), credits: 50)
    return street
  }

  private func trade(_ street: inout TradingStreet) throws -> [Contract] {
    _ = try street.order(.offer, by: 0, wattHours: 500, credits: 8)
    _ = try street.order(.bid, by: 1, wattHours: 500, credits: 20)
    street.clear(1)
    return street.contracts(seller: street.key(0), buyer: street.key(1))
  }

  private func order(
    _ side: Order.Side, by keys: KeyPair, kilowattHours: Int64, millicredits: Int64
  ) -> Order {
    Order(
      community: LedgerTests.community, keys: keys, side: side, slot: Self.slot,
      energy: Energy(wattHours: kilowattHours * 1000),
      limitPrice: Price(millicreditsPerKilowattHour: millicredits),
      time: Self.before - TimeSpan(minutes: 3))
  }

  @Test("a stranger's receipt of money that nobody gave it stops no sale")
  func receipt() throws {
    var street = try street()
    var stranger = try TradingStreet.Writer(9)
    for _ in 0..<2 {
      street.hear(stranger.write(.receipt, to: street.key(0), [.integer(1_000_000_000)]))
    }
    let accounts = street.ledgers[0].accounts
    #expect(accounts.claims(of: street.key(0), at: Self.before) == .zero)
    let contracts = try trade(&street)
    #expect(contracts.map(\.stage) == [.bound])
  }

  @Test("what one partner gave beforehand does not lessen what others may come to owe")
  func claims() throws {
    var street = try street()
    // House 0 says that it got 3 credits more than it was owed: it owes them.
    let receipt = street.ledgers[0].write(
      .receipt, peer: street.key(1), body: [.integer(3000)], at: Self.before)
    street.hear(try #require(receipt).record, from: 0)
    let traded = try trade(&street)
    let contract = try #require(traded.first)
    let accounts = street.ledgers[0].accounts
    let claims = accounts.claims(of: street.key(0), at: Self.before)
    #expect(claims == contract.terms.cost - Credits(credits: 3))
  }

  @Test("what a circle took off beyond its own purchases a household has lent")
  func circled() throws {
    var street = try street()
    let (own, peer) = (street.key(0), street.key(1))
    var third = try TradingStreet.Writer(9)
    // House 0 owes house 1 three credits that it was given beforehand, and a circle takes them off.
    let receipt = street.ledgers[0].write(
      .receipt, peer: peer, body: [.integer(3000)], at: Self.before)
    street.hear(try #require(receipt).record, from: 0)
    let parties = [own, peer, third.keys.publicKey]
    let body = NettingProposal.body(
      amount: Credits(credits: 3), until: Self.before + .day, parties: parties)
    let proposed = street.ledgers[0].write(.net, peer: peer, body: body, at: Self.before)
    let net = try #require(proposed).record
    street.hear(net, from: 0)
    let agreed = street.ledgers[1].write(.agree, peer: own, link: net.identity, at: Self.before)
    street.hear(try #require(agreed).record, from: 1)
    street.hear(third.write(.agree, to: own, link: net.identity, []))
    #expect(street.ledgers[0].accounts.balance(of: own, with: peer) == .zero)
    let traded = try trade(&street)
    let contract = try #require(traded.first)
    let accounts = street.ledgers[0].accounts
    #expect(accounts.claims(of: own, at: Self.before) == contract.terms.cost)
    #expect(Accounts(decoding: accounts.encoded)?.encoded == accounts.encoded)
  }

  @Test("strangers' offers at no price leave a household's bid to those whom it has listed")
  func dump() throws {
    var street = try street()
    var stranger = try TradingStreet.Writer(9)
    street.hear(stranger.write(.limit, to: street.key(1), [.integer(1_000_000_000)]))
    let offer = order(.offer, by: stranger.keys, kilowattHours: 1000, millicredits: 0)
    street.hear(offer, at: Self.before - TimeSpan(minutes: 3))
    let contracts = try trade(&street)
    #expect(contracts.map(\.stage) == [.bound])
    #expect(contracts.map(\.terms.quantity) == [500_000])
    #expect(street.ledgers[1].accounts.contracts.count == 1)
  }

  @Test("sales between strangers set nobody's price")
  func wash() throws {
    var alone = try street()
    let undisturbed = try trade(&alone)
    let price = try #require(undisturbed.first?.energyTerms?.price)
    var street = try street()
    var (seller, buyer) = (try TradingStreet.Writer(9), try TradingStreet.Writer(10))
    let limit = seller.write(.limit, to: buyer.keys.publicKey, [.integer(1_000_000_000)])
    street.hear(limit)
    let soon = Self.before - TimeSpan(minutes: 3)
    street.hear(
      order(.offer, by: seller.keys, kilowattHours: 100, millicredits: 19_990), at: soon)
    street.hear(order(.bid, by: buyer.keys, kilowattHours: 100, millicredits: 20_000), at: soon)
    let contracts = try trade(&street)
    #expect(contracts.map(\.energyTerms?.price) == [price])
  }

  @Test("nothing is sold to whom the household has not listed, even where a LIMIT stands")
  func unlistedBuyer() throws {
    var street = try TradingStreet(lists: [[], [0]])
    street.limit(by: 0, for: street.key(1), credits: 50)
    _ = try street.order(.offer, by: 0, wattHours: 500, credits: 8)
    var buyer = try TradingStreet.Writer(2)
    let offer = try #require(street.traders[0].book.order(of: street.key(0), in: Self.slot))
    let terms = EnergyTerms(
      slot: Self.slot, energy: Energy(wattHours: 100), price: Price(creditsPerKilowattHour: 10))
    street.hear(buyer.write(.accept, to: street.key(0), link: offer.identity, terms.body))
    let contracts = street.contracts(seller: street.key(0), buyer: street.key(1))
    #expect(contracts.map(\.stage) == [.accepted])
    #expect(street.said.contains { $0.contains("has not listed it") })
  }

  @Test("where two have listed each other they trade, whomever else each of them knows")
  func differentLists() throws {
    // House 1 sells; its two buyers have not listed each other, so each clears another book.
    var street = try TradingStreet(lists: [[1], [0, 2], [1]])
    for buyer in [0, 2] { street.limit(by: 1, for: street.key(buyer), credits: 50) }
    _ = try street.order(.offer, by: 1, wattHours: 500, credits: 8)
    _ = try street.order(.bid, by: 0, wattHours: 200, credits: 20)
    _ = try street.order(.bid, by: 2, wattHours: 300, credits: 12)
    for buyer in [0, 2] { street.clear(buyer) }
    let sold = [0, 2].map { street.contracts(seller: street.key(1), buyer: street.key($0)) }
    #expect(sold.map { $0.map(\.stage) } == [[.bound], [.bound]])
    #expect(sold.map { $0.map(\.terms.quantity) } == [[200_000], [300_000]])
  }

  @Test(
    "a seller that never states what it delivered is left out for a week",
    arguments: [false, true])
  func silentSeller(_ isSilent: Bool) throws {
    var street = try TradingStreet(lists: [[1], [0]])
    street.limit(by: 0, for: street.key(1), credits: 1000)
    if isSilent { street.silent = [0] }
    var total = Energy.zero
    func trade(in slot: TimeSlot) throws -> Bool {
      _ = try street.order(.offer, by: 0, wattHours: 100, credits: 8, in: slot)
      _ = try street.order(.bid, by: 1, wattHours: 100, credits: 20, in: slot)
      street.clear(1, at: slot.start - TimeSpan.minute)
      for now in [slot.start, slot.end] {
        street.read(total: total, at: now)
        total += Energy(wattHours: 100)
      }
      let bought = street.contracts(seller: street.key(0), buyer: street.key(1), at: 1)
      return bought.contains { $0.energyTerms?.slot == slot }
    }
    func slot(_ number: Int64) -> TimeSlot { TimeSlot(index: Self.slot.index + number) }
    for number: Int64 in 0..<4 {
      let isBought = try trade(in: slot(number))
      #expect(isBought)
    }
    let afterHours = try trade(in: slot(12))
    #expect(afterHours == !isSilent)
    let afterDays = try trade(in: slot(9 * 96))
    #expect(afterDays)
  }

  @Test("what is not answered is sent again each turn for an hour, then hourly, and on a new link")
  func resending() throws {
    var street = try TradingStreet(lists: [[1], [0]])
    street.limit(by: 0, for: street.key(1), credits: 1000)
    street.silent = [0]
    _ = try street.order(.offer, by: 0, wattHours: 100, credits: 8)
    _ = try street.order(.bid, by: 1, wattHours: 100, credits: 20)
    street.clear(1)
    street.read(total: .zero, at: Self.slot.start)
    street.read(total: Energy(wattHours: 100), at: Self.slot.end)
    func sent(_ minutes: Int64, turn: TimeSpan?) -> Int {
      street.traders[1].resend(
        to: [street.key(0)], street.ledgers[1], turn: turn,
        at: Self.slot.end + TimeSpan(minutes: minutes)
      ).count
    }
    let minutes = Array(stride(from: Int64(2), to: 300, by: 5))
    let told = minutes.filter { sent($0, turn: TimeSpan(minutes: 5)) == 1 }
    #expect(told == minutes.filter { $0 < 60 } + [62, 122, 182, 242])
    // The seller has settled it and is never answered: it stays open for good.
    #expect(sent(7 * 1440 - 60 + 2, turn: TimeSpan(minutes: 5)) == 1)
    #expect(sent(7 * 1440 + 2, turn: TimeSpan(minutes: 5)) == 0)
    for minute in minutes + [7 * 1440 + 2] { #expect(sent(minute, turn: nil) == 1) }
  }
}
