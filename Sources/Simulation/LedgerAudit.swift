import HeliographCore
import Ledger
import Quantities
import Sealing

/// Watches every record at the moment at which it becomes durable somewhere, and the rules that
/// honest nodes must never break on the way.
///
/// It knows the houses' true registers, which no node of the neighbourhood does.
public struct LedgerAudit: Sendable {
  /// How far a node's clock may be off from true time.
  private let clockTolerance: TimeSpan
  /// One author's chain as its own disk has it.
  private struct Chain: Sendable {
    let author: PublicKey
    var identities: [Digest] = []
    var bytes: [[UInt8]] = []
  }

  private var chains: [Chain]
  /// Numbers of the authors who may break every rule; what they write is only remembered.
  private let dishonest: Set<Int>
  /// The authors' numbers, by key.
  private let numbers: [PublicKey: Int]
  /// Everything that is durable at its author.
  private var known: [Digest: Record] = [:]
  /// By identity of the record that brought the present stage.
  private var open: [Digest: Contract] = [:]
  /// Identities of the records that are behind a contract's present one.
  private var answered: Set<Digest> = []
  /// What was settled for each slot, by seller and by buyer.
  private var sold: [Place: Energy] = [:]
  private var bought: [Place: Energy] = [:]
  /// The registers at whole minutes, a row for each author.
  private var registers: [RegisterHistory]

  /// What was counted on each node's disk.
  private var recounts: [Recount]
  /// The energy of each contract's latest SETTLE: another after a dispute takes its place.
  private var stated: [Digest: Energy] = [:]

  private struct Recount: Sendable {
    var accounts = RecountedAccounts()
    var counted = 0
    /// Identity of the last record that was counted.
    var last = Digest.zero

    mutating func take(_ record: Record?) {
      if let record { accounts.take(record) }
    }
  }

  private struct Place: Hashable, Sendable {
    let author: Int
    let slot: TimeSlot
  }

  public private(set) var recordCount = 0
  public private(set) var contractsBound = 0
  public private(set) var contractsSettled = 0
  public private(set) var energySettled = Energy.zero
  public private(set) var creditsMoved = Credits.zero
  /// Contracts for computing among those that are settled.
  public private(set) var computingSettled = 0
  public private(set) var receipts = 0
  /// AGREEs to take circles of debts off.
  public private(set) var agreements = 0
  /// How many records came that may have moved a balance.
  private(set) var movements = 0

