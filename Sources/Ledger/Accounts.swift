import Market
import Quantities
import Sealing

/// Contracts, limits and balances, as the records of all chains make them.
///
/// Bilateral credit: what a pair's balance is follows from the records alone, so anyone who has
/// them can recompute it. Applying the same records in any order that keeps each chain's own gives
/// the same accounts: a record whose link is not here yet waits for it.
public struct Accounts: Sendable {
  /// The most records of one author that wait for what they answer; a neighbour that sends a chain
  /// in the order in which it got it needs few, and one that invents links must not fill memory.
  public static let maximumWaiting = 4096

  var table = ContractTable()
  var pairs: [CreditPair: PairAccount] = [:]
  var proposals = CircleTable()
  /// Circles that were taken off, so that a late AGREE does not wait for one.
  var netted: Set<Digest> = []
  /// Checkpoints that the other side has not signed.
  var checkpoints = CheckpointTable()
  /// Those that both have signed, so that a second signature does not wait for one.
  var countersigned: Set<Digest> = []
  /// Records whose link has not arrived, by that link.
  var waiting: [Digest: [Record]] = [:]
  var waitingCounts: [PublicKey: Int] = [:]
  var waitingCount = 0
  /// Of authors that the household has not listed.
  var strangersWaiting = 0
  /// Who is no stranger; nil where nobody is one.
  var familiar: Set<PublicKey>?
  /// Whose own records wait without a bound: a node's own chain is one.
  var own: PublicKey?
  let mostWaiting: Int

  /// - Parameter mostWaiting: of one author's records; more only where all of them are at hand.
  public init(mostWaiting: Int = Accounts.maximumWaiting) { self.mostWaiting = mostWaiting }

  /// Applies a record that its chain has taken; returns the contracts that it moved.
  public mutating func apply(_ record: Record) -> [Contract] {
    table.reached(record.sequence, by: record.author, at: record.time)
    var moved: [Contract] = []
    var pending = [record]
    while let next = pending.popLast() {
      guard let answered = applyOne(next) else { continue }
      if let contract = answered.contract { moved.append(contract) }
      // The last is taken first: of two answers to one record, the author's earlier one counts,
      // whichever chain arrived before.
      pending += released(by: next.identity).reversed()
    }
    return moved
  }

  /// A record was understood; with the contract that it moved, if it did.
  private struct Answered {
    var contract: Contract?
  }

  private mutating func applyOne(_ record: Record) -> Answered? {
    switch record.kind {
    case nil: return nil
    case .limit, .default, .payment, .receipt:
      takeMoney(record)
      return nil
    case .accept:
      guard table.contract(record.identity) == nil, let contract = Contract(accept: record) else {
        return nil
      }
      table.put(contract)
      return Answered(contract: contract)
    case .net:
      guard let proposal = NettingProposal(record) else { return nil }
      proposals[proposal.identity] = proposal
      return Answered()
    case .agree:
      agree(record)
      return nil
    case .checkpoint:
      guard let checkpoint = Checkpoint(record) else { return nil }
      checkpoints[checkpoint.identity] = checkpoint
      return Answered()
    case .countersign:
      countersign(record)
      return nil
    case .confirm, .bind, .settle, .acknowledge, .cancel, .dispute, .commit, .pick:
      return answer(record)
    }
  }

  private mutating func answer(_ record: Record) -> Answered? {
    guard let link = record.link else { return nil }
    guard var contract = table.contract(with: link) else {
      wait(record, for: link)
      return nil
    }
    let old = contract.state
    let known = contract.recordCount
    let isMoved = contract.apply(record)
    guard contract.recordCount != known else { return nil }
    table.put(contract, movedBy: record.identity)
    let pair = contract.pair
    let new = contract.state
    if (old.owed, old.owedSince) != (new.owed, new.owedSince) {
      let accept = contract.sequence
      pairs[pair, default: PairAccount()].sell(new.owed - old.owed, acceptedAt: accept)
      // The buyer, as a creditor of the seller's, has got a delivery for its money.
      let back = CreditPair(creditor: contract.buyer, debtor: contract.seller)
      pairs[back, default: PairAccount()].buy(
        -old.owed, acceptedAt: accept, saidAt: old.owedSince)
      pairs[back, default: PairAccount()].buy(
        new.owed, acceptedAt: accept, saidAt: new.owedSince)
    }
    return Answered(contract: isMoved && !table.covers(contract) ? contract : nil)
  }

