import HeliographCore
import Quantities
import Sealing

extension Neighbourhood {
  /// Puts a frame on the wire to a peer, if there is a link.
  mutating func send(_ bytes: [UInt8], from sender: Int, to peer: PublicKey) {
    guard let receiver = receiver(of: peer, from: sender), let bytes = sent(bytes, by: sender)
    else { return }
    frames.learn(ordersIn: bytes, madeBy: nodes[sender].keys.publicKey)
    put(bytes, from: sender, to: receiver)
  }

  /// The node that has this key; of two copies the one that `sender` has a link with.
  private func receiver(of peer: PublicKey, from sender: Int) -> Int? {
    guard let house = numbers[peer] else { return nil }
    guard let copy = adversaries[house]?.copy else { return house }
    return [house, copy].first { network.isUp(PacketSimulator.Link(sender, $0)) }
  }

  /// Puts a frame on the wire from one node to another, if there is a link.
  mutating func put(_ bytes: [UInt8], from sender: Int, to receiver: Int) {
    let fates = network.send(from: sender, to: receiver, at: now)
    tally.framesSent += 1
    if framesSent.indices.contains(sender) { framesSent[sender] += 1 }
    for fate in fates {
      switch fate {
      case .arrives(let arrival, let generation):
        queue.add(
          .frame(from: sender, to: receiver, generation: generation, bytes), at: arrival)
      case .breaks(let moment, let generation):
        // From the quiet hour on the network is only slow.
        if now < plan.quietFrom {
          let link = PacketSimulator.Link(sender, receiver)
          queue.add(.linkBreaks(link, generation: generation), at: moment)
        } else {
          queue.add(
            .frame(from: sender, to: receiver, generation: generation, bytes), at: moment)
        }
      }
    }
  }

  /// Two ends try to connect; while one is down or cut off they try again later.
  mutating func connect(_ link: PacketSimulator.Link) throws(BrokenInvariant) {
    guard nodes[link.low].isUp, nodes[link.high].isUp, speaks(link) else {
      return
    }
    guard network.isReachable(link) else {
      queue.add(.linkTries(link), at: network.retry(after: now))
      return
    }
    guard network.connect(link, at: now) else { return }
    trace.add(6, [now.rawValue, Int64(link.low), Int64(link.high)])
    try tell(.linkUp(nodes[link.high].keys.publicKey), to: link.low)
    try tell(.linkUp(nodes[link.low].keys.publicKey), to: link.high)
  }

  /// A link goes down with all that was under way; both ends that are up are told.
  mutating func lose(_ link: PacketSimulator.Link, why: String) throws(BrokenInvariant) {
    guard network.disconnect(link) else { return }
    tally.linksLost += 1
    trace.add(7, [now.rawValue, Int64(link.low), Int64(link.high)])
    queue.add(.linkTries(link), at: network.retry(after: now))
    try tell(.linkDown(nodes[link.high].keys.publicKey, reason: why), to: link.low)
    try tell(.linkDown(nodes[link.low].keys.publicKey, reason: why), to: link.high)
  }

  /// The network falls in two for a while.
  mutating func split() throws(BrokenInvariant) {
    let length = TimeSpan(minutes: random.within(5...150))
    let again = now + length + TimeSpan(minutes: random.within(120...900))
    guard now + length < plan.quietFrom else { return }
    note(tag: 8, [now.rawValue], "the network splits")
    tally.partitions += 1
    for link in network.partition(fixed: straddling()) { try lose(link, why: "no route to host") }
    try sellOnBothSides()
    queue.add(.heal, at: now + length)
    queue.add(.split, at: again)
  }

  /// Decides when a node will crash next: never in the quiet end, so that all can agree.
  ///
  /// A run of one day has every node crash some four times, a longer one twice a day.
  mutating func scheduleCrash(of node: Int) {
    let longest = min(86_400, 36_000 * Int64(plan.days))
    let moment = now + TimeSpan(seconds: random.within(1800...longest))
    // A node is down for at most 20 minutes, and an armed crash waits for a commit.
    guard moment + .hour < plan.quietFrom else { return }
    queue.add(.crash(node: node), at: moment)
  }

  /// A crash comes now or, more often and worse, in the middle of the next commit.
  mutating func arrangeCrash(of node: Int) throws(BrokenInvariant) {
    guard nodes[node].isUp else { return scheduleCrash(of: node) }
    let points = SimulatedNode.CrashPoint.allCases
    let choice = Int(random.below(Int64(points.count) + 1))
    guard choice < points.count else { return try fail(node) }
    nodes[node].crashAtCommit = points[choice]
  }
}
