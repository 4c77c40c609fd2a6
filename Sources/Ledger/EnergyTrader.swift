import Market
import Quantities
import Sealing

/// Trades a household's surplus and need of energy, slot by slot, and keeps its contracts.
///
/// Ten minutes before a slot it places an order; two minutes before, at the gate, it clears the
/// book it knows and ACCEPTs what it buys. CONFIRM and BIND follow at once, settlement when both
/// meters have been read after the slot; see `EnergyTrader+Settlement`.
public struct EnergyTrader: Sendable {
  /// What the trader wants done; records are in the ledger already.
  public enum Action: Hashable, Sendable {
    /// Store and spread an own record.
    case record(Record)
    /// Spread an own order.
    case order(Order)
    /// Send a meter statement to the other side of a contract.
    case statement(to: PublicKey, bytes: [UInt8])
    case store(KeyedValue)
    /// A line for people: what and why.
    case say(String)
    /// A contract of this house is settled and acknowledged.
    case settled(EnergyContract)
  }

  /// How long before a slot its order is placed.
  public static let orderLead = TimeSpan(minutes: 10)

  /// An order is of at least so many steps of the meter's registers: else what is lost to rounding
  /// at a slot's ends would be a large part of it.
  public static let leastSteps: Int64 = 4

  /// So many trades of one slot are confirmed to a buyer; clearing gives it one. Each costs a
  /// record, and one that it cancels gives it back all else.
  public static let mostConfirmed = 8

  /// So many trades that a buyer left unbound within a day end selling to it.
  public static let mostUnbound = 2

  public var policy: MarketPolicy
  public internal(set) var book: OrderBook
  let community: Community
  let keys: KeyPair
  let names: [PublicKey: String]
  /// Neighbours that a link of their own joins with this house, metered at both ends, and the
  /// thousandths that it may lose.
  private let links: [PublicKey: Int64]
  var marks = RegisterMarks()
  /// Statements of live contracts by contract: this side's and the other's.
  var ownStatements: [Digest: MeterStatement] = [:]
  var theirStatements: [Digest: MeterStatement] = [:]
  /// Contracts whose settlement this node disagrees with and has said so.
  var disputed: Set<Digest> = []
  private var orderedSlot = TimeSlot(index: 0)
  private var clearedSlot = TimeSlot(index: 0)
  private var refusals = TradeRefusals()
  /// How many trades were confirmed to each buyer, by slot, those that it cancelled among them.
  private var confirmed: [TimeSlot: [PublicKey: Int]] = [:]
  var netting = NettingClerk()
  var checkpoints: CheckpointClerk
  /// What people have typed, by slot.
  var typed: [TimeSlot: TypedOrder] = [:]
  /// Whether it was said that sellers' limits keep this household from buying.
  private var isOutOfCredit = false

  public init(
    policy: MarketPolicy, community: Community, keys: KeyPair, names: [PublicKey: String],
    links: [PublicKey: Int64] = [:]
  ) {
    self.policy = policy
    self.community = community
    self.keys = keys
    self.names = names
    self.links = links
    checkpoints = CheckpointClerk(age: policy.keeps)
    book = OrderBook(own: keys.publicKey, listed: Set(names.keys))
  }

  public var ownKey: PublicKey { keys.publicKey }

  /// What this household's people call a node.
  public func name(of key: PublicKey) -> String { names[key] ?? key.short }

  // MARK: Orders

  /// The slot that an order is due for now, once for each slot; nil when none is.
  public mutating func slotToOrder(at now: Instant) -> TimeSlot? {
    let slot = TimeSlot(containing: now + Self.orderLead).next
    let candidate = slot.start - Self.orderLead <= now ? slot : TimeSlot(index: slot.index - 1)
    guard candidate > orderedSlot, now < Order.gate(of: candidate) else { return nil }
    orderedSlot = candidate
    return candidate
  }

  /// When the market next needs attention: an order, the gate or a settlement.
  public func nextWake(after now: Instant) -> Instant {
    let slot = TimeSlot(containing: now).next
    let due = [slot.start - Self.orderLead, Order.gate(of: slot), slot.start + TimeSpan.minute]
    return due.first { $0 > now } ?? slot.next.start - Self.orderLead
  }

