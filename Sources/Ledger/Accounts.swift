import Market
import Quantities
import Sealing

/// Contracts, limits and balances, as the effective records of all chains make them.
///
/// Bilateral credit: a pair's balance is the sum of its acknowledged contracts, so anyone who has
/// the records can recompute it. Applying the same records in any order that keeps each chain's
/// own gives the same accounts: a record whose link is not here yet waits for it.
public struct Accounts: Sendable {
  private struct Pair: Hashable, Comparable, Sendable {
    let creditor: PublicKey
    let debtor: PublicKey

    static func < (left: Pair, right: Pair) -> Bool {
      (left.creditor, left.debtor) < (right.creditor, right.debtor)
    }
  }

  /// The highest limit that a LIMIT record may state: a million credits.
  public static let maximumLimit = Credits(credits: 1_000_000)

  /// A party and a slot.
  private struct Place: Hashable, Sendable {
    let party: PublicKey
    let slot: TimeSlot
  }

  /// Contracts that may still move or expose someone, by the identity of their ACCEPT.
  private var live: [Digest: Contract] = [:]
  /// Acknowledged and long lapsed ones.
  private var over: [Digest: Contract] = [:]
  /// Contracts that came as far as their CONFIRM, by each party and slot: what is asked for at
  /// every ACCEPT. Accepted ones are not among them, as anyone may write those without end.
  private var confirmed: [Place: [Digest]] = [:]
  /// Those that still expose the buyer of a pair, and bound ones that lapsed unsettled.
  private var exposing: [Pair: [Digest]] = [:]
  /// Which contract a record that awaits an answer belongs to.
  private var contractByLast: [Digest: Digest] = [:]
  /// Records whose link has not arrived, by that link.
  private var waiting: [Digest: [Record]] = [:]
  /// What debtors owe creditors from acknowledged contracts.
  private var owed: [Pair: Credits] = [:]
  private var limits: [Pair: Credits] = [:]
  /// When the creditor last said so, by its own clock.
  private var limitedAt: [Pair: Instant] = [:]

  public init() {}

  /// Applies a record that its chain has taken; returns the contracts that it moved.
  public mutating func apply(_ record: Record) -> [Contract] {
    var moved: [Contract] = []
    var pending = [record]
    while let next = pending.popLast() {
      guard let contract = applyOne(next) else { continue }
      moved.append(contract)
      // The last is taken first: of two answers to one record, the author's earlier one counts,
      // whichever chain arrived before.
      pending += (waiting.removeValue(forKey: contract.last) ?? []).reversed()
    }
    return moved
  }

  private mutating func applyOne(_ record: Record) -> Contract? {
    switch record.kind {
    case nil: return nil
    case .limit:
      if let peer = record.peer, record.body.count == 1, let amount = record.body[0].integer,
        (0...Self.maximumLimit.rawValue).contains(amount)
      {
        let pair = Pair(creditor: record.author, debtor: peer)
        limits[pair] = Credits(rawValue: amount)
        limitedAt[pair] = record.time
      }
      return nil
    case .accept:
      guard let contract = Contract(accept: record) else { return nil }
      live[contract.identifier] = contract
      contractByLast[contract.last] = contract.identifier
      return contract
    case .confirm, .bind, .settle, .acknowledge:
      guard let link = record.link else { return nil }
      guard let identifier = contractByLast[link], var contract = contract(identifier)
      else {
        waiting[link, default: []].append(record)
        return nil
      }
      guard contract.apply(record) else { return nil }
      contractByLast[link] = nil
      contractByLast[contract.last] = contract.stage == .acknowledged ? nil : identifier
      let wasAside = over.removeValue(forKey: identifier) != nil
      live[identifier] = contract
      let pair = Pair(creditor: contract.seller, debtor: contract.buyer)
      if contract.stage == .confirmed {
        for party in [contract.buyer, contract.seller] {
          confirmed[Place(party: party, slot: contract.slot), default: []].append(identifier)
        }
      }
      if contract.stage == .acknowledged {
        exposing[pair]?.removeAll { $0 == identifier }
        owed[pair, default: .zero] += contract.settlement?.amount ?? .zero
      } else if contract.stage == .confirmed || (contract.stage == .bound && wasAside) {
        exposing[pair, default: []].append(identifier)
      }
      return contract
    }
  }

  /// The contract whose ACCEPT has this identity.
  public func contract(_ identifier: Digest) -> Contract? {
    live[identifier] ?? over[identifier]
  }

