import Sealing

/// The chains of all authors that are known here, in the order of their keys.
///
/// Every comparison with a neighbour goes through all of them, every record looks for one: the
/// first needs no search, the second a single one. A new author moves those after it; few come.
struct ChainTable: Sendable {
  /// By author.
  private(set) var sorted: [Chain] = []
  private var places: [PublicKey: Int] = [:]

  subscript(author: PublicKey) -> Chain? { places[author].map { sorted[$0] } }

  /// Changes an author's chain, empty at first, in place: copied out, it would be copied whole when
  /// it grows.
  mutating func change<Result>(_ author: PublicKey, _ body: (inout Chain) -> Result) -> Result {
    let place = places[author] ?? add(Chain(author: author))
    return body(&sorted[place])
  }

  /// Adds an author's chain, in the place of what was known of it; returns where it is.
  @discardableResult
  mutating func add(_ chain: Chain) -> Int {
    if let place = places[chain.author] {
      sorted[place] = chain
      return place
    }
    let place = sorted.firstIndex { chain.author < $0.author } ?? sorted.count
    sorted.insert(chain, at: place)
    for later in place..<sorted.count { places[sorted[later].author] = later }
    return place
  }

  /// Changes all of them in place.
  mutating func forEach(_ body: (inout Chain) -> Void) {
    for place in sorted.indices { body(&sorted[place]) }
  }
}
