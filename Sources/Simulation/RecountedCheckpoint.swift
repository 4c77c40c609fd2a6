import Ledger
import Quantities
import Sealing

/// A CHECKPOINT worked out from its record by the tables of `Protocol.md`, and by nothing else.
struct RecountedCheckpoint: Sendable {
  let identity: Digest
  /// The author, who has the smaller key.
  let low: PublicKey
  let high: PublicKey
  /// Contracts that the low party bought by an ACCEPT before this place of its chain are covered…
  let lowReach: Int64
  /// …and those that the high one did before this one of its.
  let highReach: Int64
  /// What the high party owes the low one for the covered contracts, less what that owes it.
  let amount: Credits
  private let sequence: Int64

  private static let stretch: Int64 = 1024
  private static let most: Int64 = 1_000_000_000_000

  /// Nil when the record is no CHECKPOINT, or has no effect.
  init?(_ record: Record) {
    let figures = record.body.compactMap(\.integer)
    guard record.kind == .checkpoint, record.link == nil, let peer = record.peer,
      record.author < peer, record.body.count == 5, figures.count == 5,
      figures.allSatisfy({ $0 >= 0 }), figures[2...].allSatisfy({ $0 <= Self.most }),
      figures[0] <= record.sequence, figures[0] % Self.stretch == 0,
      figures[1] % Self.stretch == 0
    else { return nil }
    identity = record.identity
    (low, high) = (record.author, peer)
    (lowReach, highReach) = (figures[0], figures[1])
    amount = Credits(millicredits: figures[2] - figures[3])
    sequence = record.sequence
  }

  /// Whether a record is the other party's signature under it.
  func isSigned(by record: Record) -> Bool {
    guard record.kind == .countersign, record.author == high, record.peer == low,
      record.link == identity, record.sequence >= highReach, record.body.count == 1,
      let given = record.body[0].integer
    else { return false }
    return (0...Self.most).contains(given)
  }

  /// Whether this one counts beside another of the same pair.
  func counts(before other: RecountedCheckpoint) -> Bool {
    (lowReach, highReach, sequence, identity)
      > (other.lowReach, other.highReach, other.sequence, other.identity)
  }
}
