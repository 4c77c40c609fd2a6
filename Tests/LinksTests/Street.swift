import Glibc
import Links
import Sealing
import Synchronization

/// A row of hubs in which every later one dials every earlier one.
struct Street {
  let pairs: [KeyPair]
  let hubs: [LinkHub]
  let logs: [EventLog]

  init(names count: Int) throws {
    var pairs: [KeyPair] = []
    for number in 1...count { pairs.append(try keys(UInt8(number))) }
    let allowed = Set(pairs.map(\.publicKey))
    var hubs: [LinkHub] = []
    var logs: [EventLog] = []
    for pair in pairs {
      let log = EventLog()
      var peers: [PeerAddress] = []
      for (position, hub) in hubs.enumerated() {
        peers.append(PeerAddress(key: pairs[position].publicKey, address: try local(hub.port)))
      }
      hubs.append(
        try LinkHub(
          keys: pair, listen: anyPort, peers: peers, allowed: allowed, limits: testLimits,
          handler: log.append))
      logs.append(log)
    }
    self.pairs = pairs
    self.hubs = hubs
    self.logs = logs
  }

  func key(_ position: Int) -> PublicKey { pairs[position].publicKey }

  func isLinked() async -> Bool {
    await eventually {
      pairs.indices.allSatisfy { position in
        pairs.indices.allSatisfy { $0 == position || logs[position].isUp(key($0)) }
      }
    }
  }

  func stop() { for hub in hubs { hub.stop() } }
}

/// Holds whoever waits until it is opened, for good.
final class Gate: Sendable {
  private let isOpen = Mutex(false)

  func wait() {
    while !isOpen.withLock({ $0 }) { usleep(1000) }
  }

  func open() { isOpen.withLock { $0 = true } }
}
