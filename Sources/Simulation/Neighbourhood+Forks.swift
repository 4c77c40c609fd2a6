import HeliographCore
import Ledger
import Market
import Mesh
import Quantities
import Sealing

/// Houses with two copies of one key, and those that take all they are offered.
extension Neighbourhood {
  /// A house's board is copied, key and all; from now on each copy speaks to a part of the
  /// neighbours, and hears nothing of the other.
  ///
  /// - Parameter others: the neighbours that only the copy speaks to; by chance where nil.
  mutating func part(_ house: Int, speakingToCopy others: Set<Int>? = nil) throws(BrokenInvariant) {
    guard let index = copies.firstIndex(of: house), adversaries[house]?.copy == nil,
      nodes[house].isUp
    else { return }
    var chosen = others ?? []
    if others == nil {
      for near in neighbours(of: house) where chance(0...1, of: house) == 0 { chosen.insert(near) }
    }
    guard !chosen.isEmpty else { return }
    let copy = plan.houses + index
    var twin = nodes[house]
    twin.number = copy
    twin.name += "'s copy"
    twin.station = nil
    twin.waiting = []
    twin.timers = []
    twin.commitIsDue = false
    twin.crashAtCommit = nil
    twin.store.crash()
    twin.runner.crash()
    twin.life = nodes[copy].life
    nodes[copy] = twin
    adversaries[house]?.copy = copy
    adversaries[house]?.speaksToCopy = chosen
    adversaries[house]?.acts += 1
    for other in chosen.sorted() {
      try lose(PacketSimulator.Link(house, other), why: "connection reset")
    }
    try start(copy)
  }

  /// What the copies of these houses may link with: the originals' neighbours.
  static func links(
    ofCopies copies: [Int], among links: [PacketSimulator.Link], houses: Int
  ) -> [PacketSimulator.Link] {
    var all: [PacketSimulator.Link] = []
    for (index, house) in copies.enumerated() {
      for link in links where link.touches(house) {
        let other = link.low == house ? link.high : link.low
        all.append(PacketSimulator.Link(houses + index, other))
      }
    }
    return all
  }

  /// The nodes that a house is to have links with, its own copy's left out.
  func neighbours(of house: Int) -> [Int] {
    network.links.filter { $0.touches(house) }.map { $0.low == house ? $0.high : $0.low }
      .filter { $0 < plan.houses }
  }

  /// Whether two nodes are to have a link: of two copies each neighbour knows one.
  func speaks(_ link: PacketSimulator.Link) -> Bool {
    for (node, other) in [(link.low, link.high), (link.high, link.low)] {
      guard let adversary = adversaries[house(of: node)], adversary.kind.hasCopy else { continue }
      let isCopy = node >= plan.houses
      if adversary.speaksToCopy.contains(house(of: other)) != isCopy { return false }
    }
    return true
  }

  /// On which side of a split those must be who stand on both.
  func straddling() -> [Int: Int] {
    var fixed: [Int: Int] = [:]
    for house in copies where adversaries[house]?.kind == .doubleSale {
      fixed[house] = 0
      if let index = copies.firstIndex(of: house) { fixed[plan.houses + index] = 1 }
    }
    return fixed
  }

  /// The network has split: who has a leg on either side begins to sell on both.
  mutating func sellOnBothSides() throws(BrokenInvariant) {
    for house in copies where adversaries[house]?.kind == .doubleSale {
      try part(
        house, speakingToCopy: Set(neighbours(of: house).filter { network.side(of: $0) == 1 }))
    }
  }

  /// Accepts every offer of the coming slot whole, and once more, whatever the limits.
  mutating func takeOffers(_ node: Int, as adversary: Int) throws(BrokenInvariant) {
    let slot = TimeSlot(containing: now + TimeSpan(seconds: 110))
    let offers = nodes[node].station?.trader.book.orders(in: slot) ?? []
    let own = nodes[node].keys.publicKey
    for offer in offers
    where offer.side == .offer && offer.energy > .zero && offer.author != own {
      let terms = EnergyTerms(slot: slot, energy: offer.energy, price: offer.limitPrice)
      for _ in 0..<2 {
        try write(
          Record.Kind.accept.rawValue, peer: offer.author, link: offer.identity, body: terms.body,
          on: node, as: adversary)
      }
    }
  }

  /// Says itself, in the buyer's place, that what it states is owed.
  mutating func signForOthers(_ node: Int, as adversary: Int) throws(BrokenInvariant) {
    let own = nodes[node].keys.publicKey
    let sold = nodes[node].station?.ledger.accounts.liveContracts(of: own).filter {
      $0.seller == own && ($0.stage == .settled || $0.stage == .bound)
    }
    guard let contract = sold?.last else { return }
    if contract.stage == .bound, let terms = contract.energyTerms, terms.slot.end < now {
      let claim = ContractState.Settlement(
        quantity: terms.energy.rawValue, amount: contract.terms.cost,
        statements: [Digest(of: [1]), Digest(of: [2])])
      try write(
        Record.Kind.settle.rawValue, peer: contract.buyer, link: contract.last, body: claim.body,
        on: node, as: adversary)
    }
    guard let settled = nodes[node].station?.ledger.accounts.contract(contract.identifier),
      settled.stage == .settled
    else { return }
    try write(
      Record.Kind.acknowledge.rawValue, peer: contract.buyer, link: settled.last, on: node,
      as: adversary)
  }

  /// Signs another record in the place of one that is out already, for one neighbour.
  mutating func contradict(_ node: Int, as adversary: Int) throws(BrokenInvariant) {
    guard adversaries[adversary]?.copy != nil, chance(0...9, of: adversary) == 0,
      adversaries[adversary]?.contradicted ?? 0 < Adversary.mostContradicted,
      let near = anyNeighbour(of: node, as: adversary)
    else { return }
    let own = nodes[node].keys.publicKey
    let mine = nodes[node].store.records.filter { $0.author == own }
    guard !mine.isEmpty else { return }
    let place = mine.count - 1 - Int(chance(0...Int64(min(mine.count, 12) - 1), of: adversary))
    guard let record = try? Record(decoding: mine[place].bytes) else { return }
    var draft = RecordDraft(
      sequence: record.sequence, previous: record.previous,
      time: record.time + TimeSpan(milliseconds: 1), kind: record.kindNumber, peer: record.peer,
      link: record.link, body: record.body)
    switch record.kind {
    case .acknowledge:
      draft.kind = Record.Kind.dispute.rawValue
      draft.body = [.integer(0), .integer(0), .integer(ContractState.Reason.meters.rawValue)]
    case .limit: draft.body = [.integer(chance(0...1_000_000, of: adversary))]
    case .confirm: draft.kind = Record.Kind.cancel.rawValue
    default: break
    }
    adversaries[adversary]?.contradicted += 1
    let bytes = draft.signed(nodes[node].keys, in: nodes[node].configuration.community)
    slip(Frame.records([bytes]).encoded, from: node, to: near, as: adversary)
  }
}
