/// Finds the price at which the pairs' limits let the most valuable trading through.
///
/// Only prices that some seller asks come into question: between them a higher price only sends
/// buyers away and makes credit pay for less. For a run of neighbouring prices two fillings tell
/// what each price is worth at most: the sellers served from all who would buy at the lowest of
/// them, the buyers from all who would sell at the highest, less what they lose at least by those
/// who are not willing any more. For a run of one that is what the price is worth. Runs are halved,
/// the most promising first, until no price is left that might be better than the best one found.
struct PriceSearch {
  /// How good a price is or may be at most.
  struct Standing {
    var welfare: Int128
    var energy: Int64
    /// Among the prices; of equals the lowest is the best.
    var index: Int

    func isBetter(than other: Standing) -> Bool {
      if welfare != other.welfare { return welfare > other.welfare }
      if energy != other.energy { return energy > other.energy }
      return index < other.index
    }
  }

  private struct Run {
    let first: Int
    let last: Int
    let top: Standing
    /// Whether sellers and buyers were served within just this run.
    let hasSellers: Bool
    let hasBuyers: Bool
  }

  private struct Gain {
    var gain = Int128.max / 4
    var energy = Int64.max

    mutating func lower(to other: Int128, _ otherEnergy: Int64) {
      gain = min(gain, other)
      energy = min(energy, otherEnergy)
    }
  }

  /// The most runs that are looked at: what bounds the work for large books.
  static let maximumRuns = 400
  /// Runs longer than this part of all prices are too long for losses to say anything.
  private static let shortRun = 8

  private let network: TrustNetwork
  /// Ascending.
  private let prices: [Int64]
  /// How many offers ask at most each price, and how many bids give at least as much.
  private let offerCounts: [Int]
  private let bidCounts: [Int]
  /// What each price is worth at most to either side, as far as is known.
  private var sellersGains: [Gain]
  private var buyersGains: [Gain]
  private(set) var runs = 0

  init(_ network: TrustNetwork) {
    self.network = network
    var prices: [Int64] = []
    var offerCounts: [Int] = []
    for (index, price) in network.sellers.prices.enumerated() {
      if price == prices.last {
        offerCounts[offerCounts.count - 1] = index + 1
      } else {
        prices.append(price)
        offerCounts.append(index + 1)
      }
    }
    var bidCounts: [Int] = []
    var count = network.buyers.prices.count
    for price in prices {
      while count > 0, network.buyers.prices[count - 1] < price { count -= 1 }
      bidCounts.append(count)
    }
    // Nobody pays more than the dearest bid.
    let reachable = bidCounts.firstIndex(of: 0) ?? prices.count
    self.prices = Array(prices[..<reachable])
    (self.offerCounts, self.bidCounts) = (offerCounts, bidCounts)
    sellersGains = [Gain](repeating: Gain(), count: reachable)
    buyersGains = sellersGains
  }

  /// The price of the greatest welfare, of equals the one of most energy, of equals the lowest;
  /// nil when nobody can trade. `bound` is what no price can be worth more than.
  ///
  /// - Parameter free: how the book clears without limits. Its price is a good one to begin with,
  ///   and no other can be better if there limits keep nobody from anything.
  mutating func best(free: SlotBook.Sweep) -> (price: Int64, welfare: Int128, bound: Int128)? {
    guard !prices.isEmpty else { return nil }
    let start = max(0, prices.partitionPoint { $0 <= free.dearestOffer } - 1)
    var best = look(start, start).top
    if best.welfare == free.pairing.welfare, best.energy == free.energy, best.energy > 0 {
      return (prices[start], best.welfare, best.welfare)
    }
    if best.energy == 0 { best.index = -1 }
    var open: [Run] = [look(0, prices.count - 1)]
    while let promising = open.indices.max(by: { open[$1].top.isBetter(than: open[$0].top) }) {
      let run = open[promising]
      guard run.top.isBetter(than: best) else { break }
      guard runs < Self.maximumRuns else {
        return best.energy > 0 ? (prices[best.index], best.welfare, run.top.welfare) : nil
      }
      open.remove(at: promising)
      if run.first < run.last {
        split(run, best, &open)
      } else if run.hasSellers, run.hasBuyers {
        best = run.top
      } else {
        open.append(look(run.first, run.first))
      }
    }
    guard best.energy > 0 else { return nil }
    return (prices[best.index], best.welfare, best.welfare)
  }