  /// Places this household's order for `slot`: `surplus` > 0 is for sale, < 0 is wanted, in whole
  /// lots of 10 Wh.
  public mutating func place(
    surplus: Energy, in slot: TimeSlot, at now: Instant
  ) -> [Action] {
    guard policy.enabled, surplus.magnitude >= policy.minimumEnergy else { return [] }
    let sells = surplus > .zero
    let order = Order(
      community: community, keys: keys, side: sells ? .offer : .bid, slot: slot,
      energy: Clearing.wholeLots(of: surplus.magnitude),
      limitPrice: sells ? policy.sellAtLeast : policy.buyAtMost,
      time: now)
    return book.take(order, at: now) ? [.order(order)] : []
  }

  /// Takes a neighbour's order; returns whether it is new and worth passing on.
  ///
  /// One that the book has already, byte for byte, comes from every neighbour and costs no
  /// signature check.
  public mutating func take(
    _ received: ReceivedOrder, at now: Instant
  ) throws(SealedContentError) -> Bool {
    let order: Order
    if let known = received.order {
      order = known
    } else {
      order = try Order(decoding: received.bytes)
    }
    if book.order(of: order.author, in: order.slot)?.bytes == order.bytes { return false }
    guard received.isGenuine || order.isGenuine else { throw .badSignature(author: order.author) }
    guard order.community == community.identifier else {
      throw .malformed("an order of \(community.name)")
    }
    return book.take(order, at: now)
  }

  // MARK: Contracts

  /// At the gate: clears the book and accepts what falls to this household as a buyer.
  public mutating func clear(_ ledger: inout CommunityLedger, at now: Instant) -> [Action] {
    let slot = TimeSlot(containing: now).next
    guard slot > clearedSlot, now >= Order.gate(of: slot) else { return [] }
    clearedSlot = slot
    confirmed = confirmed.filter { $0.key >= slot }
    ledger.retire(at: now)
    var actions = forgetOld(ledger) + forgetTyped(at: now)
    let orders = knownOrders(in: slot)
    defer { book.expire(at: now) }
    guard policy.enabled || isTyped(slot), let own = book.order(of: ownKey, in: slot),
      own.side == .bid, orders.contains(where: { $0.side == .offer })
    else { return actions }
    let clearing = Clearing.clear(orders, within: limits(among: orders, ledger, at: now))
    for match in clearing?.matches ?? [] where match.bid.author == ownKey {
      let seller = match.offer.author
      let terms = EnergyTerms(
        slot: slot, energy: match.energy, price: match.price, metering: metering(with: seller))
      guard
        let written = ledger.write(
          .accept, peer: seller, link: match.offer.identity, body: terms.body, at: now)
      else { continue }
      actions.append(.record(written.record))
    }
    return actions + saying(outOfCredit: own, in: orders, bought: clearing)
  }

  /// One line when nothing was bought only because the sellers' limits are used up.
  private mutating func saying(
    outOfCredit own: Order, in orders: [Order], bought clearing: Clearing?
  ) -> [Action] {
    guard clearing?.matches.contains(where: { $0.bid.author == ownKey }) != true else {
      isOutOfCredit = false
      return []
    }
    let unlimited = Clearing.clear(orders, within: nil)
    guard !isOutOfCredit,
      let missed = unlimited?.matches.first(where: { $0.bid.author == ownKey })
    else { return [] }
    isOutOfCredit = true
    let seller = name(of: missed.offer.author)
    return [.say("buys nothing: the limit at \(seller) is used up; its owner can raise it")]
  }

  /// Answers a contract that a record has just moved, if the next step is this node's.
  public mutating func answer(
    _ moved: Contract, _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    guard let contract = energyContract(moved.identifier, ledger),
      let other = contract.counterpart(of: ownKey)
    else { return [] }
    switch contract.stage {
    case .accepted where contract.seller == ownKey:
      if let reason = objection(to: contract, ledger, at: now) {
        guard refusals.isFirst(of: other, at: now) else { return [] }
        return [.say("not sold to \(name(of: other)): \(reason)")]
      }
      let actions = step(.confirm, contract, to: other, &ledger, at: now)
      if !actions.isEmpty { confirmed[contract.slot, default: [:]][other, default: 0] += 1 }
      return actions
    case .confirmed where contract.buyer == ownKey && now < contract.slot.start:
      return step(.bind, contract, to: other, &ledger, at: now)
    case .confirmed where contract.buyer == ownKey:
      // Too late to be bound: the seller need not hold its cost back for a day.
      return step(.cancel, contract, to: other, &ledger, at: now)
    case .acknowledged: return [.settled(contract)]
    case .bound, .settled, .disputed: return settle(contract, &ledger, at: now)
    default: return []
    }
  }