  private mutating func takeMoney(_ record: Record) {
    guard let peer = record.peer, peer != record.author,
      record.link == nil || record.kind == .receipt
    else { return }
    let claim = CreditPair(creditor: record.author, debtor: peer)
    let place = RecordPlace(sequence: record.sequence, identity: record.identity)
    if record.kind == .limit {
      guard let rule = LimitRule(body: record.body) else { return }
      pairs[claim, default: PairAccount()].state(rule, at: place, time: record.time)
      return
    }
    guard record.body.count == 1, let figure = record.body[0].integer,
      (0...LimitRule.maximum.rawValue).contains(figure)
    else { return }
    let amount = Credits(rawValue: figure)
    switch record.kind {
    case .default:
      pairs[claim, default: PairAccount()].claim(
        DefaultClaim(amount: amount, time: record.time), at: place)
    case .receipt where amount > .zero:
      pairs[claim, default: PairAccount()].receipt(
        amount, of: record.link, saidAt: record.sequence)
    case .payment where amount > .zero:
      let debt = CreditPair(creditor: peer, debtor: record.author)
      pairs[debt, default: PairAccount()].pay(
        OpenPayment(identity: record.identity, amount: amount, time: record.time))
    default: return
    }
  }

  private mutating func agree(_ record: Record) {
    guard let link = record.link, !netted.contains(link) else { return }
    guard var proposal = proposals[link] else { return wait(record, for: link) }
    guard proposal.take(record) else { return }
    proposals[link] = proposal
    guard proposal.isComplete else { return }
    for debt in proposal.debts {
      pairs[debt, default: PairAccount()].takeOff(proposal.amount)
    }
    proposals[link] = nil
    netted.insert(link)
  }

  private mutating func countersign(_ record: Record) {
    guard let link = record.link, !countersigned.contains(link) else { return }
    guard let checkpoint = checkpoints[link] else { return wait(record, for: link) }
    guard let peerGiven = checkpoint.given(by: record) else { return }
    checkpoints[link] = nil
    countersigned.insert(link)
    let figures = checkpoint.figures
    let claim = CreditPair(creditor: checkpoint.author, debtor: checkpoint.peer)
    pairs[claim, default: PairAccount()].cover(
      sold: checkpoint.soldByAuthor(figures.authorSold),
      bought: checkpoint.soldByPeer(figures.authorGiven), saidAt: checkpoint.sequence)
    let debt = CreditPair(creditor: checkpoint.peer, debtor: checkpoint.author)
    pairs[debt, default: PairAccount()].cover(
      sold: checkpoint.soldByPeer(figures.peerSold),
      bought: checkpoint.soldByAuthor(peerGiven), saidAt: record.sequence)
    for pair in [claim, debt] { table.cover(pair, before: pairs[pair]?.sold.reach ?? 0) }
  }

  /// Sets aside lapsed and ended contracts, so that credit is computed from few, and forgets those
  /// that can't come back.
  public mutating func retire(at now: Instant, forgetting: Bool = true) {
    table.retire(at: now, forgetting: forgetting)
  }
}

/// What can be asked of the accounts.
extension Accounts {
  /// The contract whose ACCEPT has this identity; nil also for what ended long ago.
  public func contract(_ identifier: Digest) -> Contract? { table.contract(identifier) }

  /// The contract that a record with this identity is a part of.
  public func contract(with record: Digest) -> Contract? { table.contract(with: record) }

  /// Contracts of `party` that wait for a record and have not lapsed, by when delivery is due and
  /// identifier.
  public func liveContracts(of party: PublicKey) -> [Contract] {
    table.open(of: party)
  }

  /// Contracts of `party` for energy in one slot that came at least as far as their CONFIRM and
  /// were not cancelled, by identifier.
  public func confirmed(of party: PublicKey, in slot: TimeSlot) -> [Contract] {
    table.confirmed(of: party, in: slot)
  }

  /// The `latest` contracts of `party` that are remembered, the one that was due last first.
  public func contracts(of party: PublicKey, latest: Int) -> [Contract] {
    table.latest(latest, of: party)
  }

  /// Every contract that is remembered, by when delivery is due and identifier.
  public var contracts: [Contract] { table.all }

  /// What `other` owes `party`, net; negative when `party` owes.
  public func balance(of party: PublicKey, with other: PublicKey) -> Credits {
    let claim = pairs[CreditPair(creditor: party, debtor: other)]?.owed ?? .zero
    return claim - (pairs[CreditPair(creditor: other, debtor: party)]?.owed ?? .zero)
  }

  /// The sum of `balance(of:with:)` over all neighbours.
  public func balance(of party: PublicKey) -> Credits {
    var sum = Credits.zero
    // Any order: a sum.
    for (pair, account) in pairs {
      if pair.creditor == party { sum += account.owed }
      if pair.debtor == party { sum -= account.owed }
    }
    return sum
  }