  /// Halves a run, less the ends that can't be better than what is found already.
  ///
  /// The lower half serves its sellers as the whole did, and the upper half its buyers, though at
  /// the whole's lowest price, at which credit pays for more: that is not done twice in a row.
  private mutating func split(_ run: Run, _ best: Standing, _ open: inout [Run]) {
    var (first, last) = (run.first, run.last)
    while first < last, !standing(first).isBetter(than: best) { first += 1 }
    while first < last, !standing(last).isBetter(than: best) { last -= 1 }
    let middle = (first + last) / 2
    guard first < last else {
      open.append(look(first, last))
      return
    }
    open.append(look(first, middle, sellers: !run.hasSellers))
    open.append(look(middle + 1, last, buyers: !run.hasBuyers))
  }

  private func standing(_ index: Int) -> Standing {
    let (one, other) = (sellersGains[index], buyersGains[index])
    return Standing(
      welfare: one.gain + other.gain, energy: min(one.energy, other.energy), index: index)
  }

  /// Serves both sides within a run, or one of them.
  private mutating func look(
    _ first: Int, _ last: Int, sellers: Bool = true, buyers: Bool = true
  ) -> Run {
    runs += 1
    let caps = network.caps(at: prices[first])
    if sellers { serveSellers(first, last, caps) }
    if buyers { serveBuyers(first, last, caps) }
    var top = standing(first)
    for index in first...last {
      let known = standing(index)
      if known.isBetter(than: top) { top = known }
    }
    return Run(first: first, last: last, top: top, hasSellers: sellers, hasBuyers: buyers)
  }

  /// For each price of the run, ascending: what the sellers gain at most, served from all who
  /// would buy at the first, less what they lose at least by those who would not any more.
  private mutating func serveSellers(_ first: Int, _ last: Int, _ caps: [Int64]) {
    let (sellers, buyers) = (network.sellers, network.buyers)
    var serving = Serving(
      sellers, offerCounts[last], from: buyers, count: bidCounts[first], caps: caps)
    var (gone, loss): (Int64, Int128) = (0, 0)
    var bid = bidCounts[first]
    let isShort = (last - first) * Self.shortRun < prices.count
    for index in first...last {
      serving.serve(first: offerCounts[index])
      if index == first, first < last, isShort { serving.setDisplaced() }
      while isShort, bid > bidCounts[index] {
        bid -= 1
        guard let asked = serving.displacedPrice(byAuthorOf: bid) else { continue }
        gone += buyers.energies[bid]
        loss += Int128(buyers.energies[bid]) * Int128(asked)
      }
      let received: Int128 = Int128(prices[index]) * Int128(serving.energy - gone)
      let gain: Int128 = received - serving.value + loss
      sellersGains[index].lower(to: gain, serving.energy)
    }
  }

  /// For each price of the run, descending: the same for the buyers, served from all who would
  /// sell at the last.
  private mutating func serveBuyers(_ first: Int, _ last: Int, _ caps: [Int64]) {
    let (sellers, buyers) = (network.sellers, network.buyers)
    var serving = Serving(
      buyers, bidCounts[first], from: sellers, count: offerCounts[last], caps: caps)
    var (gone, loss): (Int64, Int128) = (0, 0)
    var offer = offerCounts[last]
    let isShort = (last - first) * Self.shortRun < prices.count
    for index in (first...last).reversed() {
      serving.serve(first: bidCounts[index])
      if index == last, first < last, isShort { serving.setDisplaced() }
      while isShort, offer > offerCounts[index] {
        offer -= 1
        guard let given = serving.displacedPrice(byAuthorOf: offer) else { continue }
        gone += sellers.energies[offer]
        loss += Int128(sellers.energies[offer]) * Int128(given)
      }
      let paid: Int128 = Int128(prices[index]) * Int128(serving.energy - gone)
      let gain: Int128 = serving.value - loss - paid
      buyersGains[index].lower(to: gain, serving.energy)
    }
  }

  /// What the authors of the first orders of a side have in all.
  static func room(_ side: TrustNetwork.Side, _ count: Int) -> [Int64] {
    var result = [Int64](repeating: 0, count: side.authorsOfFirst[count])
    for order in 0..<count { result[side.authors[order]] += side.energies[order] }
    return result
  }
}
