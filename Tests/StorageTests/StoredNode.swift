import HeliographCore
import Ledger
import Market
import Mesh
import Quantities
import Sealing
import Storage
import Testing
import Texting

/// A station over a real database, stepped by hand, with a head marker beside it.
struct StoredNode {
  let configuration: StationConfiguration
  let path: String
  let key: PublicKey
  private(set) var store: RecordStore?
  private(set) var station: Station
  var marker: StoredState.OwnHead?
  private(set) var reply = ""
  /// When the station looks at its neighbours next.
  private var synchroniseAt: Instant?
  /// Frames to others that were not delivered yet.
  var outbox: [(to: PublicKey, bytes: [UInt8])] = []

  init(
    _ number: UInt8, neighbours: [UInt8], path: String, marker: StoredState.OwnHead? = nil,
    at now: Instant
  ) throws {
    let keys = try RestoringTests.keys(number)
    configuration = StationConfiguration(
      name: "house\(number)", keys: keys, community: RestoringTests.community, devices: [],
      neighbours: try neighbours.map {
        Neighbour(name: "house\($0)", key: try RestoringTests.keys($0).publicKey)
      })
    key = keys.publicKey
    self.path = path
    self.marker = marker
    let opened = try RecordStore(path: path)
    var ledger = configuration.emptyLedger
    _ = try opened.restore(&ledger)
    store = opened
    station = Station(
      configuration,
      restoring: StoredState(ledger: ledger, entries: try opened.entries(), ownHead: marker),
      at: now)
    try tell(.started, at: now)
  }

  mutating func tell(_ event: Event, at now: Instant) throws {
    let effects = station.step(event, at: now)
    let writes = effects.compactMap { effect -> StoreWrite? in
      if case .store(let write) = effect { write } else { nil }
    }
    try store?.commit(writes)
    for case .record(let record) in writes
    where record.author == key && record.sequence >= marker?.count ?? 0 {
      marker = StoredState.OwnHead(count: record.sequence + 1, head: record.identity)
    }
    for effect in effects {
      switch effect {
      case .send(let to, let bytes): outbox.append((to, bytes))
      case .sendRecords(let to, let request):
        let records = try store?.records(request) ?? []
        if !records.isEmpty { outbox.append((to, Frame.records(records).encoded)) }
      case .reply(_, let text): reply = text
      case .setTimer(.synchronise, let at): synchroniseAt = at
      default: break
      }
    }
  }

  /// Types a command; returns its reply.
  mutating func type(_ text: String, at now: Instant) throws -> String {
    reply = ""
    try tell(.text(TextMessage(id: .init(1), origin: .local, text: text)), at: now)
    return reply
  }

  /// Lets the station look at its neighbours until `end`.
  mutating func synchronise(until end: Instant) throws {
    while let at = synchroniseAt, at <= end {
      synchroniseAt = nil
      try tell(.timer(.synchronise), at: at)
    }
  }

  /// Ends the node and closes its database.
  mutating func close(at now: Instant) throws {
    try tell(.stopping, at: now)
    store = nil
  }

  /// Links two nodes and delivers everything until both are silent.
  static func link(
    _ left: inout StoredNode, _ right: inout StoredNode, at now: Instant
  ) throws {
    try left.tell(.linkUp(right.key), at: now)
    try right.tell(.linkUp(left.key), at: now)
    try exchange(&left, &right, at: now)
  }

  static func exchange(
    _ left: inout StoredNode, _ right: inout StoredNode, at now: Instant
  ) throws {
    var frames = 0
    while !left.outbox.isEmpty || !right.outbox.isEmpty {
      frames += 1
      try #require(frames < 1000)
      if !left.outbox.isEmpty {
        try right.tell(.frame(from: left.key, bytes: left.outbox.removeFirst().bytes), at: now)
      }
      if !right.outbox.isEmpty {
        try left.tell(.frame(from: right.key, bytes: right.outbox.removeFirst().bytes), at: now)
      }
    }
  }
}
