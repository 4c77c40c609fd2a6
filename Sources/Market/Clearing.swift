import Quantities

/// Clears one slot's orders at one price for all.
///
/// Everyone in a slot pays the same: halfway between the dearest seller who sold and the cheapest
/// buyer who bought.
///
/// Every node computes this on the book that it knows, and the same book and limits give the same
/// trades on every machine, in whatever order they are handed in. That takes:
///
/// 1. *Orders.* Of an author's orders those count that are on the side of his latest one, by
///    (time, identity): a house has one meter, and nobody trades with himself. Energies count in
///    whole lots of `minimumEnergy`, rounded down, so that pairing leaves no crumbs.
/// 2. *Order of service.* Offers cheapest first, bids dearest first, ties by identity; authors are
///    numbered as their first orders come.
/// 3. *Limits.* At price *p* a pair may trade what its credit pays for, ⌊credit × 10⁶ / p⌋ mWh;
///    less than the least trade is nothing. An author's orders share his pairs' limits.
/// 4. *Worth.* At *p* the willing (offers of at most *p*, bids of at least *p*) are paired for the
///    greatest welfare, Σ (bid − offer) × energy. The greatest over all *p* is what is looked for;
///    on a tie more energy, then the lower price: that is the limit of the dearest seller who
///    sells at it.
/// 5. *Price.* From there halfway, rounded down, to the limit of the cheapest buyer who buys. Where
///    credit, which buys less at a higher price, makes that cost more than a hundredth of the
///    welfare, a quarter of the way, then an eighth, a sixteenth, or none of it.
/// 6. *Pairs.* At that price sellers are served one after another, then buyers from what these
///    sell, each from his partners in their order and, when those have nothing left, by the
///    shortest shifting of trades (`Filling`). Trades below `minimumEnergy`, which only a limit
///    can leave, are dropped, or limits are counted in whole lots, whichever is worth more.
///
/// Integers only; products are formed in 128 bits. Price, and what each order trades, follow from 1
/// to 5 alone (but for trades that were dropped); who trades with whom follows from how `Filling`
/// looks. A node that pairs differently loses nothing but a few trades: sellers confirm what is no
/// worse for them than their own order.
public struct Clearing: Sendable {
  /// Per kWh, for all.
  public let price: Price
  /// By offer, then by bid, as they are served.
  public let matches: [Match]
  /// What the dearest seller who sold asked, and the cheapest buyer who bought would give.
  public let dearestOffer: Price
  public let cheapestBid: Price
  /// What the trades are worth to all together, Σ (bid − offer) × energy, rounded down to a
  /// millicredit.
  public let welfare: Credits
  /// The same at the price of the greatest welfare, from which the fairer one was found.
  public let bestWelfare: Credits
  /// Whether no other price can be worth more than that: false only where a book of thousands of
  /// orders with tangled limits came to the end of the work that is allowed.
  public let isProven: Bool

  /// Trades smaller than this are not worth four records, and orders count in whole ones: 10 Wh.
  public static let minimumEnergy = Energy(wattHours: 10)

  /// The whole lots in `energy`, which is what clearing would count of it.
  public static func wholeLots(of energy: Energy) -> Energy {
    Energy(rawValue: energy.rawValue / minimumEnergy.rawValue * minimumEnergy.rawValue)
  }

  /// Clears `orders`, all of one slot, in any order.
  ///
  /// - Parameter limits: who may owe whom how much; nil where anyone may buy from anyone.
  /// - Returns: nil when nobody can trade.
  public static func clear(_ orders: [Order], within limits: [CreditLimit]?) -> Clearing? {
    guard let cleared = ClearedBook(SlotBook(orders), limits) else { return nil }
    let price = Price(rawValue: cleared.price)
    let matches = cleared.pairing.trades.map { trade in
      Match(
        offer: orders[cleared.book.offers[trade.offer].place],
        bid: orders[cleared.book.bids[trade.bid].place],
        energy: Energy(rawValue: trade.energy), price: price)
    }
    return Clearing(
      price: price, matches: matches, dearestOffer: Price(rawValue: cleared.dearestOffer),
      cheapestBid: Price(rawValue: cleared.cheapestBid), welfare: credits(cleared.pairing.welfare),
      bestWelfare: credits(cleared.bestWelfare), isProven: cleared.isProven)
  }

  /// Of millicredits per kWh × mWh.
  private static func credits(_ welfare: Int128) -> Credits {
    Credits(rawValue: Int64(clamping: welfare / 1_000_000))
  }

  /// In one line: "14.00 a kWh for all, halfway between 8.00 (dearest seller who sold) and 20.00
  /// (cheapest buyer who bought)".
  public var reason: String {
    let way = price.rawValue == (dearestOffer + cheapestBid).rawValue / 2 ? "halfway " : ""
    return
      "\(price.text) a kWh for all, \(way)between \(dearestOffer.text) (dearest seller who sold) "
      + "and \(cheapestBid.text) (cheapest buyer who bought)"
  }
}

/// A book with its price and pairing.
struct ClearedBook {
  /// What its pairing's trades name the orders of: those that limits let trade at all.
  let book: SlotBook
  let price: Int64
  let dearestOffer: Int64
  let cheapestBid: Int64
  let pairing: Pairing
  /// At the best price, before the fairer one.
  let bestWelfare: Int128
  let isProven: Bool

  /// Of the welfare, what a price that is fair to both sides may cost where limits bind: 1/100.
  static let fairnessShare: Int128 = 100

  /// Finds price and pairing; nil when nobody can trade.
  init?(_ book: SlotBook, _ limits: [CreditLimit]?) {
    guard let limits else {
      let sweep = book.sweep()
      guard !sweep.pairing.trades.isEmpty else { return nil }
      (dearestOffer, cheapestBid) = (sweep.dearestOffer, sweep.pairing.cheapestBid)
      price = (dearestOffer + cheapestBid) / 2
      pairing = sweep.pairing
      bestWelfare = pairing.welfare
      isProven = true
      self.book = book
      return
    }
    let network = TrustNetwork(book, limits)
    self.book = network.book
    var search = PriceSearch(network)
    guard let best = search.best(free: network.book.sweep()) else { return nil }
    let lowest = network.pairing(at: best.price)
    guard !lowest.trades.isEmpty else { return nil }
    let span = lowest.cheapestBid - best.price
    var chosen = (price: best.price, pairing: lowest)
    for part: Int64 in [2, 4, 8, 16] where span / part > 0 {
      let pairing = network.pairing(at: best.price + span / part)
      let loss = best.welfare - pairing.welfare
      guard loss * Self.fairnessShare <= best.welfare else { continue }
      chosen = (best.price + span / part, pairing)
      break
    }
    (price, pairing) = chosen
    (dearestOffer, cheapestBid) = (best.price, lowest.cheapestBid)
    bestWelfare = best.welfare
    isProven = best.welfare == best.bound
  }
}
