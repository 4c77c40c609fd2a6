import HeliographCore
import Ledger
import Market
import Quantities
import Sealing

/// What must hold for those who keep the rules, whatever the others do.
extension Neighbourhood {
  /// What each house may lend together where there are adversaries.
  var claimsAtMost: Credits { Credits(credits: 30 * Int64(neighboursAhead)) }
  /// The most effects that one event may have, and frames that a node may send within an hour.
  static let mostEffects = 2000
  static let mostFrames = 20_000

  /// A record is durable on an honest house's disk.
  mutating func account(_ stored: StoredRecord, on node: Int) throws(BrokenInvariant) {
    guard isHonest(node), !books.isEmpty,
      let record = frames.known(stored.bytes)
        ?? (try? Record(decoding: stored.bytes, verifying: false))
    else { return }
    let clock = nodes[node].clock.time(at: now, since: plan.start)
    guard record.community == nodes[node].configuration.community.identifier else {
      throw BrokenInvariant(.wellFormed, "\(nodes[node].name) keeps another community's record")
    }
    try books[node].observe(record, at: clock)
    guard record.author == books[node].own else { return }
    guard clock.since(record.time).magnitude <= .minute else {
      throw BrokenInvariant(
        .goesOn, "\(nodes[node].name) writes a record of a time that is not its own")
    }
    guard let (identifier, entry) = books[node].contract(of: record)
    else { return }
    switch record.kind {
    case .settle where entry.isSeller: try checkMeter(of: node, entry)
    case .acknowledge where !entry.isSeller, .dispute where !entry.isSeller:
      try checkMeter(of: node, entry)
      try checkCharge(identifier, entry, of: node)
    default: break
    }
  }

  /// What is settled for a slot is no more than this house's own meter counted there.
  private func checkMeter(of node: Int, _ entry: HonestBook.Entry) throws(BrokenInvariant) {
    guard let slot = EnergyTerms(entry.terms)?.slot, let moved = audit.moved(node, in: slot) else {
      return
    }
    let settled = (entry.isSeller ? books[node].sold : books[node].bought)[slot] ?? .zero
    let flowed = entry.isSeller ? moved.exported : moved.imported
    guard settled <= flowed + nodes[node].house.equipment.registerResolution else {
      throw BrokenInvariant(
        .metered,
        "\(nodes[node].name) has \(entry.isSeller ? "sold" : "bought") \(settled.text) in slot"
          + " \(slot.index), in which its meter counted \(flowed.text)")
    }
  }

  /// A buyer signs for what was agreed at most, at the agreed price, and for tokens that are there.
  private func checkCharge(
    _ identifier: Digest, _ entry: HonestBook.Entry, of node: Int
  ) throws(BrokenInvariant) {
    guard entry.signedQuantity <= entry.terms.quantity,
      entry.signed <= entry.terms.cost(of: entry.signedQuantity)
    else {
      throw BrokenInvariant(
        .lossIsLimited,
        "\(nodes[node].name) signs for \(entry.signed.text) credits, more than was agreed")
    }
    guard entry.signedQuantity > 0, ComputingTerms(entry.terms) != nil,
      let held = nodes[node].workshop?.held[identifier]
    else { return }
    guard entry.signedQuantity <= held else {
      throw BrokenInvariant(
        .lossIsLimited,
        "\(nodes[node].name) signs for \(entry.signedQuantity) tokens, the results hold \(held)")
    }
  }

