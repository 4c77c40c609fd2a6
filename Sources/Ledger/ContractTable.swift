import Quantities
import Sealing

/// The contracts that may still move or expose someone, and those that lately came to an end.
///
/// They are thousands, and most of what a node holds beside its tags: so each lies in memory once,
/// and whatever finds it holds its number.
struct ContractTable: Sendable {
  /// A party, by its number, and a slot.
  private struct Place: Hashable, Sendable {
    let party: UInt32
    let slot: TimeSlot
  }

  /// Where a contract is entered, so that only what changes is entered anew.
  private struct Filing: Hashable, Sendable {
    var isOpen = false
    var isConfirmed = false
    var exposes = false
  }

  /// A contract that is remembered.
  private struct Entry: Sendable {
    var held: HeldContract
    let due: Instant
    var filing = Filing()
  }

  /// How long after it was due a contract that is over is remembered: a day more than settlement
  /// may take, as the others of its slot share one meter with it.
  static let memory = Contract.settlementTimeOut + TimeSpan.day

  /// By number; nil where a contract was forgotten.
  private var entries: [Entry?] = []
  /// Numbers of forgotten contracts, which are given again.
  private var vacant: [ContractNumber] = []
  /// Which contract a record belongs to, its ACCEPT among them.
  private var byRecord = ContractsByRecord()
  /// Contracts of each party that wait for a record, and have not lapsed as far as `retire` saw.
  private var open: [PublicKey: ContractNumbers] = [:]
  /// The same of all parties together.
  private var openOnes: Set<ContractNumber> = []
  /// All contracts by when they were due and identifier, so that only the oldest are looked at.
  private var byDue: [ContractNumber] = []
  /// Numbers of the parties to contracts of energy that came as far as their CONFIRM…
  private var parties: [PublicKey: UInt32] = [:]
  /// …and those contracts: what is asked for at every ACCEPT.
  private var confirmed: [Place: ContractNumbers] = [:]
  /// Those that expose the buyer of a pair, and those that lapsed unsettled.
  private var exposing: [CreditPair: ContractNumbers] = [:]
  /// Contracts of a pair are covered by a checkpoint where their ACCEPT lies before this place of
  /// the buyer's chain.
  private(set) var covered: [CreditPair: Int64] = [:]
  /// How far each author's chain has come here.
  private(set) var reach: [PublicKey: Int64] = [:]
  /// When each author, by its own clock, began each stretch of its chain.
  private(set) var begun: [PublicKey: [Int64: Instant]] = [:]

  /// How many there are.
  var count: Int { byDue.count }
  /// How many records they have.
  var recordCount: Int { byRecord.count }

  func contract(_ identifier: Digest) -> Contract? {
    knownNumber(of: identifier).flatMap(find)?.contract
  }

  /// The contract that a record with this identity is a part of.
  func contract(with step: Digest) -> Contract? {
    let number = byRecord.number(of: step) { find($0)?.contract.has(step) ?? false }
    return number.flatMap(find)?.contract
  }

  /// Every contract, by when delivery is due and identifier.
  var all: [Contract] { byDue.compactMap { find($0)?.contract } }

  /// Those that are wanted, in an order that depends on how they came.
  func contracts(where isWanted: (Contract) -> Bool) -> [Contract] {
    var wanted: [Contract] = []
    for case .some(let entry) in entries where isWanted(entry.held.contract) {
      wanted.append(entry.held.contract)
    }
    return wanted
  }

  /// Makes room for so many.
  mutating func reserve(_ count: Int) {
    entries.reserveCapacity(count)
    byDue.reserveCapacity(count)
  }

  /// Hands each contract to `body`, by identifier, and says whether it is open.
  func forEach(_ body: (Contract, _ isOpen: Bool) -> Void) {
    let order = entries.compactMap { $0 }.sorted {
      $0.held.contract.identifier < $1.held.contract.identifier
    }
    for entry in order { body(entry.held.contract, entry.filing.isOpen) }
  }

