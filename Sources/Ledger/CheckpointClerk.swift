import Quantities
import Sealing

/// Proposes checkpoints to the neighbours that a household trades with, and signs those of others
/// that state what its own books say.
///
/// What was proposed may be signed at any time. So none reaches less far in either chain than the
/// one before: of two that were signed both, the later holds all of the earlier.
///
/// Nobody is asked: both sides sign what both can compute. The one with the smaller key proposes,
/// so that the two don't do it at once. Only listed neighbours with whom something was traded get
/// or are given a record: any key can name this household, and must not make it write.
struct CheckpointClerk: Sendable {
  /// How often it looks.
  static let interval = TimeSpan.hour
  /// How long a proposal waits for its signature before one with other figures is made; twice as
  /// long after each that was not signed…
  static let patience = TimeSpan.day
  /// …up to so many times as long.
  static let mostPatience: Int64 = 32

  /// Of others' checkpoints so many are signed at one look: each costs a record of the own chain.
  static let mostSignatures = 4

  /// Contracts stay as they are for so long: who wants to look something up, or was away, finds the
  /// records.
  let age: TimeSpan

  /// The last proposal to a neighbour.
  private struct Proposal: Sendable {
    let at: Instant
    /// How many days it may wait.
    let days: Int64
  }

  private var lookedAt = Instant.distantPast
  private var proposed: [PublicKey: Proposal] = [:]

  init(age: TimeSpan) { self.age = age }

  /// The checkpoints to propose now, by peer; none while it is not yet time to look.
  mutating func proposals(
    by own: PublicKey, _ ledger: CommunityLedger, at now: Instant
  ) -> [(peer: PublicKey, figures: Checkpoint.Figures)] {
    guard now.since(lookedAt) >= Self.interval || now < lookedAt else { return [] }
    lookedAt = now
    var proposals: [(peer: PublicKey, figures: Checkpoint.Figures)] = []
    for peer in ledger.listed.sorted() where own < peer {
      let waiting = ledger.accounts.openCheckpoint(by: own, for: peer)
      // The one before was signed: the next may follow as soon as it is worth it.
      if waiting == nil { proposed[peer] = nil }
      if let last = proposed[peer], last.at <= now,
        now.since(last.at).milliseconds < Self.patience.milliseconds * last.days
      {
        continue
      }
      guard !ledger.hasForked(peer), !ledger.hasForked(own), !ledger.doubt.concerns(peer),
        let figures = figures(of: own, with: peer, ledger.accounts, at: now),
        figures != waiting?.figures, figures.reaches(asFarAs: waiting?.figures)
      else { continue }
      let days = proposed[peer].map { min(2 * $0.days, Self.mostPatience) } ?? 1
      proposed[peer] = Proposal(at: now, days: days)
      proposals.append((peer, figures))
    }
    return proposals
  }

  /// What a checkpoint of now would state; nil where it would cover nothing more.
  private func figures(
    of own: PublicKey, with peer: PublicKey, _ accounts: Accounts, at now: Instant
  ) -> Checkpoint.Figures? {
    guard
      accounts.wouldCover(buyer: own, seller: peer, before: .max)
        || accounts.wouldCover(buyer: peer, seller: own, before: .max)
    else { return nil }
    let known = (
      accounts.covered(buyer: own, seller: peer), accounts.covered(buyer: peer, seller: own)
    )
    let reach = (
      accounts.foldable(buyer: own, seller: peer, before: now - age, at: now),
      accounts.foldable(buyer: peer, seller: own, before: now - age, at: now)
    )
    guard
      accounts.wouldCover(buyer: own, seller: peer, before: reach.0)
        || accounts.wouldCover(buyer: peer, seller: own, before: reach.1)
    else { return nil }
    return accounts.figures(
      author: own, peer: peer, authorReach: max(reach.0, known.0),
      peerReach: max(reach.1, known.1))
  }

  /// Checkpoints of listed neighbours that this household can sign: they state what its own books
  /// say, and cover something.
  func signable(
    for own: PublicKey, _ ledger: CommunityLedger, at now: Instant
  ) -> [Checkpoint] {
    guard !ledger.hasForked(own) else { return [] }
    return ledger.listed.sorted().compactMap { author in
      guard author < own, !ledger.hasForked(author), !ledger.doubt.concerns(author),
        let checkpoint = ledger.accounts.openCheckpoint(by: author, for: own),
        isTrue(checkpoint, for: own, ledger.accounts, at: now)
      else { return nil }
      return checkpoint
    }
  }

  private func isTrue(
    _ checkpoint: Checkpoint, for own: PublicKey, _ accounts: Accounts, at now: Instant
  ) -> Bool {
    let (peer, figures) = (checkpoint.author, checkpoint.figures)
    let known = (
      accounts.covered(buyer: peer, seller: own), accounts.covered(buyer: own, seller: peer)
    )
    guard figures.authorReach >= known.0, figures.peerReach >= known.1,
      accounts.wouldCover(buyer: peer, seller: own, before: figures.authorReach)
        || accounts.wouldCover(buyer: own, seller: peer, before: figures.peerReach),
      figures
        == accounts.figures(
          author: peer, peer: own, authorReach: figures.authorReach,
          peerReach: figures.peerReach)
    else { return false }
    // Clocks differ: who proposes may think a contract older than this node does.
    let recent = now - TimeSpan(milliseconds: age.milliseconds / 2)
    let most = (
      accounts.foldable(buyer: peer, seller: own, before: recent, at: now),
      accounts.foldable(buyer: own, seller: peer, before: recent, at: now)
    )
    return figures.authorReach <= max(most.0, known.0)
      && figures.peerReach <= max(most.1, known.1)
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
