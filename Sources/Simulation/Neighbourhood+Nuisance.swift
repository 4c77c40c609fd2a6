import HeliographCore
import Ledger
import Market
import Mesh
import Planning
import Quantities
import Sealing

/// Those who fill links, memory and disks, send what is old, or lie about the time.
extension Neighbourhood {
  /// Sends frames that went by before to whoever is there, and to begin with those of another
  /// community with the same key.
  mutating func replay(as node: Int) throws(BrokenInvariant) {
    for _ in 0..<chance(1...6, of: node) {
      guard let near = anyNeighbour(of: node, as: node),
        let frame = adversaries[node]?.anyOverheard()
      else { return }
      slip(frame, from: node, to: near, as: node)
    }
    guard let near = anyNeighbour(of: node, as: node) else { return }
    let elsewhere = Community(name: "another simulation")
    let keys = nodes[node].keys
    let order = Order(
      community: elsewhere, keys: keys, side: .bid, slot: TimeSlot(containing: now).next.next,
      energy: Energy(wattHours: 500), limitPrice: Price(creditsPerKilowattHour: 20), time: now)
    slip(Frame.orders([order.bytes]).encoded, from: node, to: near, as: node)
    let draft = RecordDraft(
      sequence: 0, previous: nil, time: now, kind: Record.Kind.limit.rawValue,
      peer: nodes[near].keys.publicKey, link: nil, body: [.integer(1_000_000)])
    slip(
      Frame.records([draft.signed(keys, in: elsewhere)]).encoded, from: node, to: near, as: node)
  }

  /// Writes records of 1970, 2099 and beyond: limits, claims, contracts for slots of those years.
  mutating func lieAboutTime(as node: Int) throws(BrokenInvariant) {
    guard let near = anyNeighbour(of: node, as: node) else { return }
    let peer = nodes[near].keys.publicKey
    let times = [
      Adversary.year1970, Adversary.year2099, .distantPast, .distantFuture,
      Instant(millisecondsSince1970: 0),
    ]
    let time = times[Int(chance(0...Int64(times.count - 1), of: node))]
    let slot = TimeSlot(containing: max(Instant(millisecondsSince1970: 0), time))
    let energy = Energy(wattHours: 100)
    let bodies: [(kind: Record.Kind, link: Digest?, body: [CBORValue])] = [
      (.limit, nil, [.integer(50_000)]),
      (.payment, nil, [.integer(1000)]),
      (.default, nil, [.integer(2000)]),
      (
        .accept, Digest.zero,
        EnergyTerms(slot: slot, energy: energy, price: Price(creditsPerKilowattHour: 9)).body
      ),
    ]
    let (kind, link, body) = bodies[Int(chance(0...Int64(bodies.count - 1), of: node))]
    try write(
      kind.rawValue, peer: peer, link: link, body: body, time: time, on: node, as: node)
    // And an order that no later one of its own will ever replace.
    let order = Order(
      community: nodes[node].configuration.community, keys: nodes[node].keys, side: .offer,
      slot: TimeSlot(containing: now).next.next, energy: Energy(wattHours: 200),
      limitPrice: Price(creditsPerKilowattHour: 8), time: Adversary.year2099)
    slip(Frame.orders([order.bytes]).encoded, from: node, to: near, as: node)
  }

  /// Records as long and as deep as they may be, and a little beyond, contracts with everybody for
  /// everything, and answers to what nobody wrote.
  mutating func bomb(as node: Int) throws(BrokenInvariant) {
    guard let near = anyNeighbour(of: node, as: node) else { return }
    let peer = nodes[near].keys.publicKey
    var deep = CBORValue.array([])
    for _ in 0..<6 { deep = .array([deep]) }
    let long = CBORValue.bytes([UInt8](repeating: 0xA5, count: 3700))
    try write(999, peer: peer, body: [long], on: node, as: node)
    try write(1000, peer: peer, body: [deep], on: node, as: node)
    for number in 0..<chance(2...8, of: node) {
      let link = Digest(of: Array("\(node) \(number) \(now.rawValue)".utf8))
      let terms = EnergyTerms(
        slot: TimeSlot(containing: now).advanced(by: chance(-200...4_000_000, of: node)),
        energy: Order.maximumEnergy, price: Order.maximumPrice)
      try write(
        Record.Kind.accept.rawValue, peer: peer, link: link, body: terms.body, on: node, as: node)
      let kinds: [Record.Kind] = [
        .confirm, .bind, .settle, .acknowledge, .agree, .dispute, .commit,
      ]
      let kind = kinds[Int(chance(0...Int64(kinds.count - 1), of: node))]
      try write(kind.rawValue, peer: peer, link: link, on: node, as: node)
    }
    try proposeCircle(with: near, as: node)
    // Deeper and longer than any reader may go, straight to one neighbour.
    for _ in 0..<3000 { deep = .array([deep]) }
    slip([0x82, 0x02] + deep.encoded, from: node, to: near, as: node)
    let sealed = SealedContent(
      .array([.integer(1), .bytes(Array(repeating: 1, count: 9000))]),
      keys: nodes[node].keys)
    slip(Frame.records([sealed.bytes]).encoded, from: node, to: near, as: node)
  }

  /// Proposes to take more off a circle than anybody in it owes.
  private mutating func proposeCircle(
    with near: Int, as node: Int
  ) throws(BrokenInvariant) {
    let own = nodes[node].keys.publicKey
    let peer = nodes[near].keys.publicKey
    let others = nodes.prefix(plan.houses).map(\.keys.publicKey).filter { $0 != own && $0 != peer }
    guard !others.isEmpty else { return }
    let third = others[Int(chance(0...Int64(others.count - 1), of: node))]
    try write(
      Record.Kind.net.rawValue, peer: peer,
      body: NettingProposal.body(
        amount: Credits(credits: 1000), until: now + .day, parties: [own, peer, third]),
      on: node, as: node)
  }
}
