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
    // What is not confirmed by now never will be bound.
    let isTrading = !ledger.accounts.confirmed(of: ownKey, in: slot).isEmpty
    let taken = marks.take(boundary, keeping: isTrading)
    let stores = taken.changes.map(Action.store)
    return taken.beginsSlot ? stores + settleDue(&ledger, at: now) : stores
  }

  /// Whether this node has said of a contract that it can't be settled as it stands.
  public func disputes(_ contract: Digest) -> Bool { disputed.contains(contract) }

  /// This house's contracts for energy that wait for a record, by slot and identifier.
  func openContracts(_ ledger: CommunityLedger) -> [EnergyContract] {
    ledger.accounts.liveContracts(of: ownKey).compactMap(EnergyContract.init)
  }

  /// Takes up what could not be done when it was due: a step that waited for the own chain to be
  /// complete again, a statement, a settlement.
  public mutating func catchUp(_ ledger: inout CommunityLedger, at now: Instant) -> [Action] {
    var actions: [Action] = []
    for contract in openContracts(ledger)
    where contract.nextAuthor == ownKey && contract.stage == .confirmed {
      actions += answer(contract.contract, &ledger, at: now)
    }
    return actions + settleDue(&ledger, at: now) + takeOffCircles(&ledger, at: now)
      + foldOldContracts(&ledger, at: now)
  }

  /// Makes, sends and settles whatever is due among the live contracts.
  public mutating func settleDue(_ ledger: inout CommunityLedger, at now: Instant) -> [Action] {
    var actions: [Action] = []
    for contract in openContracts(ledger)
    where contract.slot.end <= now && contract.isLive(at: now) {
      actions += settle(contract, &ledger, at: now)
    }
    return actions
  }

  /// The other side's statement arrived.
  public mutating func take(
    statementBytes: [UInt8], from peer: PublicKey, _ ledger: inout CommunityLedger, at now: Instant
  ) throws(SealedContentError) -> [Action] {
    // Sent again and again until it is settled: what is known is not verified again.
    let isKnown = theirStatements.contains { $0.value.bytes == statementBytes }
    if isKnown { return [] }
    let statement = try MeterStatement(decoding: statementBytes, verifying: false)
    guard statement.author == peer,
      let contract = energyContract(statement.contract, ledger),
      contract.counterpart(of: ownKey) == peer, statement.covers(contract.slot)
    else { throw .malformed("a statement about a contract with its sender, or not of its slot") }
    guard theirStatements[contract.identifier] == nil, contract.nextAuthor != nil else {
      return []
    }
    guard statement.isGenuine else { throw .badSignature(author: peer) }
    guard statement.share <= greatestShare(of: contract, by: statement, ledger) else {
      throw .malformed("a statement by the rule: it shares out one delivery more than once")
    }
    theirStatements[contract.identifier] = statement
    let value = KeyedValue(
      key: Self.theirPrefix + contract.identifier.hexadecimal, value: statementBytes)
    return [.store(value)] + settle(contract, &ledger, at: now)
  }

  /// The statements of unsettled contracts that `peers` may have missed, by peer: each again at
  /// every turn in the hour after its slot, then once an hour for seven days.
  ///
  /// - Parameter turn: how long it is until this is called again; nil for a new link, over which
  ///   nothing was said yet.
  public func resend(
    to peers: [PublicKey], _ ledger: CommunityLedger, turn: TimeSpan?, at now: Instant
  ) -> [Action] {
    guard !ownStatements.isEmpty else { return [] }
    let unsettled = openContracts(ledger).filter { contract in
      guard contract.isLive(at: now) else { return false }
      guard let turn else { return true }
      // Who never answers is not told twelve times an hour for weeks.
      let age = now.since(contract.slot.end)
      guard age < Contract.settlementTimeOut else { return false }
      return age < .hour || age.milliseconds % TimeSpan.hour.milliseconds < turn.milliseconds
    }
    return peers.flatMap { peer in
      unsettled.compactMap { contract -> Action? in
        guard contract.counterpart(of: ownKey) == peer,
          let statement = ownStatements[contract.identifier]
        else { return nil }
        return .statement(to: peer, bytes: statement.bytes)
      }
    }
  }

  /// The next step of a contract whose slot is over, if all that it needs is here.
  mutating func settle(
    _ contract: EnergyContract, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    guard [.bound, .settled, .disputed].contains(contract.stage),
      let other = contract.counterpart(of: ownKey)
    else { return [] }
    var actions = state(contract, to: other, ledger)
    let isSeller = contract.seller == ownKey
    guard let own = ownStatements[contract.identifier],
      let their = theirStatements[contract.identifier]
    else { return actions }
    let (seller, buyer) = isSeller ? (own, their) : (their, own)
    let delivery = Delivery(of: contract.terms, seller: seller, buyer: buyer)
    switch contract.stage {
    case .bound where isSeller:
      let claim = ContractState.Settlement(
        quantity: delivery.claimed.rawValue, amount: contract.price.cost(of: delivery.claimed),
        statements: [seller.identity, buyer.identity])
      actions += step(.settle, contract, to: other, body: claim.body, &ledger, at: now)
    case .settled where !isSeller:
      let names = [seller.identity, buyer.identity]
      actions += answer(contract, to: other, delivery, naming: names, &ledger, at: now)
    case .disputed where disputed.insert(contract.identifier).inserted:
      actions.append(.say(disputeText(contract, with: other)))
    default: break
    }
    return actions
  }

  /// The buyer's answer to a SETTLE: it acknowledges what the meters bear out, or less, and
  /// disputes the rest.
  private mutating func answer(
    _ contract: EnergyContract, to other: PublicKey, _ delivery: Delivery, naming names: [Digest],
    _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    guard let stated = contract.settlement else { return [] }
    let namesThem = stated.statements == names
    if stated.energy <= delivery.undisputed, namesThem {
      return step(.acknowledge, contract, to: other, &ledger, at: now)
    }
    let accepted = min(stated.energy, delivery.undisputed)
    let amount = contract.price.cost(of: accepted)
    guard (contract.state.owed..<stated.amount).contains(amount) else {
      guard disputed.insert(contract.identifier).inserted else { return [] }
      return [.say("\(name(of: other)) settles by statements that nobody here has seen: left open")]
    }
    let reason: ContractState.Reason = namesThem ? .meters : .figures
    let body: [CBORValue] = [
      .integer(accepted.rawValue), .integer(amount.rawValue), .integer(reason.rawValue),
    ]
    let written = step(.dispute, contract, to: other, body: body, &ledger, at: now)
    guard !written.isEmpty, disputed.insert(contract.identifier).inserted else { return written }
    let text =
      "disputed: \(name(of: other)) claims \(stated.energy.text), the meters bear out "
      + accepted.text
    return written + [.say(text)]
  }

  private func disputeText(_ contract: EnergyContract, with other: PublicKey) -> String {
    let rest = (contract.settlement?.amount ?? .zero) - contract.state.owed
    return "disputed with \(name(of: other)): \(rest.text) credits of a trade stay open and use up "
      + "the limit"
  }

  /// Makes and sends this side's statement once both marks of the slot are known.
  private mutating func state(
    _ contract: EnergyContract, to other: PublicKey, _ ledger: CommunityLedger
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
        contract: contract.identifier, keys: keys, opening: first, closing: last,
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
    of contract: EnergyContract, by statement: MeterStatement, _ ledger: CommunityLedger
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
    of party: PublicKey, _ contract: EnergyContract, _ ledger: CommunityLedger
  ) -> Energy {
    let isSeller = contract.seller == party
    return ledger.accounts.confirmed(of: party, in: contract.slot)
      .filter { isSeller ? $0.seller == party : $0.buyer == party && $0.stage != .confirmed }
      .reduce(Energy.zero) { $0 + Energy(rawValue: $1.terms.quantity) }
  }

  /// Forgets statements of contracts that are over: both sides have signed the outcome.
  mutating func forgetOld(_ ledger: CommunityLedger) -> [Action] {
    if ownStatements.isEmpty, theirStatements.isEmpty, disputed.isEmpty { return [] }
    let live = Set(openContracts(ledger).map { $0.identifier })
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
    if let (slot, order) = TypedOrder.restored(key: key, value: value) { typed[slot] = order }
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
