import Quantities
import Sealing

/// What one household's orders make of a slot's price, for everyone who has the book to see.
///
/// No rule with one price for all keeps a household that holds half the orders from moving it: it
/// can ask more than it would take. It can be measured, though, and anybody who knows the book can
/// do it. Three figures say it:
///
/// - `reach`: where the price can get to by what this household asks or gives, its energy being at
///   most what it offers or wants. A small household's is narrow, whatever it says. Without limits
///   no misreport leads out of it (shown below); with limits it is an estimate.
/// - `moved`: by how much its limit prices have raised (+) or lowered (−) the price, held against
///   what it usually asks, or what the others ask in this slot. A household that asks what others
///   like it ask has moved little, however much it holds.
/// - `priceWithout` and `othersGainWithout`: the slot without it.
///
/// Why the reach of a seller holds: let *L* be the price at which the book clears if he asks
/// nothing, and *H* what the cheapest buyer gives who buys when he stays away. Whatever he asks,
/// no less is traded than without him and no more than if he asks nothing, so the cheapest buyer
/// who buys gives at most *H* and at least as much as in the second case, and the dearest of the
/// others who sells asks at least as much as there. Halfway is therefore between *L* and *H*. The
/// same, mirrored, holds for a buyer.
public struct PriceInfluence: Hashable, Sendable {
  public let author: PublicKey
  public let side: Order.Side
  /// Of the energy on its side that is willing at the price, the author's part, in permille.
  public let sharePermille: Int64
  /// What the slot clears at; nil when nobody trades.
  public let price: Price?
  /// From the lowest to the highest price that the author could bring about.
  public let reach: ClosedRange<Price>
  /// `price` less what it would be had the author asked or given what is usual; nil when nobody
  /// else is on its side and nothing usual was named, or when nobody trades one way or the other.
  public let moved: Price?
  /// What the slot would clear at without the author's orders; nil when nobody would trade.
  public let priceWithout: Price?
  /// What all others together gain: buyers what they would have given beyond the price, sellers
  /// what they get beyond their limit, rounded down to a millicredit.
  public let othersGain: Credits
  /// The same without the author's orders. Less than `othersGain`: the author does the others good.
  public let othersGainWithout: Credits

  /// How wide the reach is.
  public var most: Price { reach.upperBound - reach.lowerBound }

  /// In one line: "holds 48 % of the supply; could set the price from 10.00 to 13.20, moved it by
  /// 0.40".
  public var reason: String {
    let what = side == .offer ? "supply" : "demand"
    let range = "\(reach.lowerBound.text) to \(reach.upperBound.text)"
    let line =
      "holds \((sharePermille + 5) / 10) % of the \(what); could set the price from \(range)"
    return moved.map { "\(line), moved it by \($0.text)" } ?? line
  }

  /// Measures the influence of `author` on a slot; nil when none of its orders counts.
  ///
  /// - Parameters:
  ///   - orders: one slot's orders, as for `Clearing.clear`.
  ///   - limits: as for `Clearing.clear`.
  ///   - usual: earlier orders of the author that stand for what it usually asks or gives; without
  ///     any, the other authors' orders on its side in this slot do.
  public init?(
    of author: PublicKey, in orders: [Order], within limits: [CreditLimit]? = nil,
    usual: [Order] = []
  ) {
    let book = SlotBook(orders)
    guard let number = book.numbers[author] else { return nil }
    let sells = book.offers.contains { $0.author == number }
    guard sells || book.bids.contains(where: { $0.author == number }) else { return nil }
    self.author = author
    side = sells ? .offer : .bid
    let measure = Measure(author: number, book: book, limits: limits, sells: sells)
    let cleared = ClearedBook(book, limits)
    let without = measure.cleared { _ in nil }
    let yielding = measure.cleared { _ in sells ? 0 : Order.maximumPrice.rawValue }
    price = cleared.map { Price(rawValue: $0.price) }
    priceWithout = without.map { Price(rawValue: $0.price) }
    othersGain = measure.othersGain(cleared)
    othersGainWithout = measure.othersGain(without)
    sharePermille = measure.share(at: cleared?.price)
    reach = measure.reach(yielding: yielding, without: without, present: cleared)
    let usualOrders = usual.filter { $0.side == (sells ? .offer : .bid) }
    let expected = measure.cleared(usual: usualOrders)
    moved = expected.flatMap { expected in
      cleared.map { Price(rawValue: $0.price - expected.price) }
    }
  }
}