  /// The `count` of `party` that were due last, the latest first.
  func latest(_ count: Int, of party: PublicKey) -> [Contract] {
    var found: [Contract] = []
    for number in byDue.reversed() where found.count < count {
      guard let held = find(number),
        held.contract.buyer == party || held.contract.seller == party
      else { continue }
      found.append(held.contract)
    }
    return found
  }

  /// By when delivery is due and identifier.
  func open(of party: PublicKey) -> [Contract] {
    guard let numbers = open[party] else { return [] }
    return numbers.inAnyOrder.sorted(by: isDueBefore).compactMap { find($0)?.contract }
  }

  func confirmed(of party: PublicKey, in slot: TimeSlot) -> [Contract] {
    contracts(parties[party].flatMap { confirmed[Place(party: $0, slot: slot)] })
  }

  func exposing(_ pair: CreditPair) -> [Contract] { contracts(exposing[pair]) }

  /// By identifier.
  private func contracts(_ numbers: ContractNumbers?) -> [Contract] {
    switch numbers {
    case nil, .empty: return []
    case .single(let number): return find(number).map { [$0.contract] } ?? []
    case .several(let numbers):
      // Any order: they are sorted at once.
      var order = numbers.compactMap(find)
      order.sort { $0.contract.identifier < $1.contract.identifier }
      return order.map(\.contract)
    }
  }

  /// The number of the contract with this identifier.
  private func knownNumber(of identifier: Digest) -> ContractNumber? {
    byRecord.number(of: identifier) { find($0)?.contract.identifier == identifier }
  }

  private func find(_ number: ContractNumber) -> HeldContract? { entries[Int(number)]?.held }

  private func isDueBefore(_ left: ContractNumber, _ right: ContractNumber) -> Bool {
    guard let one = entries[Int(left)], let other = entries[Int(right)] else { return false }
    if one.due != other.due { return one.due < other.due }
    return one.held.contract.identifier < other.held.contract.identifier
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
    let number: ContractNumber
    if let known = knownNumber(of: contract.identifier) {
      number = known
      entries[Int(number)]?.held = HeldContract(contract)
    } else {
      number = add(contract)
    }
    for record in contract.identities { byRecord.insert(record, of: number) }
    file(number, isOpen: isOpen && contract.nextAuthor != nil)
  }

  /// Gives a contract a number.
  private mutating func add(_ contract: Contract) -> ContractNumber {
    let entry = Entry(held: HeldContract(contract), due: contract.terms.due)
    let number = vacant.popLast() ?? ContractNumber(entries.count)
    if Int(number) == entries.count { entries.append(entry) } else { entries[Int(number)] = entry }
    byDue.insert(number, at: place(of: number))
    return number
  }

  /// Whether a checkpoint has taken its place.
  func covers(_ contract: Contract) -> Bool {
    contract.sequence < covered[contract.pair] ?? 0
  }

  /// A checkpoint takes the place of a pair's contracts before `reach` of the buyer's chain.
  mutating func cover(_ pair: CreditPair, before reach: Int64) {
    guard reach > covered[pair] ?? 0 else { return }
    covered[pair] = reach
    for number in numbers(of: pair, before: reach) { forget(number) }
  }

  /// Takes over how far a checkpoint had come in an earlier run. Covered contracts that are there
  /// had come after it: they stay until they are over, so that their records find them.
  mutating func restore(_ pair: CreditPair, covered reach: Int64) {
    guard reach > 0 else { return }
    covered[pair] = reach
    for number in numbers(of: pair, before: reach) { file(number, isOpen: false) }
  }

  /// The contracts of a pair whose ACCEPT lies before a place of the buyer's chain.
  private func numbers(of pair: CreditPair, before reach: Int64) -> [ContractNumber] {
    byDue.filter { number in
      guard let held = find(number) else { return false }
      return held.contract.sequence < reach && held.contract.pair == pair
    }
  }

