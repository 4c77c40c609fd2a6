import Quantities
import Sealing

/// Proposes checkpoints to the neighbours that a household trades with, and signs those of others
/// that state what its own books say.
///
/// Nobody is asked: both sides sign what both can compute. The one with the smaller key proposes,
/// so that the two don't do it at once.
struct CheckpointClerk: Sendable {
  /// How often it looks.
  static let interval = TimeSpan.hour
  /// How long a proposal waits for its signature before another is made.
  static let patience = TimeSpan.day

  /// Of others' checkpoints so many are signed at one look: each costs a record of the own chain.
  static let mostSignatures = 4

  /// Contracts stay as they are for so long: who wants to look something up, or was away, finds the
  /// records.
  let age: TimeSpan

  private var lookedAt = Instant.distantPast
  private var proposedAt: [PublicKey: Instant] = [:]

  init(age: TimeSpan) { self.age = age }

  /// The checkpoints to propose now, by peer; none while it is not yet time to look.
  mutating func proposals(
    by own: PublicKey, _ ledger: CommunityLedger, at now: Instant
  ) -> [(peer: PublicKey, figures: Checkpoint.Figures)] {
    guard now.since(lookedAt) >= Self.interval || now < lookedAt else { return [] }
    lookedAt = now
    var proposals: [(peer: PublicKey, figures: Checkpoint.Figures)] = []
    for peer in ledger.accounts.partners(of: own) where own < peer {
      if let last = proposedAt[peer], last <= now, now.since(last) < Self.patience { continue }
      guard !ledger.hasForked(peer), !ledger.hasForked(own),
        let figures = figures(of: own, with: peer, ledger, at: now)
      else { continue }
      proposedAt[peer] = now
      proposals.append((peer, figures))
    }
    return proposals
  }

  /// What a checkpoint of now would state; nil where it would cover nothing more.
  private func figures(
    of own: PublicKey, with peer: PublicKey, _ ledger: CommunityLedger, at now: Instant
  ) -> Checkpoint.Figures? {
    let accounts = ledger.accounts
    let known = (
      accounts.covered(buyer: own, seller: peer), accounts.covered(buyer: peer, seller: own)
    )
    let reach = (
      accounts.foldable(buyer: own, seller: peer, before: now - age, at: now),
      accounts.foldable(buyer: peer, seller: own, before: now - age, at: now)
    )
    guard reach.0 > known.0 || reach.1 > known.1 else { return nil }
    return accounts.figures(
      author: own, peer: peer, authorReach: max(reach.0, known.0),
      peerReach: max(reach.1, known.1))
  }

  /// Checkpoints of others that this household can sign: they state what its own books say.
  func signable(
    for own: PublicKey, _ ledger: CommunityLedger, at now: Instant
  ) -> [Checkpoint] {
    let accounts = ledger.accounts
    // Clocks differ: who proposes may think a contract older than this node does.
    let recent = now - TimeSpan(milliseconds: age.milliseconds / 2)
    return accounts.openCheckpoints(for: own).filter { checkpoint in
      let peer = checkpoint.author
      let (figures, author) = (checkpoint.figures, checkpoint.author)
      guard !ledger.hasForked(author), !ledger.hasForked(own) else { return false }
      let known = (
        accounts.covered(buyer: peer, seller: own), accounts.covered(buyer: own, seller: peer)
      )
      let most = (
        accounts.foldable(buyer: peer, seller: own, before: recent, at: now),
        accounts.foldable(buyer: own, seller: peer, before: recent, at: now)
      )
      return figures.authorReach >= known.0 && figures.peerReach >= known.1
        && (figures.authorReach > known.0 || figures.peerReach > known.1)
        && figures.authorReach <= max(most.0, known.0)
        && figures.peerReach <= max(most.1, known.1)
        && figures
          == accounts.figures(
            author: peer, peer: own, authorReach: figures.authorReach,
            peerReach: figures.peerReach)
    }
  }
}

extension EnergyTrader {
  /// Proposes and signs checkpoints, so that records of old contracts can be folded.
  mutating func foldOldContracts(
    _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    var actions: [Action] = []
    // One after the other: each one signed changes what the next may cover.
    for _ in 0..<CheckpointClerk.mostSignatures {
      guard let checkpoint = checkpoints.signable(for: ownKey, ledger, at: now).first else { break }
      let given = ledger.accounts.given(
        creditor: ownKey, debtor: checkpoint.author, before: checkpoint.figures.peerReach)
      guard
        let written = ledger.write(
          .countersign, peer: checkpoint.author, link: checkpoint.identity,
          body: [.integer(given.rawValue)], at: now)
      else { break }
      actions += [
        .record(written.record),
        .say("agrees with \(name(of: checkpoint.author)) on what old trades came to"),
      ]
    }
    for (peer, figures) in checkpoints.proposals(by: ownKey, ledger, at: now) {
      guard
        let written = ledger.write(.checkpoint, peer: peer, body: figures.body, at: now)
      else { break }
      actions += [
        .record(written.record),
        .say("states to \(name(of: peer)) what old trades came to"),
      ]
    }
    return actions
  }
}