/// A book in which one author's limit prices can be changed.
private struct Measure {
  /// Its number in the book.
  let author: Int
  let book: SlotBook
  let limits: [CreditLimit]?
  let sells: Bool

  private var entries: [SlotBook.Entry] { sells ? book.offers : book.bids }

  /// The book with other limit prices of the author's; nil takes an order away.
  func changed(_ price: (SlotBook.Entry) -> Int64?) -> SlotBook {
    let kept = entries.compactMap { entry -> SlotBook.Entry? in
      guard entry.author == author else { return entry }
      guard let price = price(entry) else { return nil }
      var other = entry
      other.price = price
      return other
    }
    return sells
      ? SlotBook(book, offers: kept, bids: book.bids)
      : SlotBook(book, offers: book.offers, bids: kept)
  }

  func cleared(_ price: (SlotBook.Entry) -> Int64?) -> ClearedBook? {
    ClearedBook(changed(price), limits)
  }

  /// The book cleared as though the author asked or gave what is usual: of its energy each part
  /// at the price that stands at the same part of the usual orders' energy, best first.
  func cleared(usual: [Order]) -> ClearedBook? {
    var steps = usual.map { (price: $0.limitPrice.rawValue, energy: $0.energy.rawValue) }
    if steps.isEmpty {
      steps = entries.filter { $0.author != author }.map { ($0.price, $0.energy) }
    }
    guard !steps.isEmpty else { return nil }
    steps.sort { sells ? $0 < $1 : $1 < $0 }
    let usualEnergy = steps.reduce(Int128(0)) { $0 + Int128($1.energy) }
    let ownEnergy = entries.reduce(Int128(0)) {
      $0 + ($1.author == author ? Int128($1.energy) : 0)
    }
    var prices: [Digest: Int64] = [:]
    var before: Int128 = 0
    for entry in entries where entry.author == author {
      // The middle of the order, as a part of all of the author's.
      let middle = (2 * before + Int128(entry.energy)) * usualEnergy
      var reached: Int128 = 0
      let step = steps.first { step in
        reached += Int128(step.energy)
        return reached * 2 * ownEnergy >= middle
      }
      prices[entry.identity] = step?.price
      before += Int128(entry.energy)
    }
    return cleared { prices[$0.identity] }
  }

  /// Where the price can get to; the author's own orders may be all that there is to trade with.
  func reach(
    yielding: ClearedBook?, without: ClearedBook?, present: ClearedBook?
  ) -> ClosedRange<Price> {
    let near = yielding?.price ?? present?.price ?? 0
    let far: Int64
    if sells {
      far = without?.cheapestBid ?? book.bids.first?.price ?? near
    } else {
      far = without?.dearestOffer ?? book.offers.first?.price ?? near
    }
    return Price(rawValue: min(near, far))...Price(rawValue: max(near, far))
  }

  /// The author's part of the energy on its side that is willing at `price`, in permille.
  func share(at price: Int64?) -> Int64 {
    let willing = entries.filter { entry in
      guard let price else { return true }
      return sells ? entry.price <= price : entry.price >= price
    }
    let all = willing.reduce(Int128(0)) { $0 + Int128($1.energy) }
    let own = willing.reduce(Int128(0)) { $0 + ($1.author == author ? Int128($1.energy) : 0) }
    return all == 0 ? 0 : Int64(own * 1000 / all)
  }

  func othersGain(_ cleared: ClearedBook?) -> Credits {
    guard let cleared else { return .zero }
    var gain: Int128 = 0
    for trade in cleared.pairing.trades {
      let (offer, bid) = (cleared.book.offers[trade.offer], cleared.book.bids[trade.bid])
      if offer.author != author {
        gain += Int128(cleared.price - offer.price) * Int128(trade.energy)
      }
      if bid.author != author {
        gain += Int128(bid.price - cleared.price) * Int128(trade.energy)
      }
    }
    return Credits(rawValue: Int64(gain / 1_000_000))
  }
}
