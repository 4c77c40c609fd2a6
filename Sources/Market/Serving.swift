/// A side being served order by order, and what it has got.
struct Serving {
  private let near: TrustNetwork.Side
  private let far: TrustNetwork.Side
  private var filling: Filling
  private var count = 0
  /// In mWh.
  private(set) var energy: Int64 = 0
  /// Energy × limit price, over all that was served.
  private(set) var value: Int128 = 0
  /// Of each author the last order that got something.
  private var last: [Int]
  private var displaced: [Int] = []

  /// - Parameters:
  ///   - orders: how many of the near side's orders will be served at most.
  ///   - count: how many of the far side's serve them.
  init(
    _ near: TrustNetwork.Side, _ orders: Int, from far: TrustNetwork.Side, count: Int,
    caps: [Int64]
  ) {
    (self.near, self.far) = (near, far)
    let authors = near.authorsOfFirst[orders]
    filling = Filling(
      near, authors, from: far, room: PriceSearch.room(far, count), caps: caps)
    last = [Int](repeating: -1, count: authors)
  }

  mutating func serve(first orders: Int) {
    while count < orders {
      let author = near.authors[count]
      let part = filling.serve(near.energies[count], to: author)
      if part > 0 {
        energy += part
        value += Int128(part) * Int128(near.prices[count])
        last[author] = count
      }
      count += 1
    }
  }

  /// Remembers who would lose, as things are now, if somebody of the far side went away.
  ///
  /// That more are served later makes each of the far side worth more to the near side, and each
  /// that goes makes the others worth more (Shapley 1962): so these losses are the least.
  mutating func setDisplaced() { displaced = filling.displaced(count, last: last) }

  /// The limit price of the order that loses if the author of a far order goes away; nil: none.
  func displacedPrice(byAuthorOf order: Int) -> Int64? {
    guard !displaced.isEmpty else { return nil }
    let loser = displaced[far.authors[order]]
    return loser < 0 ? nil : near.prices[loser]
  }
}
