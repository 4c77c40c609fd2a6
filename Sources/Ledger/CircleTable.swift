import Quantities
import Sealing

/// The circles of debts that not all of their members have signed.
///
/// Any key may propose as many as its chain has room for, and name anybody. So what is asked again
/// and again is found without looking through all of them: who signed what, and who proposes.
struct CircleTable: Sendable {
  /// The most circles of one party that count as signed, those that stand longest: who signs more
  /// harms nobody but itself. A household signs no more at once.
  static let mostStanding = 64

  private var byIdentity: [Digest: NettingProposal] = [:]
  /// What each party has signed, the one that stands longest last.
  private var signed: [PublicKey: [Due]] = [:]
  /// How many circles each has proposed.
  private var proposed: [PublicKey: Int] = [:]

  /// Every circle, in any order.
  var values: some Collection<NettingProposal> { byIdentity.values }

  subscript(identity: Digest) -> NettingProposal? {
    get { byIdentity[identity] }
    set {
      guard let circle = newValue else { return remove(identity) }
      let isNew = byIdentity.updateValue(circle, forKey: identity) == nil
      if isNew { proposed[circle.parties[0], default: 0] += 1 }
      for party in circle.agreed.sorted() { sign(circle, by: party) }
    }
  }

  /// Until when a circle stands.
  private static func end(of circle: NettingProposal) -> Due {
    Due(at: circle.until, identity: circle.identity)
  }

  private mutating func sign(_ circle: NettingProposal, by party: PublicKey) {
    let standing = Self.end(of: circle)
    var row = signed[party] ?? []
    guard !row.contains(standing) else { return }
    row.insert(standing, at: row.firstIndex { standing < $0 } ?? row.count)
    if row.count > Self.mostStanding { row.removeFirst() }
    signed[party] = row
  }

  private mutating func remove(_ identity: Digest) {
    guard let circle = byIdentity.removeValue(forKey: identity) else { return }
    let standing = Self.end(of: circle)
    for party in circle.agreed.sorted() {
      signed[party]?.removeAll { $0 == standing }
      if signed[party]?.isEmpty == true { signed[party] = nil }
    }
    let left = proposed[circle.parties[0], default: 0] - 1
    proposed[circle.parties[0]] = left > 0 ? left : nil
  }

  /// What `party` has signed, at most `mostStanding`, the one that stands longest first.
  func circles(signedBy party: PublicKey) -> [NettingProposal] {
    (signed[party] ?? []).reversed().compactMap { byIdentity[$0.identity] }
  }

  /// Of each proposer the circle that stands longest of those that `party` is asked to sign, by
  /// identity.
  func open(for party: PublicKey) -> [NettingProposal] {
    // Any order: sorted below.
    let asked = proposed.keys.compactMap { proposer in
      circles(signedBy: proposer).first {
        $0.parties[0] == proposer && $0.parties.contains(party) && !$0.agreed.contains(party)
      }
    }
    return asked.sorted { $0.identity < $1.identity }
  }
}

/// What circles that are not complete do to credit and to other circles.
extension Accounts {
  /// Circles that `party` is asked to take off and has not signed, by identity: of each proposer
  /// the one that stands longest. One that proposes a thousand is looked at no longer than another.
  public func openProposals(for party: PublicKey) -> [NettingProposal] {
    proposals.open(for: party)
  }

  /// Whether so many circles that `party` has signed may still be taken off that it should sign no
  /// more.
  func hasSignedEnough(_ party: PublicKey) -> Bool {
    proposals.circles(signedBy: party).count >= CircleTable.mostStanding
  }

  /// Who has left a circle unsigned past its end that `party` has signed: each holds a part of the
  /// party's credit, and needs no second.
  func silent(towards party: PublicKey, at now: Instant) -> Set<PublicKey> {
    var silent: Set<PublicKey> = []
    for circle in proposals.circles(signedBy: party) where circle.until < now {
      silent.formUnion(circle.parties.filter { !circle.agreed.contains($0) })
    }
    return silent
  }

  /// What `party` has signed away of its claim on `debtor` in circles that stand and others have
  /// not signed yet, but for the one named.
  func promised(
    by party: PublicKey, of debtor: PublicKey, beside other: Digest?, at now: Instant
  ) -> Credits {
    proposals.circles(signedBy: party)
      .filter { now <= $0.until && $0.debtor(of: party) == debtor && $0.identity != other }
      .reduce(.zero) { $0 + $1.amount }
  }

  /// What `party` has signed away of its debt to `creditor` in circles that others have not signed
  /// yet: once they have, that debt no longer stands against what the creditor owes. However old:
  /// an AGREE says itself when it was written, so one may come at any time.
  func signedAway(by party: PublicKey, owedTo creditor: PublicKey) -> Credits {
    proposals.circles(signedBy: party)
      .filter { $0.creditor(of: party) == creditor }
      .reduce(.zero) { $0 + $1.amount }
  }
}
