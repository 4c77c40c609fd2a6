import Market
import Quantities
import Sealing
import Testing
import Thrown

/// A book that a seed makes: up to a few dozen orders, some authors with several on both sides.
struct RandomBook {
  enum Limits: CaseIterable { case none, dense, sparse }

  struct Pair: Hashable {
    let seller: PublicKey
    let buyer: PublicKey
  }

  var orders: [Order] = []
  var limits: [CreditLimit]?

  static let community = Community(name: "random")
  static let slot = TimeSlot(index: 2_000_000)

  static func keys(_ number: Int64) throws -> KeyPair {
    try #require(KeyPair(seed: Digest(of: CBORValue.integer(number).encoded).bytes))
  }

  init(seed: UInt64, _ kind: Limits) throws {
    var source = SeededSource(seed: seed)
    let houses = try (0..<source.number(2...14)).map { try Self.keys($0) }
    for keys in houses {
      for _ in 0..<(source.chance(25) ? source.number(2...3) : 1) {
        let sells = source.chance(50)
        let price = sells ? source.number(4...18) : source.number(6...22)
        orders.append(
          Order(
            community: Self.community, keys: keys, side: sells ? .offer : .bid, slot: Self.slot,
            energy: Energy(milliwattHours: source.number(1...90) * 10_000 + source.number(0...999)),
            limitPrice: Price(millicreditsPerKilowattHour: price * 1000 + source.number(0...1) * 7),
            time: Self.slot.start - TimeSpan(seconds: source.number(200...600))))
      }
    }
    guard kind != .none else { return }
    var limits: [CreditLimit] = []
    for seller in houses {
      let partners = kind == .dense ? houses : Array(houses.shuffled(using: &source).prefix(2))
      for buyer in partners {
        limits.append(
          CreditLimit(
            seller: seller.publicKey, buyer: buyer.publicKey,
            credit: Credits(millicredits: source.number(-500...9000))))
      }
    }
    self.limits = limits
  }

  static func credits(_ limits: [CreditLimit]) -> [Pair: Credits] {
    Dictionary(limits.map { (Pair(seller: $0.seller, buyer: $0.buyer), $0.credit) }) { min($0, $1) }
  }

  /// What each order trades.
  static func sums(_ clearing: Clearing) -> [Digest: Energy] {
    var result: [Digest: Energy] = [:]
    for match in clearing.matches {
      result[match.offer.identity, default: .zero] += match.energy
      result[match.bid.identity, default: .zero] += match.energy
    }
    return result
  }

  /// Σ (bid − offer) × energy, millicredits per kWh × mWh.
  static func welfare(_ clearing: Clearing) -> Int64 {
    clearing.matches.reduce(0) {
      $0 + ($1.bid.limitPrice - $1.offer.limitPrice).rawValue * $1.energy.rawValue
    }
  }
}

extension RandomBook {
  /// The greatest welfare at any limit price, each found by cancelling: as long as some chain of
  /// trades would be worth more, it is made. Slow, and nothing of it is shared with `Clearing`.
  func bestWelfareByTrial() throws -> Int64 {
    let latest = Dictionary(grouping: orders, by: \.author).mapValues { own in
      own.max { ($0.time, $0.identity) < ($1.time, $1.identity) }?.side
    }
    let counted = orders.filter { latest[$0.author] == $0.side }
    let prices = Set(counted.map(\.limitPrice))
    return prices.map { LongestChains(counted, Self.credits(limits ?? []), at: $0).welfare() }
      .max() ?? 0
  }
}

/// A transport problem solved by Bellman and Ford's longest paths, one after another.
private struct LongestChains {
  private struct Arc {
    let from: Int
    let to: Int
    var room: Int64
    let gain: Int64
  }

  private var arcs: [Arc] = []
  private let nodes: Int

  init(_ orders: [Order], _ credits: [RandomBook.Pair: Credits], at price: Price) {
    let willing = orders.filter {
      $0.side == .offer ? $0.limitPrice <= price : $0.limitPrice >= price
    }
    let authors = Set(willing.map(\.author)).sorted()
    nodes = authors.count + willing.count + 2
    let (source, sink) = (nodes - 2, nodes - 1)
    func author(_ key: PublicKey) -> Int { authors.firstIndex(of: key) ?? 0 }
    for (place, order) in willing.enumerated() {
      let node = authors.count + place
      let energy = order.energy.rawValue / 10_000 * 10_000
      if order.side == .offer {
        join(source, node, energy, -order.limitPrice.rawValue)
        join(node, author(order.author), energy, 0)
      } else {
        join(author(order.author), node, energy, order.limitPrice.rawValue)
        join(node, sink, energy, 0)
      }
    }
    let sellers = Set(willing.filter { $0.side == .offer }.map(\.author))
    let buyers = Set(authors).subtracting(sellers)
    for (pair, credit) in credits where sellers.contains(pair.seller) {
      let most = price.energy(for: credit).rawValue
      guard most >= 10_000, buyers.contains(pair.buyer) else { continue }
      join(author(pair.seller), author(pair.buyer), most, 0)
    }
  }

  private mutating func join(_ from: Int, _ to: Int, _ room: Int64, _ gain: Int64) {
    arcs.append(Arc(from: from, to: to, room: room, gain: gain))
    arcs.append(Arc(from: to, to: from, room: 0, gain: -gain))
  }

  func welfare() -> Int64 {
    var network = self
    var sum: Int64 = 0
    while let gained = network.improve() { sum += gained }
    return sum
  }

  private mutating func improve() -> Int64? {
    var best = [Int64?](repeating: nil, count: nodes)
    var by = [Int](repeating: -1, count: nodes)
    best[nodes - 2] = 0
    var hasChanged = true
    while hasChanged {
      hasChanged = false
      for (index, arc) in arcs.enumerated() where arc.room > 0 {
        guard let start = best[arc.from] else { continue }
        if let known = best[arc.to], known >= start + arc.gain { continue }
        best[arc.to] = start + arc.gain
        by[arc.to] = index
        hasChanged = true
      }
    }
    guard let gain = best[nodes - 1], gain > 0 else { return nil }
    var path: [Int] = []
    var node = nodes - 1
    while node != nodes - 2 {
      path.append(by[node])
      node = arcs[by[node]].from
    }
    let part = path.map { arcs[$0].room }.min() ?? 0
    for index in path {
      arcs[index].room -= part
      arcs[index ^ 1].room += part
    }
    return gain * part
  }
}
