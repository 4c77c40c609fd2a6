import Quantities
import Sealing

/// What a checkpoint between two neighbours may cover, and what it states.
extension Accounts {
  /// The place in the buyer's chain up to which contracts of the two are covered already.
  func covered(buyer: PublicKey, seller: PublicKey) -> Int64 {
    pairs[CreditPair(creditor: seller, debtor: buyer)]?.sold.reach ?? 0
  }

  /// The place in the buyer's chain up to which a checkpoint may reach: written before `instant`,
  /// and before the first contract of the two that may still move or expose someone.
  func foldable(
    buyer: PublicKey, seller: PublicKey, before instant: Instant, at now: Instant
  ) -> Int64 {
    let pair = CreditPair(creditor: seller, debtor: buyer)
    let forgiven = pairs[pair]?.ruleTime ?? .distantPast
    let first = table.contracts { $0.pair == pair && !$0.isSpent(at: now, forgiven: forgiven) }
      .map(\.sequence).min()
    let reach = min(first ?? .max, table.reach(of: buyer, before: instant))
    return reach / ContractTotals.stretch * ContractTotals.stretch
  }

  /// What a checkpoint that reaches so far states, by this node's books.
  func figures(
    author: PublicKey, peer: PublicKey, authorReach: Int64, peerReach: Int64
  ) -> Checkpoint.Figures {
    let claim = pairs[CreditPair(creditor: author, debtor: peer)] ?? PairAccount()
    let debt = pairs[CreditPair(creditor: peer, debtor: author)] ?? PairAccount()
    return Checkpoint.Figures(
      authorReach: authorReach, peerReach: peerReach,
      authorSold: claim.sold.moved(before: peerReach),
      peerSold: debt.sold.moved(before: authorReach),
      authorGiven: claim.bought.moved(before: authorReach))
  }

  /// What `creditor` has got from `debtor` since its last LIMIT by contracts that a checkpoint
  /// covers which reaches so far in its chain.
  func given(creditor: PublicKey, debtor: PublicKey, before reach: Int64) -> Credits {
    pairs[CreditPair(creditor: creditor, debtor: debtor)]?.bought.moved(before: reach) ?? .zero
  }

  /// Whether a contract has moved anything that a checkpoint of this reach would cover and none has
  /// covered yet: for less it is not worth two records.
  func wouldCover(buyer: PublicKey, seller: PublicKey, before reach: Int64) -> Bool {
    pairs[CreditPair(creditor: seller, debtor: buyer)]?.sold.hasMoved(before: reach) ?? false
  }

  /// The latest checkpoint of `author` for `party`, while `party` has not signed it: one that
  /// writes a thousand of them is looked at no longer than another.
  func openCheckpoint(by author: PublicKey, for party: PublicKey) -> Checkpoint? {
    checkpoints.latest(by: author, for: party)
  }
}

extension CommunityLedger {
  /// Whose contracts checkpoints cover, and how far: what the store folds records by.
  public var coverage: Coverage {
    Coverage(reaches: accounts.table.covered, kept: Set(forkers))
  }
}

/// Which contracts need no records any more.
public struct Coverage: Hashable, Sendable {
  private let reaches: [CreditPair: Int64]
  private let kept: Set<PublicKey>

  /// - Parameters:
  ///   - reaches: the place in each debtor's chain before which an ACCEPT is covered that buys from
  ///     the creditor.
  ///   - kept: who forked; their records prove it.
  public init(reaches: [CreditPair: Int64], kept: Set<PublicKey> = []) {
    self.reaches = reaches
    self.kept = kept
  }

  public var isEmpty: Bool { reaches.isEmpty }

  /// Whether all records of an author stay as they are.
  func keepsAll(of author: PublicKey) -> Bool { kept.contains(author) }

  /// Whether an ACCEPT opened a contract that a checkpoint covers.
  func covers(accept record: Record) -> Bool {
    guard record.kind == .accept, let seller = record.peer else { return false }
    let pair = CreditPair(creditor: seller, debtor: record.author)
    return record.sequence < reaches[pair] ?? 0
  }
}

extension Contract {
  /// Whether nothing can come of it any more that would count.
  fileprivate func isSpent(at now: Instant, forgiven: Instant) -> Bool {
    switch stage {
    case .acknowledged, .cancelled: true
    case .settled, .disputed: false
    case .bound: wasLeftUnsettled(at: now) && lapse <= forgiven
    // Its provider let it lapse: nobody owes anything, and no neighbour can keep all that came
    // before from being folded.
    case .picked: !isLive(at: now)
    case .accepted, .confirmed: !isLive(at: now)
    case .committed: wasLeftUnsettled(at: now) ? lapse <= forgiven : !isLive(at: now)
    }
  }
}