  /// Sets aside contracts that are acknowledged, that lapsed a day ago, or that nobody confirmed.
  ///
  /// A CONFIRM, or a BIND written in time, may still arrive; the contract then comes back to life.
  public mutating func retire(at now: Instant) {
    for (identifier, contract) in live.sorted(by: { $0.key < $1.key })
    where contract.stage == .accepted || !contract.isLive(at: now - TimeSpan.day) {
      live[identifier] = nil
      over[identifier] = contract
      let pair = Pair(creditor: contract.seller, debtor: contract.buyer)
      if contract.stage == .confirmed { exposing[pair]?.removeAll { $0 == identifier } }
    }
  }

  /// Contracts of `party` that are not set aside, by slot and identifier.
  public func liveContracts(of party: PublicKey) -> [Contract] {
    live.values.filter { $0.buyer == party || $0.seller == party }
      .sorted { ($0.slot, $0.identifier) < ($1.slot, $1.identifier) }
  }

  /// Contracts of `party` for one slot that came at least as far as their CONFIRM, set aside or
  /// not, by identifier.
  public func confirmed(of party: PublicKey, in slot: TimeSlot) -> [Contract] {
    (confirmed[Place(party: party, slot: slot)] ?? []).sorted().compactMap { contract($0) }
  }

  /// The `latest` contracts of `party`, newest slot first.
  public func contracts(of party: PublicKey, latest: Int) -> [Contract] {
    let all = contracts.filter { $0.buyer == party || $0.seller == party }
    return Array(
      all.sorted { ($1.slot, $1.identifier) < ($0.slot, $0.identifier) }.prefix(latest))
  }

  /// Every contract known, by slot and identifier.
  public var contracts: [Contract] {
    live.merging(over) { first, _ in first }.values.sorted {
      ($0.slot, $0.identifier) < ($1.slot, $1.identifier)
    }
  }

  /// What `other` owes `party`, net; negative when `party` owes.
  public func balance(of party: PublicKey, with other: PublicKey) -> Credits {
    let claim = owed[Pair(creditor: party, debtor: other)] ?? .zero
    return claim - (owed[Pair(creditor: other, debtor: party)] ?? .zero)
  }

  /// The sum of `balance(of:with:)` over all neighbours.
  public func balance(of party: PublicKey) -> Credits {
    var sum = Credits.zero
    for (pair, amount) in owed.sorted(by: { $0.key < $1.key }) {
      if pair.creditor == party { sum += amount }
      if pair.debtor == party { sum -= amount }
    }
    return sum
  }

  /// How much `creditor` lets `debtor` owe; zero until the creditor has said otherwise.
  public func limit(creditor: PublicKey, debtor: PublicKey) -> Credits {
    limits[Pair(creditor: creditor, debtor: debtor)] ?? .zero
  }

  /// What contracts cost that both were bound by and that lapsed unsettled, since the seller last
  /// stated the buyer's limit.
  ///
  /// A buyer that gives no statement is never billed. Without this it would have its whole limit
  /// again every seven days.
  public func unsettled(seller: PublicKey, buyer: PublicKey, at now: Instant) -> Credits {
    let pair = Pair(creditor: seller, debtor: buyer)
    let since = limitedAt[pair] ?? .distantPast
    return (exposing[pair] ?? []).compactMap { contract($0) }
      .filter { $0.stage == .bound && !$0.isLive(at: now) && $0.slot.start >= since }
      .reduce(Credits.zero) { $0 + $1.price.cost(of: $1.energy) }
  }

  /// What `buyer` may still take on with `seller`: limit less balance less open exposure.
  public func credit(seller: PublicKey, buyer: PublicKey, at now: Instant) -> Credits {
    let open = (exposing[Pair(creditor: seller, debtor: buyer)] ?? [])
      .reduce(Credits.zero) { $0 + (live[$1]?.exposure(at: now) ?? .zero) }
    return limit(creditor: seller, debtor: buyer) - balance(of: seller, with: buyer) - open
  }

  /// Every `credit(seller:buyer:at:)` above zero, by seller and buyer.
  ///
  /// Only those can have one for whom a limit was stated or whom the seller owes something.
  public func creditLimits(at now: Instant) -> [CreditLimit] {
    let claims = owed.keys.sorted().map { Pair(creditor: $0.debtor, debtor: $0.creditor) }
    return Set(limits.keys).union(claims).sorted().compactMap { pair in
      let credit = credit(seller: pair.creditor, buyer: pair.debtor, at: now)
      guard credit > .zero else { return nil }
      return CreditLimit(seller: pair.creditor, buyer: pair.debtor, credit: credit)
    }
  }
}
