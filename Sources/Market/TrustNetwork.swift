import Quantities
import Sealing

/// Sellers and buyers of one slot, and who of them gives whom credit.
struct TrustNetwork {
  /// One side of the market: its orders as they are served, and its authors' pairs.
  struct Side {
    var energies: [Int64] = []
    var prices: [Int64] = []
    /// Of each order its author; authors are numbered as their first orders come.
    var authors: [Int] = []
    /// Where each author's pairs begin among `others`; one more at the end.
    var starts: [Int] = []
    /// Authors of the other side, ascending for each author of this one.
    var others: [Int32] = []
    /// The number of each pair.
    var pairs: [Int32] = []
    /// How many authors the first orders have: of none, of one, of two …
    var authorsOfFirst: [Int] = [0]

    /// - Parameter numbers: of each author of the book its number on this side; −1 before.
    fileprivate init(_ entries: [SlotBook.Entry], _ numbers: inout [Int]) {
      var count = 0
      for entry in entries {
        if numbers[entry.author] < 0 {
          numbers[entry.author] = count
          count += 1
        }
        energies.append(entry.energy)
        prices.append(entry.price)
        authors.append(numbers[entry.author])
        authorsOfFirst.append(count)
      }
    }

    fileprivate mutating func connect(_ ends: [(own: Int, other: Int)], order: [Int]) {
      starts = [Int](repeating: 0, count: (authorsOfFirst.last ?? 0) + 1)
      for pair in order { starts[ends[pair].own + 1] += 1 }
      for author in starts.indices.dropFirst() { starts[author] += starts[author - 1] }
      var next = starts
      others = [Int32](repeating: 0, count: order.count)
      pairs = others
      for pair in order {
        let place = next[ends[pair].own]
        next[ends[pair].own] += 1
        others[place] = Int32(ends[pair].other)
        pairs[place] = Int32(pair)
      }
    }
  }

  /// The orders that credit lets trade at all; the sides' orders are these, in the same order.
  let book: SlotBook
  let sellers: Side
  let buyers: Side
  /// What each pair's buyer may still owe, in millicredits.
  let credits: [Int64]
  /// What a pair could trade at most if credit were no matter, in mWh.
  let most: [Int64]

  init(_ whole: SlotBook, _ limits: [CreditLimit]) {
    let found = Self.pairs(whole, limits)
    // Where each house trusts a few others, most have nobody to trade with: they would be served
    // again at every price, for nothing.
    var isLinked = [Bool](repeating: false, count: whole.numbers.count)
    for pair in found where pair.credit > 0 {
      isLinked[pair.seller] = true
      isLinked[pair.buyer] = true
    }
    book = whole.keeping(authors: isLinked)
    var sellerNumbers = [Int](repeating: -1, count: isLinked.count)
    var buyerNumbers = sellerNumbers
    var sellers = Side(book.offers, &sellerNumbers)
    var buyers = Side(book.bids, &buyerNumbers)
    var known = found.filter { isLinked[$0.seller] && isLinked[$0.buyer] }
    for place in known.indices {
      known[place].seller = sellerNumbers[known[place].seller]
      known[place].buyer = buyerNumbers[known[place].buyer]
    }
    known.sort { ($0.seller, $0.buyer, $0.credit) < ($1.seller, $1.buyer, $1.credit) }
    var named: [Pair] = []
    named.reserveCapacity(known.count)
    for pair in known
    where named.last.map({ ($0.seller, $0.buyer) == (pair.seller, pair.buyer) }) != true {
      named.append(pair)
    }
    named.removeAll { $0.credit <= 0 }
    // By seller they are sorted already; by buyer a count by the sellers' order keeps theirs.
    let order = Array(named.indices)
    sellers.connect(named.map { ($0.seller, $0.buyer) }, order: order)
    buyers.connect(named.map { ($0.buyer, $0.seller) }, order: order)
    let offered = Self.totals(sellers)
    let wanted = Self.totals(buyers)
    most = named.map { min(offered[$0.seller], wanted[$0.buyer]) }
    credits = named.map(\.credit)
    (self.sellers, self.buyers) = (sellers, buyers)
  }

  private struct Pair {
    /// Their authors' numbers, first in the book, then on their sides.
    var seller: Int
    var buyer: Int
    let credit: Int64
  }

  /// The pairs that limits name and of whom the buyer would give what the seller asks, at some
  /// price; one that is named twice comes twice.
  private static func pairs(_ book: SlotBook, _ limits: [CreditLimit]) -> [Pair] {
    var asked = [Int64](repeating: .max, count: book.numbers.count)
    var given = [Int64](repeating: .min, count: book.numbers.count)
    for offer in book.offers { asked[offer.author] = min(asked[offer.author], offer.price) }
    for bid in book.bids { given[bid.author] = max(given[bid.author], bid.price) }
    var result: [Pair] = []
    result.reserveCapacity(limits.count)
    for limit in limits {
      guard let seller = book.numbers[limit.seller], asked[seller] < .max,
        let buyer = book.numbers[limit.buyer], asked[seller] <= given[buyer]
      else { continue }
      result.append(Pair(seller: seller, buyer: buyer, credit: limit.credit.rawValue))
    }
    return result
  }

  private static func totals(_ side: Side) -> [Int64] {
    var result = [Int64](repeating: 0, count: side.authorsOfFirst.last ?? 0)
    for (author, energy) in zip(side.authors, side.energies) { result[author] += energy }
    return result
  }

  /// What each pair may trade at `price`, in mWh; nothing where that is less than the least trade.
  func caps(at price: Int64) -> [Int64] {
    let least = Clearing.minimumEnergy.rawValue
    let price = Price(rawValue: price)
    return credits.indices.map { pair in
      let paid = price.energy(for: Credits(rawValue: credits[pair])).rawValue
      return paid < least ? 0 : min(paid, most[pair])
    }
  }
}
