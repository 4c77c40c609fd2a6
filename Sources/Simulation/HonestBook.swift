import Ledger
import Market
import Quantities
import Sealing

/// What one honest house has put at risk with each neighbour, by the records on its own disk.
///
/// The rule that it checks: whatever neighbours do, what a house may lose to one of them is never
/// above the limit that its owner typed for that neighbour, and to all together never above the
/// most that it lends. Counted is
///
/// - of what it sold: the agreed cost from its CONFIRM on, for as long as the contract can still
///   bind or is bound, and what it stated in its SETTLE from then on, whether or not the buyer ever
///   signs; a contract whose BIND had not come when its slot began has lapsed and counts nothing,
///   as nothing was held for it;
/// - less what it has itself acknowledged to owe that neighbour, and what it has receipted;
/// - with circles taken off both.
///
/// As a buyer it is never charged for more than its own meter counted or its own workshop found in
/// the results, nor at a higher price than it agreed to. What the protocol leaves open: that a
/// neighbour's meter lies about which sunlight it was, within these bounds; and that a house gets
/// nothing for what others have not acknowledged.
struct HonestBook: Sendable {
  struct Entry: Sendable {
    let isSeller: Bool
    let other: PublicKey
    let terms: ContractTerms
    var isConfirmed = false
    var isBound = false
    var isCancelled = false
    /// What the seller states: this house's own latest SETTLE.
    var stated: Credits?
    var statedQuantity: Int64 = 0
    /// What the buyer has signed for: the most of its ACKNOWLEDGEs and DISPUTEs.
    var signed = Credits.zero
    var signedQuantity: Int64 = 0
  }

  let own: PublicKey
  private let claimsAtMost: Credits
  private(set) var limits: [PublicKey: Credits] = [:]
  private(set) var entries: [Digest: Entry] = [:]
  private var byOther: [PublicKey: [Digest]] = [:]
  /// Which contract a record is a part of.
  private var contractOf: [Digest: Digest] = [:]
  /// What each SETTLE states.
  private var settlements: [Digest: (quantity: Int64, amount: Credits)] = [:]
  /// What this house receipted, and what it was receipted.
  private var received: [PublicKey: Credits] = [:]
  private var receipted: [PublicKey: Credits] = [:]
  private var circles: [Digest: RecountedCircle] = [:]
  private var nettedClaims: [PublicKey: Credits] = [:]
  private var nettedDebts: [PublicKey: Credits] = [:]
  private(set) var sold: [TimeSlot: Energy] = [:]
  private(set) var bought: [TimeSlot: Energy] = [:]
  /// Which record of each sequence is on the disk, and who has written two.
  private var places: [PublicKey: [Int64: Digest]] = [:]
  private(set) var forkers: Set<PublicKey> = []
  /// Contracts with each neighbour that the buyer has acknowledged.
  private(set) var settledWith: [PublicKey: Int] = [:]

  init(own: PublicKey, claimsAtMost: Credits) {
    self.own = own
    self.claimsAtMost = claimsAtMost
  }

  /// The contract that a record belongs to.
  func contract(of record: Record) -> (identifier: Digest, entry: Entry)? {
    guard let identifier = contractOf[record.identity], let entry = entries[identifier] else {
      return nil
    }
    return (identifier, entry)
  }

  /// A record is durable on this house's disk; `clock` is the house's own.
  mutating func observe(_ record: Record, at clock: Instant) throws(BrokenInvariant) {
    let isOwn = record.author == own
    let known = places[record.author]?[record.sequence]
    if known == nil { places[record.author, default: [:]][record.sequence] = record.identity }
    if known.map({ $0 != record.identity }) ?? false { forkers.insert(record.author) }
    switch record.kind {
    case .accept: open(record)
    case .limit where isOwn:
      // One that grows with what the neighbour gives is typed with where it ends.
      let place = record.body.count == 3 ? 2 : 0
      if let peer = record.peer, record.body.count > place,
        let amount = record.body[place].integer
      {
        limits[peer] = Credits(rawValue: amount)
      }
    case .receipt: receive(record)
    case .net:
      if let circle = RecountedCircle(net: record) { circles[record.identity] = circle }
    case .agree: try agree(record, at: clock)
    case .confirm, .bind, .settle, .acknowledge, .cancel, .dispute, .commit, .pick:
      try follow(record, isOwn: isOwn, at: clock)
    default: break
    }
  }

  private mutating func open(_ record: Record) {
    guard let seller = record.peer, record.author == own || seller == own, seller != record.author,
      let terms = ContractTerms(body: record.body), entries[record.identity] == nil
    else { return }
    let other = seller == own ? record.author : seller
    entries[record.identity] = Entry(isSeller: seller == own, other: other, terms: terms)
    byOther[other, default: []].append(record.identity)
    contractOf[record.identity] = record.identity
  }

