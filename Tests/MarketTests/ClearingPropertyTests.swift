import Market
import Quantities
import Sealing
import Testing
import Thrown

/// What must hold for any book; each seed makes one.
@Suite("Clearing of any book") struct ClearingPropertyTests {
  static let seeds: [UInt64] = Array(1...80)

  @Test(
    "nobody trades beyond his price, his orders or his credit, or with himself", arguments: seeds)
  func allowed(_ seed: UInt64) throws {
    for limits in RandomBook.Limits.allCases {
      let book = try RandomBook(seed: seed, limits)
      guard let clearing = Clearing.clear(book.orders, within: book.limits) else { continue }
      var sums: [Digest: Energy] = [:]
      var owed: [RandomBook.Pair: Credits] = [:]
      for match in clearing.matches {
        #expect(match.price == clearing.price)
        #expect(match.offer.limitPrice <= clearing.price)
        #expect(match.bid.limitPrice >= clearing.price)
        #expect(match.offer.side == .offer)
        #expect(match.bid.side == .bid)
        #expect(match.offer.author != match.bid.author)
        #expect(match.energy >= Clearing.minimumEnergy)
        sums[match.offer.identity, default: .zero] += match.energy
        sums[match.bid.identity, default: .zero] += match.energy
        let pair = RandomBook.Pair(seller: match.offer.author, buyer: match.bid.author)
        owed[pair, default: .zero] += match.cost
      }
      for order in book.orders {
        let traded = sums[order.identity] ?? .zero
        #expect(traded <= order.energy)
      }
      guard let named = book.limits else { continue }
      let credits = RandomBook.credits(named)
      for (pair, cost) in owed {
        let credit = credits[pair] ?? .zero
        #expect(cost <= credit)
      }
    }
  }

  @Test("what all buyers pay is what all sellers get, to the millicredit", arguments: seeds)
  func balance(_ seed: UInt64) throws {
    let book = try RandomBook(seed: seed, .sparse)
    guard let clearing = Clearing.clear(book.orders, within: book.limits) else { return }
    var balances: [PublicKey: Credits] = [:]
    for match in clearing.matches {
      balances[match.offer.author, default: .zero] += match.cost
      balances[match.bid.author, default: .zero] -= match.cost
    }
    // Any order: a sum.
    #expect(balances.values.reduce(.zero, +) == .zero)
  }

  @Test("the same book gives the same trades, however it is shuffled", arguments: seeds)
  func shuffled(_ seed: UInt64) throws {
    var source = SeededSource(seed: seed)
    for limits in RandomBook.Limits.allCases {
      let book = try RandomBook(seed: seed, limits)
      let clearing = Clearing.clear(book.orders, within: book.limits)
      let again = Clearing.clear(
        (book.orders + book.orders.prefix(2)).shuffled(using: &source),
        within: book.limits?.shuffled(using: &source))
      #expect(again?.matches == clearing?.matches)
      #expect(again?.price == clearing?.price)
    }
  }

  @Test("limits that bind nobody change neither price nor what each order trades", arguments: seeds)
  func wideLimits(_ seed: UInt64) throws {
    let book = try RandomBook(seed: seed, .none)
    let authors = Set(book.orders.map(\.author)).sorted()
    let limits = authors.flatMap { seller in
      authors.map { CreditLimit(seller: seller, buyer: $0, credit: Credits(credits: 1_000_000)) }
    }
    let free = Clearing.clear(book.orders, within: nil)
    let limited = Clearing.clear(book.orders, within: limits)
    #expect(limited?.price == free?.price)
    #expect(limited.map(RandomBook.sums) == free.map(RandomBook.sums))
    #expect(limited?.isProven != false)
  }

  @Test("no other price lets a more valuable trading through", arguments: seeds)
  func everyPrice(_ seed: UInt64) throws {
    for limits in [RandomBook.Limits.sparse, .dense] {
      let book = try RandomBook(seed: seed, limits)
      let best = try book.bestWelfareByTrial()
      guard let clearing = Clearing.clear(book.orders, within: book.limits) else {
        #expect(best == 0)
        continue
      }
      let welfare = RandomBook.welfare(clearing)
      #expect(clearing.welfare.rawValue == welfare / 1_000_000)
      #expect(clearing.bestWelfare.rawValue == best / 1_000_000)
      #expect(clearing.isProven)
      // A hundredth for the fairer price, and what trades below 10 Wh were worth.
      #expect(welfare * 100 >= best * 98)
    }
  }

  @Test("the price is halfway between the dearest seller who sold and the cheapest buyer")
  func halfway() throws {
    for seed in Self.seeds {
      let book = try RandomBook(seed: seed, .none)
      guard let clearing = Clearing.clear(book.orders, within: nil) else { continue }
      let dearest = clearing.matches.map(\.offer.limitPrice).max() ?? .zero
      let cheapest = clearing.matches.map(\.bid.limitPrice).min() ?? .zero
      #expect(clearing.dearestOffer == dearest)
      #expect(clearing.cheapestBid == cheapest)
      let middle = (dearest.rawValue + cheapest.rawValue) / 2
      #expect(clearing.price.rawValue == middle)
    }
  }
}
