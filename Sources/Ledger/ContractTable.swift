import Quantities
import Sealing

/// Who may be owed, and by whom.
struct CreditPair: Hashable, Comparable, Sendable {
  let creditor: PublicKey
  let debtor: PublicKey

  static func < (left: CreditPair, right: CreditPair) -> Bool {
    (left.creditor, left.debtor) < (right.creditor, right.debtor)
  }
}

/// The contracts that may still move or expose someone, and those that lately came to an end.
struct ContractTable: Sendable {
  /// A party and a slot.
  private struct Place: Hashable, Sendable {
    let party: PublicKey
    let slot: TimeSlot
  }

  /// Where a contract is entered, so that only what changes is entered anew.
  private struct Filing: Hashable, Sendable {
    var isOpen = false
    var isConfirmed = false
    var exposes = false
    var due = Instant.distantPast
  }

  /// How long after it was due a contract that is over is remembered: a day more than settlement
  /// may take, as the others of its slot share one meter with it.
  static let memory = Contract.settlementTimeOut + TimeSpan.day

  private(set) var byIdentifier: [Digest: Contract] = [:]
  /// Which contract a record belongs to.
  private var identifierByStep: [Digest: Digest] = [:]
  /// Contracts of each party that wait for a record, and have not lapsed as far as `retire` saw.
  private var open: [PublicKey: Set<Digest>] = [:]
  /// The same of all parties together.
  private var openOnes: Set<Digest> = []
  private var filings: [Digest: Filing] = [:]
  /// All contracts by when they were due and identifier, so that only the oldest are looked at.
  private var byDue: [Due] = []
  /// Contracts of energy that came as far as their CONFIRM: what is asked for at every ACCEPT.
  private var confirmed: [Place: Set<Digest>] = [:]
  /// Those that expose the buyer of a pair, and those that lapsed unsettled.
  private var exposing: [CreditPair: Set<Digest>] = [:]
  /// Contracts of a pair are covered by a checkpoint where their ACCEPT lies before this place of
  /// the buyer's chain.
  private(set) var covered: [CreditPair: Int64] = [:]
  /// How far each author's chain has come here.
  private(set) var reach: [PublicKey: Int64] = [:]
  /// When each author, by its own clock, began each stretch of its chain.
  private(set) var begun: [PublicKey: [Int64: Instant]] = [:]

  func contract(_ identifier: Digest) -> Contract? { byIdentifier[identifier] }

  /// The contract that a record with this identity is a part of.
  func contract(with step: Digest) -> Contract? {
    identifierByStep[step].flatMap { byIdentifier[$0] }
  }

  /// Every contract, by when delivery is due and identifier.
  var all: [Contract] { byDue.compactMap { byIdentifier[$0.identity] } }

  /// The `count` of `party` that were due last, the latest first.
  func latest(_ count: Int, of party: PublicKey) -> [Contract] {
    var found: [Contract] = []
    for due in byDue.reversed() where found.count < count {
      guard let contract = byIdentifier[due.identity],
        contract.buyer == party || contract.seller == party
      else { continue }
      found.append(contract)
    }
    return found
  }

  /// By when delivery is due and identifier; places are sorted, as contracts are large.
  func open(of party: PublicKey) -> [Contract] {
    guard let identifiers = open[party], !identifiers.isEmpty else { return [] }
    // Any order: they are sorted at once.
    let order = identifiers.compactMap { identifier in
      filings[identifier].map { Due(at: $0.due, identity: identifier) }
    }
    return order.sorted().compactMap { byIdentifier[$0.identity] }
  }

  func confirmed(of party: PublicKey, in slot: TimeSlot) -> [Contract] {
    contracts(confirmed[Place(party: party, slot: slot)])
  }

  func exposing(_ pair: CreditPair) -> [Contract] { contracts(exposing[pair]) }

  private func contracts(_ identifiers: Set<Digest>?) -> [Contract] {
    guard let identifiers, !identifiers.isEmpty else { return [] }
    return identifiers.sorted().compactMap { byIdentifier[$0] }
  }

  /// An author's chain has come so far.
  mutating func reached(_ sequence: Int64, by author: PublicKey, at time: Instant) {
    reach[author] = max(sequence, reach[author] ?? 0)
    guard sequence % ContractTotals.stretch == 0 else { return }
    begun[author, default: [:]][sequence / ContractTotals.stretch] = time
  }

  /// The furthest place that begins a stretch of an author's chain and was written before
  /// `instant`; 0 when there is none.
  func reach(of author: PublicKey, before instant: Instant) -> Int64 {
    // Any order: a maximum.
    let stretch = begun[author]?.filter { $0.value <= instant }.keys.max() ?? 0
    return stretch * ContractTotals.stretch
  }

  /// Takes over how far chains had come in an earlier run.
  mutating func restore(
    _ author: PublicKey, reach: Int64, begun: [Int64: Instant]
  ) {
    self.reach[author] = reach
    self.begun[author] = begun
  }

  /// Puts a contract in the place of what was known of it.
  ///
  /// - Parameter isOpen: false when `retire` has set it aside.
  mutating func put(_ contract: Contract, isOpen: Bool = true) {
    let identifier = contract.identifier
    for step in contract.identities { identifierByStep[step] = identifier }
    if byIdentifier.updateValue(contract, forKey: identifier) == nil {
      let due = Due(contract)
      byDue.insert(due, at: place(of: due))
    }
    file(contract, isOpen: isOpen && contract.nextAuthor != nil)
  }

