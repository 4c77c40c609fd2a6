import Ledger
import Mesh
import Quantities
import Sealing

/// A neighbour that is being heard after own records came back.
struct WitnessTalk: Sendable {
  /// The ends that it named last.
  var frontier: [FrontierEntry] = []
  /// Whose records it has still to be asked for that others have sent folded; nil before it was
  /// asked for any.
  var authors: [PublicKey]?
  /// From which place on, of the first of them.
  var from: Int64 = 0
}

/// After a database was lost: what the neighbours that filled it again may have left out.
extension Station {
  /// A neighbour has named the ends that it knows.
  mutating func noteFrontier(_ entries: [FrontierEntry], of peer: PublicKey) {
    var count: Int64 = 0
    for entry in entries where entry.author == ledger.ownKey { count = max(count, entry.count) }
    ledger.heardOwnChain(count, from: peer)
    guard ledger.isInDoubt || ledger.lacksOwnRecords else { return }
    talks[peer, default: WitnessTalk()].frontier = entries
  }

  /// An own record that was lost here has come: whatever was heard before is to be heard again.
  mutating func regainedRecord() {
    ledger.regainedRecord()
    talks = talks.mapValues { WitnessTalk(frontier: $0.frontier) }
  }

  /// Hears neighbours while it takes that, tells the household whom it lends nothing, and keeps it.
  ///
  /// - Parameter peer: who has just said something; else all are asked once more what they did not
  ///   answer.
  mutating func reviewDoubt(hearing peer: PublicKey? = nil, at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    if ledger.isInDoubt {
      for neighbour in peer.map({ [$0] }) ?? gossip.linkedNeighbours {
        effects += hear(neighbour, askingAgain: peer == nil)
      }
    }
    if !ledger.isInDoubt, !ledger.lacksOwnRecords { talks = [:] }
    effects += ledger.takeDoubt().map { [.store(StoreWrite($0))] } ?? []
    guard ledger.maySign else { return effects }
    let doubted = ledger.doubted
    guard doubted != doubtTold else { return effects }
    doubtTold = doubted
    return effects + say(.ledger, text(doubted), at: now)
  }

  private func text(_ doubted: [PublicKey]) -> String {
    guard !doubted.isEmpty else {
      let why = ledger.isInDoubt ? "a LIMIT was typed" : "old trades are complete"
      return "\(why): lending goes on"
    }
    let names = doubted.map { trader.name(of: $0) }.joined(separator: ", ")
    return "own records were lost and came back: lends nothing to \(names) until two neighbours "
      + "are heard or LIMIT is typed"
  }

  /// Once all that a neighbour named is here, asks it for what came folded: what is needed of that,
  /// an honest one has whole. After that it has been heard.
  private mutating func hear(_ peer: PublicKey, askingAgain again: Bool) -> [Effect] {
    guard ledger.wantsWitness(peer), var talk = talks[peer] else { return [] }
    if talk.authors != nil { return again ? ask(peer, talk) : [] }
    let hollow = ledger.hollowAuthors
    // One that does not know all of what is in doubt has not much to say about it.
    let reachesAll = hollow.allSatisfy { author in
      let reach = talk.frontier.filter { $0.author == author }.map(\.count).max() ?? 0
      return ledger.lastHollow(of: author).map { $0 < reach } ?? true
    }
    guard reachesAll, talk.frontier.allSatisfy({ ledger.isStranger($0.author) || knows($0) })
    else { return [] }
    talk.authors = hollow
    return ask(peer, talk)
  }

  private func knows(_ entry: FrontierEntry) -> Bool {
    ledger.knows(entry.head, of: entry.author, at: entry.count - 1)
  }

  /// Puts the next question to a neighbour, where one is left.
  private mutating func ask(_ peer: PublicKey, _ talk: WitnessTalk) -> [Effect] {
    var talk = talk
    defer { talks[peer] = talk }
    while let author = talk.authors?.first {
      if let place = ledger.firstHollow(of: author, from: talk.from) {
        talk.from = place
        return gossip.question(peer, for: author, from: place).effects
      }
      // Others have sent the rest meanwhile.
      talk.authors?.removeFirst()
      talk.from = 0
    }
    ledger.heardAll(from: peer)
    return []
  }

  /// Goes on asking where records, known ones too, are the answer to the last question.
  mutating func askOn(_ peer: PublicKey, after items: [ReceivedRecord], isFull: Bool) -> [Effect] {
    guard ledger.isInDoubt, var talk = talks[peer], let author = talk.authors?.first,
      items.allSatisfy({ $0.record?.author == author }),
      items.contains(where: { $0.holds(talk.from) }),
      let last = items.compactMap({ $0.record?.sequence }).max()
    else { return [] }
    // A frame that is not full has all to the end.
    talk.from = isFull ? max(talk.from, last) + 1 : .max
    return ask(peer, talk)
  }
}

extension ReceivedRecord {
  /// Whether this is the record of a place, or has what is left of it.
  fileprivate func holds(_ place: Int64) -> Bool {
    guard let record else { return false }
    return run?.first ?? record.sequence <= place && place <= record.sequence
  }
}
