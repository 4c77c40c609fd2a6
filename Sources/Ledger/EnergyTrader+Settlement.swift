import Market
import Quantities
import Sealing

/// Settlement: both meters are read, each side tells the other, the lesser share is owed.
extension EnergyTrader {
  private static let ownPrefix = "meter/own/"
  private static let theirPrefix = "meter/their/"

  /// A meter reading; marks slot boundaries and makes the statements that become possible.
  public mutating func meter(
    _ boundary: RegisterMarks.Boundary, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    let slot = TimeSlot(containing: now)
    let isTrading = ledger.accounts.liveContracts(of: ownKey).contains { $0.slot == slot }
    let taken = marks.take(boundary, keeping: isTrading)
    let stores = taken.changes.map(Action.store)
    return taken.beginsSlot ? stores + settleDue(&ledger, at: now) : stores
  }

  /// Whether this node disagrees with a contract's settlement.
  public func disputes(_ contract: Digest) -> Bool { disputed.contains(contract) }

  /// Takes up what could not be done when it was due: a step that waited for the own chain to be
  /// complete again, a statement, a settlement.
  public mutating func catchUp(_ ledger: inout CommunityLedger, at now: Instant) -> [Action] {
    var actions: [Action] = []
    for contract in ledger.accounts.liveContracts(of: ownKey)
    where contract.nextAuthor == ownKey && contract.stage == .confirmed {
      actions += answer(contract, &ledger, at: now)
    }
    return actions + settleDue(&ledger, at: now)
  }

  /// Makes, sends and settles whatever is due among the live contracts.
  public mutating func settleDue(_ ledger: inout CommunityLedger, at now: Instant) -> [Action] {
    var actions: [Action] = []
    for contract in ledger.accounts.liveContracts(of: ownKey)
    where contract.slot.end <= now && contract.isLive(at: now) {
      actions += settle(contract, &ledger, at: now)
    }
    return actions
  }

  /// The other side's statement arrived.
  public mutating func take(
    statementBytes: [UInt8], from peer: PublicKey, _ ledger: inout CommunityLedger, at now: Instant
  ) throws(SealedContentError) -> [Action] {
    let statement = try MeterStatement(decoding: statementBytes)
    guard statement.author == peer,
      let contract = ledger.accounts.contract(statement.contract),
      contract.counterpart(of: ownKey) == peer, statement.covers(contract.slot)
    else { throw .malformed("a statement about a contract with its sender, or not of its slot") }
    guard theirStatements[contract.identifier] == nil, contract.stage < .acknowledged else {
      return []
    }
    guard statement.share <= greatestShare(of: contract, by: statement, ledger) else {
      throw .malformed("a statement by the rule: it shares out one delivery more than once")
    }
    theirStatements[contract.identifier] = statement
    let value = KeyedValue(
      key: Self.theirPrefix + contract.identifier.hexadecimal, value: statementBytes)
    return [.store(value)] + settle(contract, &ledger, at: now)
  }

  /// The statements of unsettled contracts that `peer` may have missed.
  public func resend(to peer: PublicKey, _ ledger: CommunityLedger, at now: Instant) -> [Action] {
    ledger.accounts.liveContracts(of: ownKey).compactMap { contract in
      guard contract.counterpart(of: ownKey) == peer, contract.isLive(at: now),
        let statement = ownStatements[contract.identifier]
      else { return nil }
      return .statement(to: peer, bytes: statement.bytes)
    }
  }

  /// The next step of a contract whose slot is over, if all that it needs is here.
  mutating func settle(
    _ contract: Contract, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    guard contract.stage == .bound || contract.stage == .settled,
      let other = contract.counterpart(of: ownKey)
    else { return [] }
    var actions = state(contract, to: other, ledger)
    let isSeller = contract.seller == ownKey
    guard let own = ownStatements[contract.identifier],
      let their = theirStatements[contract.identifier]
    else { return actions }
    let delivered = MeterStatement.delivered(
      contract, seller: isSeller ? own : their, buyer: isSeller ? their : own)
    if contract.stage == .bound, isSeller {
      let settlement = Contract.Settlement(
        energy: delivered, amount: contract.price.cost(of: delivered),
        sellerStatement: own.identity, buyerStatement: their.identity)
      return actions
        + step(.settle, contract, to: other, body: settlement.body, &ledger, at: now)
    }
    guard contract.stage == .settled, !isSeller, let stated = contract.settlement else {
      return actions
    }
    if stated.energy == delivered, stated.sellerStatement == their.identity,
      stated.buyerStatement == own.identity
    {
      return actions + step(.acknowledge, contract, to: other, &ledger, at: now)
    }
    if disputed.insert(contract.identifier).inserted {
      actions.append(
        .say(
          "disputed: \(name(of: other)) claims \(stated.energy.text), the meters bear out "
            + delivered.text))
    }
    return actions
  }