  /// Whether a checkpoint has taken its place.
  func covers(_ contract: Contract) -> Bool {
    contract.sequence < covered[contract.pair] ?? 0
  }

  /// A checkpoint takes the place of a pair's contracts before `reach` of the buyer's chain.
  mutating func cover(_ pair: CreditPair, before reach: Int64) {
    guard reach > covered[pair] ?? 0 else { return }
    covered[pair] = reach
    let over = byIdentifier.values.filter { $0.pair == pair && $0.sequence < reach }
    for contract in over.sorted(by: { $0.identifier < $1.identifier }) { forget(contract) }
  }

  /// Takes over how far a checkpoint had come in an earlier run. Covered contracts that are there
  /// had come after it: they stay until they are over, so that their records find them.
  mutating func restore(_ pair: CreditPair, covered reach: Int64) {
    guard reach > 0 else { return }
    covered[pair] = reach
    let late = byIdentifier.values.filter { $0.pair == pair && $0.sequence < reach }
    for contract in late.sorted(by: { $0.identifier < $1.identifier }) {
      file(contract, isOpen: false)
    }
  }

  /// The same after one more record.
  mutating func put(_ contract: Contract, movedBy record: Digest) {
    identifierByStep[record] = contract.identifier
    byIdentifier[contract.identifier] = contract
    file(contract, isOpen: contract.nextAuthor != nil)
  }

  /// Where among the contracts by due date this one is, or belongs.
  private func place(of due: Due) -> Int {
    var (low, high) = (0, byDue.count)
    while low < high {
      let middle = (low + high) / 2
      if byDue[middle] < due { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Whether `retire` has not set it aside, and it waits for a record.
  func isOpen(_ contract: Contract) -> Bool {
    open[contract.buyer]?.contains(contract.identifier) ?? false
  }

  /// Enters the contract where it is looked for, and takes it out where it no longer belongs.
  private mutating func file(_ contract: Contract, isOpen: Bool) {
    let identifier = contract.identifier
    let isOpen = isOpen && !covers(contract)
    let isConfirmed =
      contract.stage != .accepted && contract.stage != .cancelled && !covers(contract)
    let lapsed = contract.stage == .confirmed && !isOpen
    let filing = Filing(
      isOpen: isOpen, isConfirmed: isConfirmed,
      exposes: isConfirmed && contract.stage != .acknowledged && !lapsed, due: contract.terms.due)
    let before = filings.updateValue(filing, forKey: identifier) ?? Filing()
    if filing.isOpen != before.isOpen {
      openOnes.set(identifier, isOpen)
      for party in [contract.buyer, contract.seller] {
        open[party, default: []].set(identifier, isOpen)
      }
    }
    if filing.isConfirmed != before.isConfirmed, let slot = contract.energyTerms?.slot {
      for party in [contract.buyer, contract.seller] {
        confirmed[Place(party: party, slot: slot), default: []].set(identifier, isConfirmed)
      }
    }
    guard filing.exposes != before.exposes else { return }
    exposing[contract.pair, default: []].set(identifier, filing.exposes)
  }

  /// Sets aside what has lapsed, and forgets what can't come back.
  ///
  /// A CONFIRM, or a BIND written in time, may still arrive for what lapsed a day ago; the contract
  /// then comes back to life. Forgotten is what both sides have ended, some days later, and what
  /// nobody was bound by once the buyer's chain is too far on for it.
  mutating func retire(at now: Instant) {
    let old = byDue.prefix { $0.at + Self.memory <= now }
    for due in old {
      if let contract = byIdentifier[due.identity], isOver(contract, at: now) {
        forget(contract)
      }
    }
    let aDayAgo = now - TimeSpan.day
    for identifier in openOnes.sorted() {
      guard let contract = byIdentifier[identifier],
        contract.stage == .accepted || !contract.isLive(at: aDayAgo)
      else { continue }
      file(contract, isOpen: false)
    }
  }

  private func isOver(_ contract: Contract, at now: Instant) -> Bool {
    guard contract.terms.due + Self.memory <= now else { return false }
    if covers(contract) { return true }
    switch contract.stage {
    case .acknowledged, .cancelled: return true
    case .bound, .picked, .settled, .disputed: return false
    case .accepted, .confirmed, .committed:
      return reach[contract.buyer] ?? 0 > contract.sequence + ContractState.window
    }
  }

  private mutating func forget(_ contract: Contract) {
    file(contract, isOpen: false)
    byIdentifier[contract.identifier] = nil
    filings[contract.identifier] = nil
    byDue.remove(at: place(of: Due(contract)))
    for step in contract.identities { identifierByStep[step] = nil }
    let pair = contract.pair
    exposing[pair]?.remove(contract.identifier)
    if exposing[pair]?.isEmpty == true { exposing[pair] = nil }
    for party in [contract.buyer, contract.seller] {
      if open[party]?.isEmpty == true { open[party] = nil }
      guard let slot = contract.energyTerms?.slot else { continue }
      confirmed[Place(party: party, slot: slot)]?.remove(contract.identifier)
      if confirmed[Place(party: party, slot: slot)]?.isEmpty == true {
        confirmed[Place(party: party, slot: slot)] = nil
      }
    }
  }
}

extension Due {
  fileprivate init(_ contract: Contract) {
    self.init(at: contract.terms.due, identity: contract.identifier)
  }
}

extension Set {
  /// Makes the element a member, or none.
  fileprivate mutating func set(_ element: Element, _ isMember: Bool) {
    if isMember { insert(element) } else { remove(element) }
  }
}
