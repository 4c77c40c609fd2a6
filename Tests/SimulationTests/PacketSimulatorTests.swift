import Quantities
import Simulation
import Testing

extension PacketSimulator {
  /// Connects and expects that to change something, or not: `#expect` takes no mutating call.
  fileprivate mutating func mustConnect(_ link: Link, at now: Instant, expecting: Bool = true) {
    let changed = connect(link, at: now)
    #expect(changed == expecting)
  }

  fileprivate mutating func mustDisconnect(_ link: Link) {
    let changed = disconnect(link)
    #expect(changed)
  }
}

@Suite struct PacketSimulatorTests {
  private let start = Instant(millisecondsSince1970: 1_782_000_000_000)
  private let link = PacketSimulator.Link(1, 0)

  @Test("frames of one link arrive in the order in which they were sent, some of them twice")
  func order() {
    var conditions = PacketSimulator.Conditions()
    conditions.breakPermille = 0
    conditions.duplicatePermille = 200
    var network = PacketSimulator(nodes: 2, links: [link], conditions: conditions, seed: 1)
    network.mustConnect(link, at: start)
    var latest = start
    var arrivals = 0
    for number in 0..<500 {
      let sent = start + TimeSpan(milliseconds: Int64(number))
      for fate in network.send(from: 0, to: 1, at: sent) {
        guard case .arrives(let arrival, _) = fate else { continue }
        #expect(arrival >= latest)
        latest = arrival
        arrivals += 1
      }
    }
    #expect(arrivals > 550 && arrivals < 700)
  }

  @Test("what was under way when a link broke belongs to a life that is over")
  func generations() {
    var network = PacketSimulator(nodes: 2, links: [link], conditions: .quiet, seed: 1)
    let unlinked = network.send(from: 0, to: 1, at: start)
    #expect(unlinked.isEmpty)
    network.mustConnect(link, at: start)
    network.mustConnect(link, at: start, expecting: false)
    guard case .arrives(_, let generation)? = network.send(from: 0, to: 1, at: start).first else {
      Issue.record("a quiet network delivers")
      return
    }
    #expect(network.isUp(link, generation: generation))
    network.mustDisconnect(link)
    network.mustConnect(link, at: start)
    #expect(!network.isUp(link, generation: generation))
  }

  @Test("a partition keeps its sides apart until it heals")
  func partition() {
    let links = (1..<8).map { PacketSimulator.Link(0, $0) }
    var network = PacketSimulator(nodes: 8, links: links, conditions: .quiet, seed: 3)
    for link in links { network.mustConnect(link, at: start) }
    let cut = network.partition()
    #expect(!cut.isEmpty)
    for link in cut {
      network.mustDisconnect(link)
      network.mustConnect(link, at: start, expecting: false)
    }
    network.heal()
    for link in cut { network.mustConnect(link, at: start) }
    #expect(network.linksUp == links)
  }
}
