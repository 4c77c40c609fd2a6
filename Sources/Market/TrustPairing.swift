extension TrustNetwork {
  /// The best pairing at one price: nobody's trade could be made worth more, nor more be traded.
  ///
  /// A limit that is no whole number of lots may leave a trade too small to make. Where dropping
  /// those costs more than counting limits in whole lots, that is done.
  func pairing(at price: Int64) -> Pairing {
    let caps = caps(at: price)
    var exact = pairing(at: price, caps)
    guard exact.dropCrumbs() else { return exact }
    exact.weigh(self)
    let lot = Clearing.minimumEnergy.rawValue
    let whole = pairing(at: price, caps.map { $0 / lot * lot })
    return whole.welfare > exact.welfare ? whole : exact
  }

  private func pairing(at price: Int64, _ caps: [Int64]) -> Pairing {
    let offerCount = sellers.prices.partitionPoint { $0 <= price }
    let bidCount = buyers.prices.partitionPoint { $0 >= price }
    let sellerCount = sellers.authorsOfFirst[offerCount]
    var selling = Filling(
      sellers, sellerCount, from: buyers, room: PriceSearch.room(buyers, bidCount), caps: caps)
    let sold = (0..<offerCount).map {
      selling.serve(sellers.energies[$0], to: sellers.authors[$0])
    }
    // Buyers are served from what the best sellers sell, so that the pairs fit both sides.
    var room = [Int64](repeating: 0, count: sellerCount)
    for (order, energy) in sold.enumerated() { room[sellers.authors[order]] += energy }
    var buying = Filling(
      buyers, buyers.authorsOfFirst[bidCount], from: sellers, room: room, caps: caps)
    let bought = (0..<bidCount).map {
      buying.serve(buyers.energies[$0], to: buyers.authors[$0])
    }
    return trades(sold, bought, buying.trades)
  }

  /// Gives what authors trade with each other to their orders, the first served first.
  private func trades(_ sold: [Int64], _ bought: [Int64], _ flow: [Filling.PairTrade]) -> Pairing {
    var result = Pairing()
    var selling = OrderQueues(sellers, sold)
    var buying = OrderQueues(buyers, bought)
    for seller in 0..<sellers.starts.count - 1 {
      for place in sellers.starts[seller]..<sellers.starts[seller + 1] {
        var left = flow[Int(sellers.pairs[place])].flow
        while left > 0, let offer = selling.first(of: seller),
          let bid = buying.first(of: Int(sellers.others[place]))
        {
          let energy = min(left, selling.left[offer], buying.left[bid])
          result.trades.append(Pairing.Trade(offer: offer, bid: bid, energy: energy))
          selling.left[offer] -= energy
          buying.left[bid] -= energy
          left -= energy
        }
      }
    }
    result.weigh(self)
    return result
  }
}

extension Pairing {
  /// Drops trades below the least one; returns whether there were any.
  fileprivate mutating func dropCrumbs() -> Bool {
    let count = trades.count
    trades.removeAll { $0.energy < Clearing.minimumEnergy.rawValue }
    return trades.count < count
  }

  /// Adds up what the trades are worth.
  fileprivate mutating func weigh(_ network: TrustNetwork) {
    let (offers, bids) = (network.sellers.prices, network.buyers.prices)
    (welfare, cheapestBid) = (0, .max)
    for trade in trades {
      welfare += Int128(bids[trade.bid] - offers[trade.offer]) * Int128(trade.energy)
      cheapestBid = min(cheapestBid, bids[trade.bid])
    }
  }
}

/// The orders of each author of one side, one after another, with what is left of them.
private struct OrderQueues {
  var left: [Int64]
  /// Each author's first order with something left, and of each order its author's next.
  private var heads: [Int]
  private var next: [Int]

  init(_ side: TrustNetwork.Side, _ energies: [Int64]) {
    left = energies
    heads = [Int](repeating: energies.count, count: side.starts.count - 1)
    next = heads.isEmpty ? [] : [Int](repeating: energies.count, count: energies.count)
    for order in energies.indices.reversed() {
      next[order] = heads[side.authors[order]]
      heads[side.authors[order]] = order
    }
  }

  mutating func first(of author: Int) -> Int? {
    while heads[author] < left.count {
      if left[heads[author]] > 0 { return heads[author] }
      heads[author] = next[heads[author]]
    }
    return nil
  }
}

extension Array {
  /// How many of the first elements satisfy what none of the later ones does.
  func partitionPoint(where holds: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