  /// The contract of this identifier, if it is for energy.
  func energyContract(_ identifier: Digest, _ ledger: CommunityLedger) -> EnergyContract? {
    ledger.accounts.contract(identifier).flatMap(EnergyContract.init)
  }

  /// Where it is measured that energy went between this house and a neighbour's.
  func metering(with neighbour: PublicKey) -> EnergyTerms.Metering {
    links[neighbour].map { .link(loss: $0) } ?? .sharedGrid
  }

  /// Writes the next record of `contract` and, where that moves it on, what follows from it.
  mutating func step(
    _ kind: Record.Kind, _ contract: EnergyContract, to other: PublicKey, body: [CBORValue] = [],
    _ ledger: inout CommunityLedger, at now: Instant
  ) -> [Action] {
    guard
      let written = ledger.write(kind, peer: other, link: contract.last, body: body, at: now)
    else { return [] }
    var actions = [Action.record(written.record)]
    for moved in written.moved where moved.stage == .acknowledged {
      if let moved = EnergyContract(moved) { actions.append(.settled(moved)) }
    }
    return actions
  }

  /// Why this node does not confirm an ACCEPT of its offer; nil when it does.
  private func objection(
    to contract: EnergyContract, _ ledger: CommunityLedger, at now: Instant
  ) -> String? {
    guard now < contract.slot.start else { return "the slot has begun" }
    guard knows(contract.buyer) else { return "this household has not listed it" }
    guard let offer = book.order(of: ownKey, in: contract.slot), offer.side == .offer,
      offer.identity == contract.offer
    else { return "the offer is not open" }
    // Crumbs cost nothing once rounded, so no limit would ever stop them; clearing gives none.
    guard contract.energy >= Clearing.minimumEnergy else {
      return "\(contract.energy.text) is too little"
    }
    guard contract.price >= offer.limitPrice else {
      return "\(contract.price.text) a kWh is below the \(offer.limitPrice.text) asked"
    }
    guard contract.metering == metering(with: contract.buyer) else {
      return "it names another metering than is agreed here"
    }
    let promised = ledger.accounts.confirmed(of: ownKey, in: contract.slot)
      .filter { $0.seller == ownKey }
      .reduce(Energy.zero) { $0 + Energy(rawValue: $1.terms.quantity) }
    guard promised + contract.energy <= offer.energy else { return "it is sold already" }
    guard confirmed[contract.slot]?[contract.buyer] ?? 0 < Self.mostConfirmed else {
      return "it has bought \(Self.mostConfirmed) times in that quarter of an hour"
    }
    let cost = contract.price.cost(of: contract.energy)
    // A price of 0 is a gift; what rounds to nothing would pass any limit.
    guard cost > .zero || contract.price == .zero else {
      return "\(contract.energy.text) at \(contract.price.text) a kWh would cost nothing"
    }
    let credit = ledger.credit(seller: ownKey, buyer: contract.buyer, at: now)
    guard cost <= credit else {
      return "\(cost.text) credits would pass the limit (LIMIT \(name(of: contract.buyer)) …)"
    }
    let unsettled = ledger.accounts.unsettled(seller: ownKey, buyer: contract.buyer, at: now)
    guard cost <= credit - unsettled else {
      return "\(unsettled.text) credits of trades were never settled; LIMIT forgives them"
    }
    let unbound = ledger.accounts.unbound(seller: ownKey, buyer: contract.buyer, at: now)
    guard unbound.contracts < Self.mostUnbound else {
      return "it left \(unbound.contracts) trades of the last day unbound"
    }
    guard cost <= credit - unsettled - unbound.cost else {
      return "trades of the last day that it left unbound may still come to "
        + "\(unbound.cost.text) credits"
    }
    let claims = ledger.accounts.claims(of: ownKey, at: now)
    guard claims + cost <= policy.claimsAtMost else {
      return "neighbours owe \(claims.text) credits together already, the most that is lent"
    }
    return nil
  }
}
