import Quantities
import Sealing

/// What neighbours say of the length of this node's own chain, as far as it is not proved.
///
/// A node whose backup was restored learns from its neighbours that it had signed more, and signs
/// nothing until it has that again. Their bare word must not silence it for ever, though: who says
/// so has to send the records. A claim that brings none for `patience` is dropped, and its author
/// is not believed again before a restart; a record that this node signed itself always is.
struct OwnChainClaims: Sendable {
  /// How long a claim stands without any record to bear it out: ten minutes, which is two rounds
  /// of comparing frontiers.
  static let patience = TimeSpan(minutes: 10)

  private struct Claim: Sendable {
    var count: Int64
    /// The own records that were here when it was made or last borne out.
    var having: Int64
    var since: Instant
  }

  private var claims: [PublicKey: Claim] = [:]
  private var doubted: Set<PublicKey> = []

  /// The most that anyone who is still believed claims.
  var longest: Int64 { claims.values.map(\.count).max() ?? 0 }

  mutating func hear(
    _ count: Int64, from peer: PublicKey, whileHaving having: Int64, at now: Instant
  ) {
    guard count > having, !doubted.contains(peer) else { return }
    claims[peer, default: Claim(count: count, having: having, since: now)].count = count
  }

  mutating func doubt(having: Int64, at now: Instant) -> [PublicKey] {
    var dropped: [PublicKey] = []
    for (peer, claim) in claims.sorted(by: { $0.key < $1.key }) {
      if claim.count <= having {
        claims[peer] = nil
      } else if having > claim.having {
        claims[peer] = Claim(count: claim.count, having: having, since: now)
      } else if now.since(claim.since) >= Self.patience {
        claims[peer] = nil
        doubted.insert(peer)
        dropped.append(peer)
      }
    }
    return dropped
  }
}