  /// Each honest house's balances are within what both sides have signed; nothing grows for ever.
  mutating func checkHonest() throws(BrokenInvariant) {
    for node in books.indices where isHonest(node) {
      let name = nodes[node].name
      guard framesSent[node] <= Self.mostFrames else {
        throw BrokenInvariant(.bounded, "\(name) sent \(framesSent[node]) frames in an hour")
      }
      framesSent[node] = 0
      guard !nodes[node].commitIsDue, let station = nodes[node].station else { continue }
      for other in books[node].others {
        let shown = station.ledger.accounts.balance(of: books[node].own, with: other)
        let signed = books[node].balances(with: other)
        guard signed.contains(shown) else {
          throw BrokenInvariant(
            .bothSigned,
            "\(name) counts \(shown.text) with \(other.short), signed for are"
              + " \(signed.lowerBound.text) to \(signed.upperBound.text)")
        }
      }
      guard station.trader.book.count <= OrderBook.strangersCapacity + 1000 else {
        throw BrokenInvariant(.bounded, "\(name) holds \(station.trader.book.count) orders")
      }
      for chain in station.ledger.sortedChains
      where chain.branches.count > Chain.maximumBranches
        || chain.byteCount > CommunityLedger.maximumAuthorBytes
      {
        throw BrokenInvariant(
          .bounded, "\(name) keeps \(chain.branches.count) branches of \(chain.author.short)")
      }
    }
  }

  /// After the quiet time honest houses have the same records, on all branches, count the same for
  /// every pair, and may sign.
  mutating func checkHonestAgreement() throws(BrokenInvariant) {
    let honest = nodes.indices.filter { isHonest($0) }
    guard let first = honest.first, let model = nodes[first].station else { return }
    let known = Set(nodes[first].store.records.map(\.identity))
    for node in honest {
      let name = nodes[node].name
      let theirs = Set(nodes[node].store.records.map(\.identity))
      guard theirs == known else {
        throw BrokenInvariant(
          .agreement,
          "\(name) lacks \(known.subtracting(theirs).count) records that \(nodes[first].name) has,"
            + " which lacks \(theirs.subtracting(known).count) of \(name)'s")
      }
      guard let station = nodes[node].station else { continue }
      guard station.ledger.maySign else {
        throw BrokenInvariant(.goesOn, "\(name) may not sign at the end")
      }
      for link in network.links {
        let (low, high) = (nodes[link.low].keys.publicKey, nodes[link.high].keys.publicKey)
        let counted = station.ledger.accounts.balance(of: low, with: high)
        let expected = model.ledger.accounts.balance(of: low, with: high)
        guard counted == expected else {
          throw BrokenInvariant(
            .agreement,
            "\(name) counts \(counted.text) between \(nodes[link.low].name) and"
              + " \(nodes[link.high].name), \(nodes[first].name) counts \(expected.text)")
        }
      }
      let forkers = nodes.indices.filter { !isHonest($0) }.map { nodes[$0].keys.publicKey }
      for author in station.ledger.forkers where !forkers.contains(author) {
        throw BrokenInvariant(.noFork, "\(name) takes \(author.short) for one that forked")
      }
    }
    try checkForksAreKnown(to: honest)
  }

  /// Two records of one sequence are a fork, and whoever has both knows it.
  private func checkForksAreKnown(to honest: [Int]) throws(BrokenInvariant) {
    for node in honest {
      var seen: [PublicKey: Set<Int64>] = [:]
      for record in nodes[node].store.records
      where !seen[record.author, default: []].insert(record.sequence).inserted {
        guard nodes[node].station?.ledger.hasForked(record.author) == true else {
          throw BrokenInvariant(
            .agreement,
            "\(nodes[node].name) has two records \(record.sequence) of \(record.author.short) and"
              + " takes it for honest")
        }
      }
    }
  }

  /// Sums up what adversaries did and what honest houses settled nevertheless.
  mutating func tallyAdversaries() {
    guard !books.isEmpty else { return }
    for (_, adversary) in adversaries.sorted(by: { $0.key < $1.key }) {
      tally.acts[adversary.kind] = adversary.acts
    }
    let honest = books.indices.filter { isHonest($0) }
    let keys = Set(honest.map { books[$0].own })
    var (among, with) = (0, 0)
    for node in honest {
      for other in books[node].others {
        let settled = books[node].settledWith[other] ?? 0
        if keys.contains(other) { among += settled } else { with += settled }
      }
    }
    // Each contract among honest houses is in two books.
    tally.settledAmongHonest = among / 2
    tally.settledWithAdversaries = with
  }
}
