import Quantities
import Sealing

/// One slot's orders as clearing looks at them: whole lots, each author on one side, in the order
/// in which they are served.
struct SlotBook {
  struct Entry {
    /// The author's number in this book.
    let author: Int
    let identity: Digest
    /// Whole lots, in mWh; > 0.
    let energy: Int64
    /// In millicredits a kWh.
    var price: Int64
    /// Where the order stands among those handed in.
    let place: Int
  }

  /// Cheapest first, ties by identity.
  private(set) var offers: [Entry] = []
  /// Dearest first, ties by identity.
  private(set) var bids: [Entry] = []

  /// Every author's number; nothing depends on which is whose.
  let numbers: [PublicKey: Int]

  /// Of an author's orders those count that are on the side of the latest: a house has one meter,
  /// so in a slot it sells or it buys. That alone keeps everyone from trading with himself.
  init(_ orders: [Order]) {
    var numbers: [PublicKey: Int] = [:]
    numbers.reserveCapacity(orders.count)
    // Of each author the place of the latest order.
    var latest: [Int] = []
    var authors: [Int] = []
    authors.reserveCapacity(orders.count)
    // By place: to copy an order takes longer than to look at it.
    for place in orders.indices {
      let next = latest.count
      let author = orders[place].author
      let number = numbers[author, default: next]
      authors.append(number)
      guard number < next else {
        numbers[author] = next
        latest.append(place)
        continue
      }
      let known = latest[number]
      if (orders[known].time, orders[known].identity) < (orders[place].time, orders[place].identity)
      {
        latest[number] = place
      }
    }
    self.numbers = numbers
    for place in orders.indices {
      let energy = Clearing.wholeLots(of: orders[place].energy).rawValue
      let side = orders[place].side
      guard energy > 0, orders[latest[authors[place]]].side == side else { continue }
      let entry = Entry(
        author: authors[place], identity: orders[place].identity, energy: energy,
        price: orders[place].limitPrice.rawValue, place: place)
      if side == .offer { offers.append(entry) } else { bids.append(entry) }
    }
    sort()
  }

  /// The same authors with other orders.
  init(_ book: SlotBook, offers: [Entry], bids: [Entry]) {
    numbers = book.numbers
    (self.offers, self.bids) = (offers, bids)
    sort()
  }

  /// The orders of some of the authors only.
  func keeping(authors isKept: [Bool]) -> SlotBook {
    var result = self
    result.offers.removeAll { !isKept[$0.author] }
    result.bids.removeAll { !isKept[$0.author] }
    return result
  }

  private mutating func sort() {
    offers.sort { ($0.price, $0.identity) < ($1.price, $1.identity) }
    bids.sort { ($1.price, $0.identity) < ($0.price, $1.identity) }
    offers = Self.withoutCopies(offers)
    bids = Self.withoutCopies(bids)
  }

  /// The same order handed in twice is one order.
  private static func withoutCopies(_ entries: [Entry]) -> [Entry] {
    var result: [Entry] = []
    result.reserveCapacity(entries.count)
    for entry in entries where entry.identity != result.last?.identity { result.append(entry) }
    return result
  }
}

/// Who sells how much to whom at one price, by place in a `SlotBook`.
struct Pairing {
  struct Trade {
    let offer: Int
    let bid: Int
    /// In mWh.
    let energy: Int64
  }

  var trades: [Trade] = []
  /// What the trades are worth: Σ (bid − offer) × energy, in millicredits per kWh × mWh.
  var welfare: Int128 = 0
  /// The limit of the cheapest buyer who buys.
  var cheapestBid: Int64 = 0
}

extension SlotBook {
  /// The best pairing without limits.
  struct Sweep {
    let pairing: Pairing
    /// The limit of the dearest seller who sells.
    let dearestOffer: Int64
    /// What is traded in all, in mWh.
    let energy: Int64
  }

  /// The best pairing where anybody may trade with anybody.
  ///
  /// The cheapest seller and the dearest buyer first, for as long as he gives what the other asks:
  /// no pairing at any price, nor at several, is worth more.
  func sweep() -> Sweep {
    var result = Pairing()
    var (dearestOffer, sum): (Int64, Int64) = (0, 0)
    var (row, column) = (0, 0)
    var (offered, wanted) = (offers.first?.energy ?? 0, bids.first?.energy ?? 0)
    while row < offers.count, column < bids.count, offers[row].price <= bids[column].price {
      let energy = min(offered, wanted)
      result.trades.append(Pairing.Trade(offer: row, bid: column, energy: energy))
      result.welfare += Int128(bids[column].price - offers[row].price) * Int128(energy)
      sum += energy
      (dearestOffer, result.cheapestBid) = (offers[row].price, bids[column].price)
      (offered, wanted) = (offered - energy, wanted - energy)
      if offered == 0 {
        row += 1
        offered = row < offers.count ? offers[row].energy : 0
      }
      if wanted == 0 {
        column += 1
        wanted = column < bids.count ? bids[column].energy : 0
      }
    }
    return Sweep(pairing: result, dearestOffer: dearestOffer, energy: sum)
  }
}
