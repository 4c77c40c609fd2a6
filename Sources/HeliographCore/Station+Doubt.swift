import Ledger
import Mesh
import Quantities
import Sealing

/// After a database was lost: what the neighbours that filled it again may have left out.
extension Station {
  /// Asks for what others have folded, tells the household whom it lends nothing, and keeps it.
  mutating func reviewDoubt(at now: Instant) -> [Effect] {
    ledger.reviewAwaited()
    var effects = ledger.takeDoubt().map { [Effect.store(StoreWrite($0))] } ?? []
    // Until the own chain is whole, more of the same is still to come.
    guard ledger.maySign else { return effects }
    let doubted = ledger.doubted
    if wasFilled || !doubted.isEmpty { effects += askForHollow() }
    if doubted != doubtTold {
      effects += say(.ledger, text(doubted), at: now)
      doubtTold = doubted
    }
    return effects
  }

  /// Asks every neighbour, once on each link, for what came folded from others: where it is needed,
  /// an honest one has it whole.
  private mutating func askForHollow() -> [Effect] {
    var effects: [Effect] = []
    let places = ledger.hollowPlaces
    for peer in gossip.linkedNeighbours {
      for place in places where hollowAsked[peer, default: []].insert(place.author).inserted {
        effects += gossip.question(peer, for: place.author, from: place.from).effects
      }
    }
    return effects
  }

  private func text(_ doubted: [PublicKey]) -> String {
    guard !doubted.isEmpty else { return "own trades are complete again: lending goes on" }
    let names = doubted.map { trader.name(of: $0) }.joined(separator: ", ")
    let handers = ledger.soleHanders.map { trader.name(of: $0) }.joined(separator: ", ")
    let why =
      handers.isEmpty
      ? "their records are missing that own ones answer"
      : "only \(handers) has sent old trades"
    return "lends nothing to \(names) until another neighbour is heard or LIMIT is typed: \(why)"
  }

  /// After a full frame of one author's records from a neighbour that was asked for them: goes on.
  func askOn(_ peer: PublicKey, after items: [ReceivedRecord]) -> [Effect] {
    guard let author = items.last?.record?.author,
      hollowAsked[peer]?.contains(author) == true,
      items.allSatisfy({ $0.record?.author == author }),
      let last = items.compactMap({ $0.record?.sequence }).max(),
      let next = ledger.firstHollow(of: author, from: last + 1)
    else { return [] }
    return gossip.question(peer, for: author, from: next).effects
  }
}