  /// Makes and sends this side's statement once both marks of the slot are known.
  private mutating func state(
    _ contract: Contract, to other: PublicKey, _ ledger: CommunityLedger
  ) -> [Action] {
    guard ownStatements[contract.identifier] == nil,
      let (opening, closing) = marks.marks(of: contract.slot)
    else { return [] }
    let isSeller = contract.seller == ownKey
    func mark(_ boundary: RegisterMarks.Boundary) -> MeterStatement.Mark {
      .init(at: boundary.at, register: isSeller ? boundary.exported : boundary.imported)
    }
    let (first, last) = (mark(opening), mark(closing))
    let measured = last.register - first.register
    let total = counted(of: ownKey, contract, ledger)
    guard measured >= .zero,
      let statement = MeterStatement(
        contract: contract, keys: keys, opening: first, closing: last,
        resolution: closing.resolution,
        share: MeterStatement.share(of: measured, for: contract.energy, among: total))
    else {
      guard disputed.insert(contract.identifier).inserted else { return [] }
      return [.say("the meter's register went down in the slot of a trade: not settled")]
    }
    ownStatements[contract.identifier] = statement
    let key = Self.ownPrefix + contract.identifier.hexadecimal
    return [
      .store(KeyedValue(key: key, value: statement.bytes)),
      .statement(to: other, bytes: statement.bytes),
    ]
  }

  /// The most that the other side's measurement leaves for `contract`, by the contracts that its
  /// author is known to have for the slot: all that count are on its chain, so an honest share is
  /// never more; one that is not known here yet could only make it less.
  private func greatestShare(
    of contract: Contract, by statement: MeterStatement, _ ledger: CommunityLedger
  ) -> Energy {
    let total = counted(of: statement.author, contract, ledger)
    return MeterStatement.share(
      of: statement.measured, for: contract.energy, among: max(total, contract.energy))
  }

  /// The energies agreed of the contracts that count for `party`'s share of `contract`.
  ///
  /// The seller counts what it confirmed, the buyer what it bound: both know these by themselves,
  /// so a record that is still under way never changes a share.
  private func counted(
    of party: PublicKey, _ contract: Contract, _ ledger: CommunityLedger
  ) -> Energy {
    let isSeller = contract.seller == party
    return ledger.accounts.confirmed(of: party, in: contract.slot)
      .filter { isSeller ? $0.seller == party : $0.buyer == party && $0.stage >= .bound }
      .reduce(Energy.zero) { $0 + $1.energy }
  }

  /// Forgets statements of contracts that are over: both sides have signed the outcome.
  mutating func forgetOld(_ ledger: CommunityLedger) -> [Action] {
    let live = Set(ledger.accounts.liveContracts(of: ownKey).map(\.identifier))
    let known = Set(ownStatements.keys).union(theirStatements.keys)
    disputed = disputed.filter { live.contains($0) }
    return known.subtracting(live).sorted().flatMap { identifier -> [Action] in
      ownStatements[identifier] = nil
      theirStatements[identifier] = nil
      return [Self.ownPrefix, Self.theirPrefix].map {
        .store(KeyedValue(key: $0 + identifier.hexadecimal, value: nil))
      }
    }
  }

  /// Takes back what an earlier run stored; keys of others are left alone.
  public mutating func restore(key: String, value: [UInt8]) {
    marks.restore(key: key, value: value)
    guard key.hasPrefix(Self.ownPrefix) || key.hasPrefix(Self.theirPrefix),
      let statement = try? MeterStatement(decoding: value)
    else { return }
    if key.hasPrefix(Self.ownPrefix) {
      ownStatements[statement.contract] = statement
    } else {
      theirStatements[statement.contract] = statement
    }
  }
}
