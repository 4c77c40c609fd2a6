import HeliographCore
import Ledger
import Mesh
import Quantities
import Sealing
import Sites

/// What is done to what goes in and out of an adversary's station, and when it acts.
extension Neighbourhood {
  /// Gives adversaries their clocks, a second node where they may come to have one, and everybody
  /// less to lend.
  mutating func admitAdversaries() {
    for node in nodes.indices {
      nodes[node].configuration.market.claimsAtMost = claimsAtMost
      guard let kind = adversaries[node]?.kind, var random = adversaries[node]?.random else {
        continue
      }
      let offset = Adversary.clockOffset(of: kind, at: plan.start, random: &random)
      if let offset {
        nodes[node].clock = DriftingClock(offset: offset, drift: nodes[node].clock.drift)
      }
      queue.add(.adversary(node), at: nextAct(of: node, random: &random))
      adversaries[node]?.random = random
    }
    if adversaries.values.contains(where: { $0.kind == .inflatedTokens }) {
      for node in nodes.indices where adversaries[node] == nil {
        for hour in [Int64(9), 13] {
          errands[node].append(
            OwnerErrand(wish: .work(requests: 24), after: TimeSpan(minutes: hour * 60)))
        }
      }
    }
    books = nodes.map { HonestBook(own: $0.keys.publicKey, claimsAtMost: claimsAtMost) }
    for (index, house) in copies.enumerated() {
      var copy = nodes[house]
      copy.number = plan.houses + index
      nodes.append(copy)
      errands.append([])
    }
    framesSent = nodes.map { _ in 0 }
  }

  /// Whether a node keeps the rules.
  func isHonest(_ node: Int) -> Bool { roles[node] == nil }

  /// The house that a node stands in: a copy stands in its original's.
  func house(of node: Int) -> Int { node < plan.houses ? node : copies[node - plan.houses] }

  /// Whether a frame on the wire arrives at a node's station.
  mutating func receives(_ bytes: [UInt8], _ node: Int) -> Bool {
    guard let role = roles[node] else { return true }
    switch role {
    case .replay: adversaries[node]?.overhear(bytes)
    case .withheldSettlement where Adversary.isStatement(bytes):
      adversaries[node]?.acts += 1
      return false
    default: break
    }
    return true
  }

  /// What a node's station is told of what a frame said.
  mutating func heard(_ event: Event, by node: Int) -> Event? {
    roles[node]?.hasCopy == true ? nodes[node].deaf(to: event) : event
  }

  /// What goes out on the wire of what a node's station sends.
  mutating func sent(_ bytes: [UInt8], by node: Int) -> [UInt8]? {
    guard let role = roles[node] else { return bytes }
    let isStatement = Adversary.isStatement(bytes)
    switch role {
    case .replay: adversaries[node]?.overhear(bytes)
    case .forgedMeter where isStatement: adversaries[node]?.acts += 1
    case .withheldSettlement where isStatement:
      adversaries[node]?.acts += 1
      return nil
    default: break
    }
    return bytes
  }

  /// What a node's station is told of its meter.
  func shown(_ reading: DeviceReading, to node: Int) -> DeviceReading {
    guard roles[node] == .forgedMeter else { return reading }
    var reading = reading
    reading.exportedTotal = reading.exportedTotal?.scaled(by: 3, over: 1)
    reading.importedTotal = reading.importedTotal?.scaled(by: 1, over: 4)
    return reading
  }

  /// When an adversary acts next; those that take what is offered do so just before a slot.
  func nextAct(of node: Int, random: inout RandomSource) -> Instant {
    switch roles[node] {
    case .fork, .doubleSale, .withheldSettlement:
      let slot = TimeSlot(containing: now + TimeSpan(seconds: 110)).next
      return slot.start - TimeSpan(seconds: random.within(20...100))
    case .flooder: return now + TimeSpan(seconds: random.within(900...5400))
    case .recordBomb: return now + TimeSpan(seconds: random.within(1800...7200))
    default: return now + TimeSpan(seconds: random.within(300...1800))
    }
  }

  /// An adversary does what it does, and decides when it will again.
  mutating func act(_ node: Int) throws(BrokenInvariant) {
    guard now < plan.quietFrom, let kind = adversaries[node]?.kind,
      var random = adversaries[node]?.random
    else { return }
    queue.add(.adversary(node), at: nextAct(of: node, random: &random))
    adversaries[node]?.random = random
    for copy in [node, adversaries[node]?.copy].compactMap({ $0 })
    where nodes[copy].isUp {
      switch kind {
      case .fork, .doubleSale:
        if kind == .fork, now >= adversaries[node]?.partsAt ?? now { try part(node) }
        try takeOffers(copy, as: node)
        try contradict(copy, as: node)
      case .withheldSettlement:
        try takeOffers(copy, as: node)
        try signForOthers(copy, as: node)
      case .replay: try replay(as: node)
      case .clockLiar: try lieAboutTime(as: node)
      case .flooder: try flood(as: node)
      case .recordBomb: try bomb(as: node)
      case .forgedMeter, .inflatedTokens: break
      }
    }
  }

  /// The neighbours, by node, that a node has a link with at this moment.
  func linkedNeighbours(of node: Int) -> [Int] {
    network.linksUp.filter { $0.touches(node) }.map { $0.low == node ? $0.high : $0.low }
  }

  /// One of them by chance.
  mutating func anyNeighbour(of node: Int, as adversary: Int) -> Int? {
    let near = linkedNeighbours(of: node)
    guard !near.isEmpty, var random = adversaries[adversary]?.random else { return nil }
    defer { adversaries[adversary]?.random = random }
    return near[Int(random.below(Int64(near.count)))]
  }

  /// Chance of an adversary's own.
  mutating func chance(_ range: ClosedRange<Int64>, of adversary: Int) -> Int64 {
    adversaries[adversary]?.random.within(range) ?? range.lowerBound
  }

  /// Puts a frame on the wire that the station knows nothing of.
  mutating func slip(_ bytes: [UInt8], from node: Int, to neighbour: Int, as adversary: Int) {
    adversaries[adversary]?.acts += 1
    put(bytes, from: node, to: neighbour)
  }

  /// Writes the next record of the adversary's own chain by hand, and lets its own station spread
  /// it: it comes back to it as if a neighbour had kept it.
  mutating func write(
    _ kind: Int64, peer: PublicKey? = nil, link: Digest? = nil, body: [CBORValue] = [],
    time: Instant? = nil, on node: Int, as adversary: Int
  ) throws(BrokenInvariant) {
    guard let near = linkedNeighbours(of: node).first,
      adversaries[adversary]?.written ?? 0 < Adversary.mostWritten
    else { return }
    let chain = nodes[node].station?.ledger.chain(of: nodes[node].keys.publicKey)
    guard chain?.isForked != true else { return }
    adversaries[adversary]?.written += 1
    adversaries[adversary]?.acts += 1
    let draft = RecordDraft(
      sequence: chain?.count ?? 0, previous: chain?.head,
      time: time ?? nodes[node].clock.time(at: now, since: plan.start), kind: kind, peer: peer,
      link: link, body: body)
    let bytes = draft.signed(nodes[node].keys, in: nodes[node].configuration.community)
    var received = ReceivedRecord(bytes)
    if let record = received.record {
      // Just signed with its own key: nobody need verify that.
      frames.learn(genuine: record)
      received = ReceivedRecord(record, isGenuine: true)
    }
    try tell(.records(from: nodes[near].keys.publicKey, [received]), to: node)
  }
}