  /// The same after one more record.
  mutating func put(_ contract: Contract, movedBy record: Digest) {
    guard let number = knownNumber(of: contract.identifier) else { return }
    byRecord.insert(record, of: number)
    entries[Int(number)]?.held = HeldContract(contract)
    file(number, isOpen: contract.nextAuthor != nil)
  }

  /// Where among the contracts by due date this one is, or belongs.
  private func place(of number: ContractNumber) -> Int {
    var (low, high) = (0, byDue.count)
    while low < high {
      let middle = (low + high) / 2
      if isDueBefore(byDue[middle], number) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Enters the contract where it is looked for, and takes it out where it no longer belongs.
  private mutating func file(_ number: ContractNumber, isOpen: Bool) {
    guard let entry = entries[Int(number)] else { return }
    let contract = entry.held.contract
    let isCovered = covers(contract)
    let isOpen = isOpen && !isCovered
    let isConfirmed =
      contract.stage != .accepted && contract.stage != .cancelled && !isCovered
    let lapsed = contract.stage == .confirmed && !isOpen
    let filing = Filing(
      isOpen: isOpen, isConfirmed: isConfirmed,
      exposes: isConfirmed && contract.stage != .acknowledged && !lapsed)
    enter(number, contract, filing, before: entry.filing)
  }

  private mutating func enter(
    _ number: ContractNumber, _ contract: Contract, _ filing: Filing, before: Filing
  ) {
    guard filing != before else { return }
    entries[Int(number)]?.filing = filing
    let sides = [contract.buyer, contract.seller]
    if filing.isOpen != before.isOpen {
      if filing.isOpen { openOnes.insert(number) } else { openOnes.remove(number) }
      for party in sides { open.set(number, under: party, filing.isOpen) }
    }
    if filing.isConfirmed != before.isConfirmed, let slot = contract.energyTerms?.slot {
      for party in sides {
        let place = Place(party: self.number(of: party), slot: slot)
        confirmed.set(number, under: place, filing.isConfirmed)
      }
    }
    guard filing.exposes != before.exposes else { return }
    exposing.set(number, under: contract.pair, filing.exposes)
  }

  /// A party's number: eight bytes with a slot where its key would take forty, twice a contract.
  private mutating func number(of party: PublicKey) -> UInt32 {
    if let known = parties[party] { return known }
    let number = UInt32(parties.count)
    parties[party] = number
    return number
  }

  /// Sets aside what has lapsed, and forgets what can't come back.
  ///
  /// A CONFIRM, or a BIND written in time, may still arrive for what lapsed a day ago; the contract
  /// then comes back to life. Forgotten is what both sides have ended, some days later, and what
  /// nobody was bound by once the buyer's chain is too far on for it.
  mutating func retire(at now: Instant, forgetting: Bool) {
    if forgetting { forgetOld(at: now) }
    let aDayAgo = now - TimeSpan.day
    for number in openOnes.sorted() {
      guard let held = find(number),
        held.contract.stage == .accepted || !held.contract.isLive(at: aDayAgo)
      else { continue }
      file(number, isOpen: false)
    }
  }

  private mutating func forgetOld(at now: Instant) {
    let old = byDue.prefix { number in
      entries[Int(number)].map { $0.due + Self.memory <= now } ?? false
    }
    for number in old {
      if let held = find(number), isOver(held.contract, at: now) { forget(number) }
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

  private mutating func forget(_ number: ContractNumber) {
    guard let entry = entries[Int(number)] else { return }
    let contract = entry.held.contract
    enter(number, contract, Filing(), before: entry.filing)
    byDue.remove(at: place(of: number))
    for record in contract.identities { byRecord.remove(record, of: number) }
    entries[Int(number)] = nil
    vacant.append(number)
  }
}