  /// Everyone who has had dealings in credit, by key.
  public var parties: [PublicKey] {
    // Any order: they are sorted at once.
    Set(pairs.keys.flatMap { [$0.creditor, $0.debtor] }).sorted()
  }

  /// Everyone with whom `party` has had dealings in credit, by key.
  public func partners(of party: PublicKey) -> [PublicKey] {
    var found: Set<PublicKey> = []
    // Any order: they are sorted at once.
    for pair in pairs.keys {
      if pair.creditor == party { found.insert(pair.debtor) }
      if pair.debtor == party { found.insert(pair.creditor) }
    }
    return found.sorted()
  }

  /// How much `creditor` lets `debtor` owe; zero until the creditor has said otherwise.
  public func limit(creditor: PublicKey, debtor: PublicKey) -> Credits {
    pairs[CreditPair(creditor: creditor, debtor: debtor)]?.limit ?? .zero
  }

  /// Payments that `debtor` says it has made and `creditor` has not receipted, oldest first.
  public func openPayments(creditor: PublicKey, debtor: PublicKey) -> [OpenPayment] {
    pairs[CreditPair(creditor: creditor, debtor: debtor)]?.payments ?? []
  }

  /// Who says that `debtor` has not paid, and how much, by creditor.
  public func defaults(of debtor: PublicKey) -> [(creditor: PublicKey, claim: DefaultClaim)] {
    pairs.keys.sorted().filter { $0.debtor == debtor }.compactMap { pair in
      pairs[pair]?.claim.map { (pair.creditor, $0) }
    }
  }

  /// What contracts cost that the buyer let lapse although something may have been delivered,
  /// since the seller last stated the buyer's limit. What was still open then it could not forgive.
  ///
  /// A buyer that gives no statement is never billed. Without this it would have its whole limit
  /// again every seven days.
  public func unsettled(seller: PublicKey, buyer: PublicKey, at now: Instant) -> Credits {
    let pair = CreditPair(creditor: seller, debtor: buyer)
    let since = pairs[pair]?.ruleTime ?? .distantPast
    return table.exposing(pair)
      .filter { $0.wasLeftUnsettled(at: now) && $0.lapse > since }
      .reduce(.zero) { $0 + $1.terms.cost }
  }

  /// What `buyer` may still take on with `seller`: limit less balance less open exposure, and less
  /// what the seller has signed away of a debt to the buyer that still lowers the balance.
  public func credit(seller: PublicKey, buyer: PublicKey, at now: Instant) -> Credits {
    let open = table.exposing(CreditPair(creditor: seller, debtor: buyer))
      .reduce(Credits.zero) { $0 + $1.exposure(at: now) }
    return limit(creditor: seller, debtor: buyer) - balance(of: seller, with: buyer) - open
      - signedAway(by: seller, owedTo: buyer)
  }

  /// Every `credit(seller:buyer:at:)` above zero of some sellers and buyers, by seller and buyer.
  ///
  /// Only those can have one for whom a limit was stated or whom the seller owes something.
  public func creditLimits(
    of sellers: Set<PublicKey>, for buyers: Set<PublicKey>, at now: Instant
  ) -> [CreditLimit] {
    var candidates: Set<CreditPair> = []
    func note(_ pair: CreditPair) {
      guard sellers.contains(pair.creditor), buyers.contains(pair.debtor) else { return }
      candidates.insert(pair)
    }
    // Any order: they are sorted at once.
    for (pair, account) in pairs {
      if account.rule != nil || account.owed < .zero { note(pair) }
      if account.owed > .zero {
        note(CreditPair(creditor: pair.debtor, debtor: pair.creditor))
      }
    }
    return candidates.sorted().compactMap { pair in
      let credit = credit(seller: pair.creditor, buyer: pair.debtor, at: now)
      guard credit > .zero else { return nil }
      return CreditLimit(seller: pair.creditor, buyer: pair.debtor, credit: credit)
    }
  }

  /// What `party` may come to be owed by everyone together: claims, open exposure and
  /// what was left unbound in the last day.
  ///
  /// Where a partner says that it got more than it was owed, that is its word alone and nothing
  /// that `party` lent: else anyone could stop a household's sales.
  public func claims(of party: PublicKey, at now: Instant) -> Credits {
    var sum = Credits.zero
    for partner in partners(of: party) {
      let pair = CreditPair(creditor: party, debtor: partner)
      let open = table.exposing(pair).reduce(Credits.zero) { $0 + $1.exposure(at: now) }
      let claim = pairs[pair]?.owed ?? .zero
      let debt = pairs[CreditPair(creditor: partner, debtor: party)]?.signed ?? .zero
      let unbound = unbound(seller: party, buyer: partner, at: now).cost
      sum += max(.zero, claim - debt + open + unbound)
    }
    return sum
  }
}
