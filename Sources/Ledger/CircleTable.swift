import Quantities
import Sealing

/// The circles of debts that not all of their members have signed.
///
/// Any key may propose as many as its chain has room for, and name anybody. So what is asked again
/// and again is found without looking through all of them: who signed what, and the latest circle
/// of each proposer.
struct CircleTable: Sendable {
  /// The most circles of one party that count as signed and standing, those that stand longest: who
  /// signs more harms nobody but itself. A household signs no more at once.
  static let mostStanding = 64

  private var byIdentity: [Digest: NettingProposal] = [:]
  /// What each party has signed, the one that stands longest last.
  private var signed: [PublicKey: [Due]] = [:]
  /// Of each proposer the circle that stands longest.
  private var latest: [PublicKey: Due] = [:]

  /// Every circle, in any order.
  var values: some Collection<NettingProposal> { byIdentity.values }

  subscript(identity: Digest) -> NettingProposal? {
    get { byIdentity[identity] }
    set {
      guard let circle = newValue else { return remove(identity) }
      byIdentity[identity] = circle
      let (proposer, standing) = (circle.parties[0], Self.end(of: circle))
      if latest[proposer].map({ $0 < standing }) ?? true { latest[proposer] = standing }
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
    if latest[circle.parties[0]] == standing { latest[circle.parties[0]] = nil }
  }

  /// What `party` has signed that stands at `instant`, at most `mostStanding`.
  func signed(by party: PublicKey, standingAt instant: Instant) -> [NettingProposal] {
    guard let row = signed[party] else { return [] }
    return row.reversed().prefix { instant <= $0.at }.compactMap { byIdentity[$0.identity] }
  }

  /// Of each proposer the circle that stands longest, where `party` is in it, by identity.
  func latest(with party: PublicKey) -> [NettingProposal] {
    // Any order: sorted below.
    let circles = latest.values.compactMap { byIdentity[$0.identity] }
    return circles.filter { $0.parties.contains(party) }.sorted { $0.identity < $1.identity }
  }
}

/// What circles that are not complete do to credit and to other circles.
extension Accounts {
  /// How long after its end a circle may still be taken off by an AGREE that was written in time
  /// and is under way: a day, as for other records that come late.
  static let lateAgreement = TimeSpan.day

  /// Circles that `party` is asked to take off and has not signed, by identity: of each proposer
  /// the one that stands longest. One that proposes a thousand is looked at no longer than another.
  public func openProposals(for party: PublicKey, at now: Instant) -> [NettingProposal] {
    proposals.latest(with: party).filter { !$0.agreed.contains(party) && now <= $0.until }
  }

  /// Whether so many circles that `party` has signed may still be taken off that it should sign no
  /// more.
  func hasSignedEnough(_ party: PublicKey, at now: Instant) -> Bool {
    proposals.signed(by: party, standingAt: now - Self.lateAgreement).count
      >= CircleTable.mostStanding
  }

  /// What `party` has signed away of its claim on `debtor` in circles that others have not signed
  /// yet, but for the one named.
  func promised(
    by party: PublicKey, of debtor: PublicKey, beside other: Digest?, at now: Instant
  ) -> Credits {
    proposals.signed(by: party, standingAt: now)
      .filter { $0.debtor(of: party) == debtor && $0.identity != other }
      .reduce(.zero) { $0 + $1.amount }
  }

  /// What `party` has signed away of its debt to `creditor` in circles that others have not signed
  /// yet: once they have, that debt no longer stands against what the creditor owes.
  func signedAway(by party: PublicKey, owedTo creditor: PublicKey, at now: Instant) -> Credits {
    proposals.signed(by: party, standingAt: now - Self.lateAgreement)
      .filter { $0.creditor(of: party) == creditor }
      .reduce(.zero) { $0 + $1.amount }
  }
}