  /// - Parameter dishonest: the places in `authors` of those who keep no rule.
  public init(authors: [PublicKey], clockTolerance: TimeSpan, dishonest: Set<Int> = []) {
    self.dishonest = dishonest
    chains = authors.map { Chain(author: $0) }
    numbers = Dictionary(
      authors.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    registers = authors.map { _ in RegisterHistory() }
    recounts = authors.map { _ in Recount() }
    self.clockTolerance = clockTolerance
  }

  /// The houses' meters at a whole minute, unrounded, in the order of the authors.
  public mutating func mark(_ house: Int, at now: Instant, imported: Energy, exported: Energy) {
    registers[house].append(at: now, imported: imported, exported: exported)
  }

  /// A record is durable on the disk of `node` (its number).
  public mutating func observe(
    _ stored: StoredRecord, on node: Int, resolutions: [Energy]
  ) throws(BrokenInvariant) {
    try observe(stored, on: node, resolutions: resolutions, knowing: FrameMemo())
  }

  /// The same; what `memo` knows of a cheat's record is not verified again. An honest house's is.
  mutating func observe(
    _ stored: StoredRecord, on node: Int, resolutions: [Energy], knowing memo: FrameMemo
  ) throws(BrokenInvariant) {
    guard let author = numbers[stored.author] else {
      throw BrokenInvariant(.wellFormed, "a record of the stranger \(stored.author.short)")
    }
    if dishonest.contains(author) {
      if known[stored.identity] == nil {
        known[stored.identity] = memo.known(stored.bytes) ?? (try? Record(decoding: stored.bytes))
      }
      return
    }
    if author != node {
      guard known[stored.identity] != nil else {
        throw BrokenInvariant(
          .durableBeforeVisible,
          "node \(node) has record \(stored.sequence) of node \(author), which has lost it or"
            + " never had it")
      }
      return
    }
    let position = Int(stored.sequence)
    if position < chains[author].identities.count {
      guard chains[author].identities[position] == stored.identity else {
        throw BrokenInvariant(
          .noFork, "node \(author) signed two records of sequence \(stored.sequence)")
      }
      return
    }
    guard position == chains[author].identities.count else {
      throw BrokenInvariant(
        .nothingLost,
        "node \(author) wrote record \(stored.sequence) after"
          + " \(chains[author].identities.count - 1)")
    }
    chains[author].identities.append(stored.identity)
    chains[author].bytes.append(stored.bytes)
    recordCount += 1
    try follow(stored, by: author, resolutions: resolutions)
  }

  /// Whether the disk of `node` still holds all that it wrote, and every record as it was written.
  public func check(_ store: SimulatedStore, of node: Int) throws(BrokenInvariant) {
    if dishonest.contains(node) { return }
    var own = 0
    for stored in store.kept {
      guard let author = numbers[stored.author], !dishonest.contains(author) else { continue }
      let position = Int(stored.sequence)
      guard chains[author].bytes.indices.contains(position),
        chains[author].bytes[position] == stored.bytes
      else {
        throw BrokenInvariant(
          .nothingLost,
          "record \(position) of node \(author) on the disk of node \(node) is not what was"
            + " written")
      }
      if author == node { own += 1 }
    }
    guard own == chains[node].bytes.count else {
      throw BrokenInvariant(
        .nothingLost, "node \(node) has \(own) of its \(chains[node].bytes.count) records")
    }
  }

  /// Goes on counting what is on the disk of `node`, from where it stopped.
  mutating func recount(_ store: SimulatedStore, of node: Int) {
    let counted = recounts[node].counted
    // A disk that was put back to what it was is counted anew.
    if counted > store.records.count
      || counted > 0 && store.records[counted - 1].identity != recounts[node].last
    {
      recounts[node] = Recount()
    }
    for stored in store.records[recounts[node].counted...] { recounts[node].take(record(stored)) }
    recounts[node].counted = store.records.count
    recounts[node].last = store.records.last?.identity ?? .zero
  }

  /// The accounts that follow from what was on the disk of `node` at the last `recount`.
  func accounts(of node: Int) -> RecountedAccounts { recounts[node].accounts }

  /// The same from nothing but the disk, whatever was counted before.
  func accountsAfresh(of store: SimulatedStore) -> RecountedAccounts {
    RecountedAccounts(of: store.records.compactMap { record($0) })
  }

  /// What an author's disk held once, verified.
  func record(_ identity: Digest) -> Record? { known[identity] }

  private func record(_ stored: StoredRecord) -> Record? {
    known[stored.identity] ?? (try? Record(decoding: stored.bytes, verifying: false))
  }

  private mutating func follow(
    _ stored: StoredRecord, by author: Int, resolutions: [Energy]
  ) throws(BrokenInvariant) {
    let record: Record
    do { record = try Record(decoding: stored.bytes) } catch {
      throw BrokenInvariant(
        .bothSigned, "record \(stored.sequence) of node \(author): \(error.text)")
    }
    guard record.identity == stored.identity, record.author == stored.author,
      record.sequence == stored.sequence,
      record.previous == chains[author].identities.dropLast().last
    else {
      throw BrokenInvariant(
        .wellFormed,
        "record \(stored.sequence) of node \(author) does not follow its chain, or is filed under"
          + " another name")
    }
    known[record.identity] = record
    if isWithAdversary(record) {
      if record.kind != .accept && record.kind != .confirm { movements += 1 }
      return
    }
    switch record.kind {
    case .limit, .payment, .receipt, .default, .net, .agree:
      if record.kind == .receipt { receipts += 1 }
      if record.kind == .agree { agreements += 1 }
      if record.kind == .receipt || record.kind == .agree { movements += 1 }
      return
    default: break
    }
    if let contract = Contract(accept: record) {
      open[contract.last] = contract
      return
    }
    guard let link = record.link, var contract = open.removeValue(forKey: link) else {
      let again = record.link.map { answered.contains($0) } ?? false
      throw BrokenInvariant(
        again ? .settledOnce : .wellFormed,
        "record \(record.sequence) of node \(author) (kind \(record.kindNumber)) answers "
          + (again ? "what was answered before" : "nothing that is known"))
    }
    guard contract.apply(record) else {
      throw BrokenInvariant(
        .wellFormed,
        "record \(record.sequence) of node \(author) (kind \(record.kindNumber))"
          + " is no next step of its contract")
    }
    answered.insert(link)
    open[contract.last] = contract
    if record.kind == .bind { contractsBound += 1 }
    if record.kind == .settle { try settle(contract, resolutions: resolutions) }
    if record.kind == .acknowledge, let settlement = contract.settlement {
      contractsSettled += 1
      if contract.energyTerms != nil {
        energySettled += settlement.energy
      } else {
        computingSettled += 1
      }
      creditsMoved += settlement.amount
    }
    if record.kind == .acknowledge || record.kind == .dispute { movements += 1 }
  }

  /// Whether a record is for someone who keeps no rule: such contracts are looked at elsewhere.
  private func isWithAdversary(_ record: Record) -> Bool {
    dishonest.contains { chains[$0].author == record.peer }
  }

  /// What the true registers of a house moved in `slot`, at most, as far as its node could count
  /// it there; nil when that is not remembered.
  func moved(_ house: Int, in slot: TimeSlot) -> (imported: Energy, exported: Energy)? {
    let from = slot.start - clockTolerance
    let to = slot.end + MeterStatement.boundaryTolerance + clockTolerance
    guard let imported = registers[house].imported(from: from, to: to),
      let exported = registers[house].exported(from: from, to: to)
    else { return nil }
    return (imported, exported)
  }

  /// A SETTLE states no more than the houses' own meters moved in the slot.
  private mutating func settle(
    _ contract: Contract, resolutions: [Energy]
  ) throws(BrokenInvariant) {
    guard let settlement = contract.settlement, let slot = contract.energyTerms?.slot,
      let seller = chains.firstIndex(where: { $0.author == contract.seller }),
      let buyer = chains.firstIndex(where: { $0.author == contract.buyer })
    else { return }
    let from = slot.start - clockTolerance
    let to = slot.end + MeterStatement.boundaryTolerance + clockTolerance
    let sides = [
      (house: seller, moved: registers[seller].exported(from: from, to: to), word: "exported"),
      (house: buyer, moved: registers[buyer].imported(from: from, to: to), word: "imported"),
    ]
    let more = settlement.energy - (stated[contract.identifier] ?? .zero)
    stated[contract.identifier] = settlement.energy
    sold[Place(author: seller, slot: slot), default: .zero] += more
    bought[Place(author: buyer, slot: slot), default: .zero] += more
    let settled = [
      sold[Place(author: seller, slot: slot)] ?? .zero,
      bought[Place(author: buyer, slot: slot)] ?? .zero,
    ]
    for (side, total) in zip(sides, settled) {
      guard let moved = side.moved else { continue }
      guard total <= moved + resolutions[side.house] else {
        throw BrokenInvariant(
          .metered,
          "slot \(slot.index): \(total.milliwattHours) mWh are settled for node"
            + " \(side.house), which \(side.word) \(moved.milliwattHours) mWh")
      }
    }
  }
}
