import Ledger
import Market
import Mesh
import Planning
import Quantities
import Sealing
import Sites
import Texting

/// Trading energy and settling it.
extension Station {
  /// Orders before a slot, the gate, settlements: whatever the clock makes due.
  mutating func trade(at now: Instant) -> [Effect] {
    var effects: [Effect] = []
    if let slot = trader.slotToOrder(at: now) { effects += order(in: slot, at: now) }
    effects += self.effects(of: trader.clear(&ledger, at: now), at: now)
    effects += self.effects(of: trader.catchUp(&ledger, at: now), at: now)
    return effects + storeIndex() + [.setTimer(.market, at: trader.nextWake(after: now))]
  }

  /// Offers what the plan means to export in `slot`, or asks for what it means to import.
  private mutating func order(in slot: TimeSlot, at now: Instant) -> [Effect] {
    if trader.isTyped(slot) {
      return effects(of: trader.placeTyped(in: slot, at: now), at: now)
    }
    // A household that trades nothing needs no plan for it.
    guard configuration.market.enabled else { return [] }
    let state = site.state(at: now)
    // An order without a live meter could not be settled; a meter too coarse would settle wrong.
    guard state.importedTotal != nil, state.exportedTotal != nil,
      let resolution = state.totalResolution,
      resolution <= configuration.market.coarsestResolution
    else { return [] }
    replan(state, at: now)
    guard let planned = plan?.slot(at: slot.start) else { return [] }
    let surplus = planned.sell > .zero ? planned.sell : -planned.buy
    guard surplus.magnitude >= resolution.scaled(by: EnergyTrader.leastSteps, over: 1) else {
      return []
    }
    return effects(of: trader.place(surplus: surplus, in: slot, at: now), at: now)
  }

  mutating func effects(of actions: [EnergyTrader.Action], at now: Instant) -> [Effect] {
    actions.flatMap { action -> [Effect] in
      switch action {
      case .record(let record): publish(record, at: now)
      case .order(let order): gossip.spread(.orders([order.bytes]), except: nil).effects
      case .statement(let peer, let bytes):
        gossip.isLinked(peer) ? [.send(to: peer, bytes: Frame.statement(bytes).encoded)] : []
      case .store(let value): [.store(StoreWrite(value))]
      case .say(let text): say(.market, text, at: now)
      case .settled(let contract): settled(contract, at: now)
      }
    }
  }

  /// Stores an own record, passes it on and says what it means.
  private mutating func publish(_ record: Record, at now: Instant) -> [Effect] {
    var effects = spread(record)
    guard let contract = contract(of: record) else { return effects }
    let other = contract.counterpart(of: ledger.ownKey).map(trader.name(of:)) ?? "?"
    let what = "\(contract.energy.text) for \(clock(contract.slot))"
    switch record.kind {
    case .accept:
      effects += say(
        .market, "buys \(what) from \(other) at \(contract.price.text) a kWh", at: now)
    case .confirm:
      effects += say(
        .market, "sells \(what) to \(other) at \(contract.price.text) a kWh", at: now)
    default: break
    }
    return effects
  }

  /// The contract that `record` has brought to its present stage.
  private func contract(of record: Record) -> EnergyContract? {
    switch record.kind {
    case .accept, .confirm:
      ledger.accounts.contract(with: record.identity).flatMap(EnergyContract.init)
    default: nil
    }
  }

  private mutating func settled(_ contract: EnergyContract, at now: Instant) -> [Effect] {
    guard let settlement = contract.settlement,
      let other = contract.counterpart(of: ledger.ownKey)
    else { return [] }
    if configuration.localTime.dayNumber(at: contract.slot.start) == day.day {
      day.take(contract, ownKey: ledger.ownKey)
    }
    let sold = contract.seller == ledger.ownKey
    // The meters may bear out less than was agreed.
    let agreed = settlement.energy < contract.energy ? " of \(contract.energy.text)" : ""
    return say(
      .ledger,
      "settled: \(sold ? "sold" : "bought") \(settlement.energy.text)\(agreed) "
        + "\(sold ? "to" : "from") \(trader.name(of: other)) at \(clock(contract.slot)) "
        + "for \(settlement.amount.text) credits",
      at: now)
  }

  /// Stores an own record and passes it on.
  func spread(_ record: Record) -> [Effect] {
    [store(record)] + gossip.spread(.records([record.bytes]), except: nil).effects
  }

  func clock(_ slot: TimeSlot) -> String { configuration.localTime.clock(at: slot.start) }

  /// - Parameter run: what is left of the records before it, where they came folded.
  func store(_ record: Record, after run: FoldedRun? = nil) -> Effect {
    .store(
      .record(
        StoredRecord(
          community: record.community, author: record.author, sequence: record.sequence,
          identity: record.identity, bytes: run?.item(before: record.bytes) ?? record.bytes)))
  }
}

extension [Gossip.Sending] {
  /// What sending them is outside; a frame for many is encoded once.
  var effects: [Effect] {
    var latest: (frame: Frame, bytes: [UInt8])?
    return map { sending in
      switch sending.content {
      case .records(let request): return .sendRecords(to: sending.to, request)
      case .frame(let frame):
        if let latest, latest.frame == frame { return .send(to: sending.to, bytes: latest.bytes) }
        let bytes = frame.encoded
        latest = (frame, bytes)
        return .send(to: sending.to, bytes: bytes)
      }
    }
  }
}
