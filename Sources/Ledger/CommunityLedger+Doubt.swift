import Quantities
import Sealing

/// What a node that was filled by its neighbours does not know for certain of its own trades.
extension CommunityLedger {
  /// Whether this node lends nothing to a neighbour, as its own books may miss something.
  public func isInDoubt(about peer: PublicKey) -> Bool { doubt.concerns(peer) }

  /// The household's neighbours that nothing is lent to for that, by key.
  public var doubted: [PublicKey] {
    doubt.isEmpty ? [] : listed.sorted().filter { doubt.concerns($0) }
  }

  /// Who alone has sent own records folded, by key.
  public var soleHanders: [PublicKey] { doubt.handers }

  /// `peer` has sent a run of folded records that a record of `author` follows; what was not known
  /// of it was taken.
  public mutating func took(_ run: FoldedRun, of author: PublicKey, from peer: PublicKey) {
    if author == ownKey { doubt.take(run.first..<run.end, from: peer) }
  }

  /// `peer` has sent a run, known here, before `record`: whoever has handed on the same does not
  /// stand alone.
  public mutating func heard(_ run: FoldedRun, before record: Record, from peer: PublicKey) {
    guard doubt.hasHanded, record.author == ownKey, run.isFollowed(by: record),
      knows(record.identity, of: ownKey, at: record.sequence)
    else { return }
    doubt.confirm(run.first..<run.end, by: peer)
  }

  /// Looks whether own records answer any that are not here.
  public mutating func reviewAwaited() {
    let awaited = accounts.awaited(by: ownKey)
    guard awaited != doubt.awaited else { return }
    doubt.awaited = awaited
    doubt.forgetTrust()
  }

  /// Of whose records only remainders came that this household's trades may be among: its own and
  /// its neighbours', with the first such place.
  public var hollowPlaces: [(author: PublicKey, from: Int64)] {
    (listed.union([ownKey])).sorted().compactMap { author in
      firstHollow(of: author, from: 0).map { (author, $0) }
    }
  }

  /// The first place from `sequence` on of which only a remainder came.
  public func firstHollow(of author: PublicKey, from sequence: Int64) -> Int64? {
    chain(of: author)?.firstHollow(from: sequence)
  }

  /// What is to be stored of the doubt, where that is not what was stored last.
  public mutating func takeDoubt() -> KeyedValue? {
    guard !doubt.isEmpty || storedDoubt != nil else { return nil }
    let stored = doubt.stored
    guard stored.value != storedDoubt else { return nil }
    storedDoubt = stored.value
    return stored
  }

  /// Takes over what an earlier run stored, once the records are here.
  public mutating func restore(key: String, value: [UInt8]) {
    guard key == RestoreDoubt.key else { return }
    doubt.restore(value, places: chain(of: ownKey)?.branches.first?.hollow ?? PlaceRanges())
    storedDoubt = value
  }
}

extension Accounts {
  /// Whose records those of `author` answer that are not here.
  ///
  /// Not counted are records that are never folded: what they answer may have been.
  func awaited(by author: PublicKey) -> Set<PublicKey> {
    guard waitingCounts[author] != nil else { return [] }
    var peers: Set<PublicKey> = []
    // Any order: a set.
    for record in waiting.values.joined()
    where record.author == author && !FoldedRun.isKept(record.sequence) {
      guard record.kind?.canBeFolded == true, let peer = record.peer else { continue }
      peers.insert(peer)
    }
    return peers
  }
}
