import Sealing

/// Checkpoints that the other side has not signed.
///
/// Any key may write as many as its chain has room for. What a household is asked to sign is found
/// without looking through all of them: only the latest of an author for a peer.
struct CheckpointTable: Sendable {
  private struct Way: Hashable, Sendable {
    let author: PublicKey
    let peer: PublicKey
  }

  private var byIdentity: [Digest: Checkpoint] = [:]
  private var latest: [Way: RecordPlace] = [:]

  /// Every checkpoint, in any order.
  var values: some Collection<Checkpoint> { byIdentity.values }

  subscript(identity: Digest) -> Checkpoint? {
    get { byIdentity[identity] }
    set {
      let old = byIdentity[identity]
      byIdentity[identity] = newValue
      if let checkpoint = newValue {
        let way = Way(author: checkpoint.author, peer: checkpoint.peer)
        let place = Self.place(of: checkpoint)
        if latest[way].map({ $0 < place }) ?? true { latest[way] = place }
      } else if let old {
        let way = Way(author: old.author, peer: old.peer)
        if latest[way] == Self.place(of: old) { latest[way] = nil }
      }
    }
  }

  private static func place(of checkpoint: Checkpoint) -> RecordPlace {
    RecordPlace(sequence: checkpoint.sequence, identity: checkpoint.identity)
  }

  /// The latest of `author` for `peer`, while `peer` has not signed it.
  func latest(by author: PublicKey, for peer: PublicKey) -> Checkpoint? {
    latest[Way(author: author, peer: peer)].flatMap { byIdentity[$0.identity] }
  }
}
