import Quantities
import Sealing

/// A trade that a book gives: who sells how much to whom.
public struct Match: Hashable, Sendable {
  public let offer: Order
  public let bid: Order
  public let energy: Energy
  public let price: Price

  public var cost: Credits { price.cost(of: energy) }
}

/// Clears one slot's orders at one price for all.
///
/// Every node computes this on the book that it knows. For each limit price in the book the
/// willing sellers, cheapest first, are paired with the willing buyers, dearest first (ties by
/// order identity), within each pair's credit. The price of the greatest welfare — the sum of
/// (bid − offer) × energy — wins, on a tie the one of more energy; where several reach it, the
/// middle between the lowest and the highest, so that both sides share what the trade is worth.
public struct Clearing: Sendable {
  public let price: Price
  public let matches: [Match]

  /// Trades smaller than this are not worth four records: 10 Wh.
  public static let minimumEnergy = Energy(wattHours: 10)

  /// - Parameters:
  ///   - orders: one slot's orders, one for each author.
  ///   - credit: what the buyer may still owe the seller; called with (seller, buyer).
  /// - Returns: nil when nobody can trade.
  public static func clear(
    _ orders: [Order], credit: (PublicKey, PublicKey) -> Credits
  ) -> Clearing? {
    let offers = orders.filter { $0.side == .offer }
      .sorted { ($0.limitPrice, $0.identity) < ($1.limitPrice, $1.identity) }
    let bids = orders.filter { $0.side == .bid }
      .sorted { ($1.limitPrice, $0.identity) < ($0.limitPrice, $1.identity) }
    // Asked once for each pair: there are as many prices to try as there are orders.
    let allowances = Allowances(offers, bids, credit)
    var best: (worth: Worth, low: Price, high: Price)?
    for price in Set(orders.map(\.limitPrice)).sorted() {
      let worth = Worth(of: pair(offers, bids, at: price, allowances))
      guard worth.energy > .zero else { continue }
      if let known = best, worth < known.worth { continue }
      if let known = best, known.worth == worth {
        best = (worth, known.low, price)
      } else {
        best = (worth, price, price)
      }
    }
    guard let best else { return nil }
    let middle = Price(rawValue: (best.low.rawValue + best.high.rawValue) / 2)
    // Credit may make the middle pair less than the ends did; then the lowest end stands.
    for price in [middle, best.low] {
      let matches = pair(offers, bids, at: price, allowances)
      if Worth(of: matches) == best.worth { return Clearing(price: price, matches: matches) }
    }
    return nil
  }

  /// What a set of trades is worth: its welfare, then how much energy changes hands.
  private struct Worth: Comparable {
    /// Millicredits per kWh × milliwatt-hours: wider than `Int64` for large books.
    let welfare: Int128
    let energy: Energy

    init(of matches: [Match]) {
      welfare = matches.reduce(0) { sum, match in
        let gap = match.bid.limitPrice - match.offer.limitPrice
        return sum + Int128(gap.rawValue) * Int128(match.energy.rawValue)
      }
      energy = matches.reduce(.zero) { $0 + $1.energy }
    }

    static func < (left: Worth, right: Worth) -> Bool {
      (left.welfare, left.energy) < (right.welfare, right.energy)
    }
  }

  private static func pair(
    _ offers: [Order], _ bids: [Order], at price: Price, _ allowances: Allowances
  ) -> [Match] {
    var matches: [Match] = []
    var wanted = bids.map(\.energy)
    for (row, offer) in offers.enumerated() where offer.limitPrice <= price {
      var left = offer.energy
      for (index, credit) in allowances.rows[row] where bids[index].limitPrice >= price {
        guard left >= minimumEnergy else { break }
        let bid = bids[index]
        let affordable = price.energy(for: credit)
        let energy = min(left, wanted[index], affordable)
        guard energy >= minimumEnergy else { continue }
        matches.append(Match(offer: offer, bid: bid, energy: energy, price: price))
        left = left - energy
        wanted[index] = wanted[index] - energy
      }
    }
    return matches
  }
}

/// For each offer the bids that its author gives credit to, by place among the bids.
private struct Allowances {
  let rows: [[(bid: Int, credit: Credits)]]

  init(_ offers: [Order], _ bids: [Order], _ credit: (PublicKey, PublicKey) -> Credits) {
    rows = offers.map { offer in
      bids.enumerated().compactMap { index, bid in
        guard bid.author != offer.author else { return nil }
        let credit = credit(offer.author, bid.author)
        return credit > .zero ? (index, credit) : nil
      }
    }
  }
}

extension Price {
  /// The most energy that `credits` pay for at this price, rounded down; without end at price 0.
  public func energy(for credits: Credits) -> Energy {
    guard credits > .zero else { return .zero }
    guard self > .zero else { return Order.maximumEnergy }
    let energy = Int128(credits.rawValue) * 1_000_000 / Int128(rawValue)
    return Energy(milliwattHours: Int64(min(energy, Int128(Order.maximumEnergy.rawValue))))
  }
}