  private mutating func follow(
    _ record: Record, isOwn: Bool, at clock: Instant
  ) throws(BrokenInvariant) {
    guard let link = record.link, let identifier = contractOf[link],
      let entry = entries[identifier], isOwn || record.author == entry.other
    else { return }
    contractOf[record.identity] = identifier
    switch record.kind {
    case .confirm where entry.isSeller && isOwn:
      entries[identifier]?.isConfirmed = true
      guard !forkers.contains(entry.other) else {
        throw BrokenInvariant(
          .lossIsLimited, "\(own.short) sells to \(entry.other.short), which it saw fork")
      }
      try checkRisk(with: entry.other, at: clock)
      let all = byOther.keys.sorted().reduce(Credits.zero) {
        $0 + max(.zero, risk(with: $1, at: clock))
      }
      guard all <= claimsAtMost else {
        throw BrokenInvariant(
          .lossIsLimited, "\(own.short) has lent \(all.text) of at most \(claimsAtMost.text)")
      }
    case .bind where entry.isSeller:
      if clock < entry.terms.begins { entries[identifier]?.isBound = true }
    case .commit where entry.isSeller && isOwn: entries[identifier]?.isBound = true
    case .cancel: entries[identifier]?.isCancelled = true
    case .settle: settle(record, identifier, isOwn: isOwn)
    case .acknowledge where isOwn != entry.isSeller:
      if let stated = settlements[link] { sign(stated.quantity, stated.amount, identifier) }
      settledWith[entry.other, default: 0] += 1
    case .dispute where isOwn != entry.isSeller:
      guard record.body.count == 3, let quantity = record.body[0].integer,
        let amount = record.body[1].integer
      else { return }
      sign(quantity, Credits(rawValue: amount), identifier)
    default: break
    }
  }

  private mutating func settle(_ record: Record, _ identifier: Digest, isOwn: Bool) {
    guard let entry = entries[identifier], record.body.count >= 2,
      let quantity = record.body[0].integer, let amount = record.body[1].integer
    else { return }
    settlements[record.identity] = (quantity, Credits(rawValue: amount))
    guard entry.isSeller, isOwn else { return }
    if let slot = EnergyTerms(entry.terms)?.slot {
      sold[slot, default: .zero] += Energy(rawValue: quantity - entry.statedQuantity)
    }
    entries[identifier]?.stated = Credits(rawValue: amount)
    entries[identifier]?.statedQuantity = quantity
  }

  private mutating func sign(_ quantity: Int64, _ amount: Credits, _ identifier: Digest) {
    guard let entry = entries[identifier] else { return }
    if !entry.isSeller, let slot = EnergyTerms(entry.terms)?.slot {
      let more = max(0, quantity - entry.signedQuantity)
      bought[slot, default: .zero] += Energy(rawValue: more)
    }
    entries[identifier]?.signed = max(entry.signed, amount)
    entries[identifier]?.signedQuantity = max(entry.signedQuantity, quantity)
  }

  private mutating func receive(_ record: Record) {
    guard let peer = record.peer, record.body.count == 1, let amount = record.body[0].integer,
      (1...LimitRule.maximum.rawValue).contains(amount)
    else { return }
    if record.author == own { received[peer, default: .zero] += Credits(rawValue: amount) }
    if peer == own { receipted[record.author, default: .zero] += Credits(rawValue: amount) }
  }

  private mutating func agree(_ record: Record, at clock: Instant) throws(BrokenInvariant) {
    guard let link = record.link, circles[link]?.take(record) == true,
      let circle = circles[link], let place = circle.parties.firstIndex(of: own)
    else { return }
    let count = circle.parties.count
    let debtor = circle.parties[(place + count - 1) % count]
    let creditor = circle.parties[(place + 1) % count]
    nettedClaims[debtor, default: .zero] += circle.amount
    nettedDebts[creditor, default: .zero] += circle.amount
    try checkRisk(with: creditor, at: clock)
  }
}

// What follows from it.
extension HonestBook {
  /// What this house may lose to `other`, by its own clock.
  func risk(with other: PublicKey, at clock: Instant) -> Credits {
    var sum = (nettedDebts[other] ?? .zero) - (nettedClaims[other] ?? .zero)
    sum -= received[other] ?? .zero
    for identifier in byOther[other] ?? [] {
      guard let entry = entries[identifier] else { continue }
      sum += entry.isSeller ? entry.atRisk(at: clock) : -entry.signed
    }
    return sum
  }

  private func checkRisk(with other: PublicKey, at clock: Instant) throws(BrokenInvariant) {
    let risk = risk(with: other, at: clock)
    let limit = limits[other] ?? .zero
    guard risk <= max(.zero, limit) else {
      throw BrokenInvariant(
        .lossIsLimited,
        "\(own.short) has \(risk.text) at risk with \(other.short), its owner typed \(limit.text)")
    }
  }

  /// Between what `balance` with `other` must lie: what either side has signed, and nothing else.
  ///
  /// Only who forks can take back what it signed, so the lower bound leaves others' signatures out.
  func balances(with other: PublicKey) -> ClosedRange<Credits> {
    var debt = -(receipted[other] ?? .zero) - (nettedDebts[other] ?? .zero)
    var claim = -(received[other] ?? .zero) - (nettedClaims[other] ?? .zero)
    let least = claim
    for identifier in byOther[other] ?? [] {
      guard let entry = entries[identifier] else { continue }
      if entry.isSeller { claim += entry.signed } else { debt += entry.signed }
    }
    return (least - debt)...(claim - debt)
  }

  /// Everybody with whom there is a contract.
  var others: [PublicKey] { byOther.keys.sorted() }
}

extension HonestBook.Entry {
  /// What the seller may lose by it.
  fileprivate func atRisk(at clock: Instant) -> Credits {
    guard isConfirmed, !isCancelled else { return .zero }
    if let stated { return stated }
    return isBound || clock < terms.begins ? terms.cost : .zero
  }
}

extension ContractTerms {
  /// From when on a contract that nobody is bound by has lapsed.
  fileprivate var begins: Instant {
    switch self {
    case .energy(let terms): terms.slot.start
    case .computing(let terms): terms.deadline
    }
  }
}
