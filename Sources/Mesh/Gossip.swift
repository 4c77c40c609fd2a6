import Ledger
import Quantities
import Sealing

/// Spreads records, orders and frontiers among linked neighbours, store and forward.
///
/// Whenever a link comes up, and again every few minutes, both sides send their frontiers; each
/// answers with what the other lacks. What is new is passed on to every other link at once, so
/// records cross partitions and several hops. The ledger decides what is valid; gossip never does.
public struct Gossip: Sendable {
  /// Records in one frame: about 300 kB as people's trades make them…
  public static let batch = 1000
  /// …and never more than this many bytes: half of what a frame may hold.
  public static let batchBytes = 1 << 19
  /// A frontier is sent to a neighbour at most this often when gaps ask for it.
  public static let askInterval = TimeSpan(seconds: 2)

  private var linked: Set<PublicKey> = []
  private var askedAt: [PublicKey: Instant] = [:]
  private var lastSeen: [PublicKey: Instant] = [:]

  public init() {}

  /// A frame for one neighbour.
  public struct Sending: Hashable, Sendable {
    public let to: PublicKey
    public let frame: Frame
  }

  public var linkedNeighbours: [PublicKey] { linked.sorted() }

  /// Whether a link with this neighbour is up.
  public func isLinked(_ key: PublicKey) -> Bool { linked.contains(key) }

  /// When this neighbour was last heard.
  public func lastSeen(_ key: PublicKey) -> Instant? { lastSeen[key] }

  /// A link is up: says what is known here and which orders are open.
  public mutating func linkUp(
    _ key: PublicKey, ledger: CommunityLedger, orders: [[UInt8]], at now: Instant
  ) -> [Sending] {
    linked.insert(key)
    lastSeen[key] = now
    askedAt[key] = now
    var sendings = [frontier(for: key, of: ledger)]
    if !orders.isEmpty {
      sendings.append(Sending(to: key, frame: .orders(Array(orders.prefix(Frame.maximumItems)))))
    }
    return sendings
  }

  /// The link is gone.
  public mutating func linkDown(_ key: PublicKey) {
    linked.remove(key)
    askedAt[key] = nil
  }

  /// Something came from this neighbour.
  public mutating func heard(_ key: PublicKey, at now: Instant) { lastSeen[key] = now }

  /// The frontier for every link: compared again now and then, in case anything was missed.
  public func frontiers(of ledger: CommunityLedger) -> [Sending] {
    linkedNeighbours.map { frontier(for: $0, of: ledger) }
  }

  private func frontier(for key: PublicKey, of ledger: CommunityLedger) -> Sending {
    let entries = ledger.frontier.prefix(Frame.maximumItems).map {
      FrontierEntry(author: $0.author, count: $0.count, head: $0.head)
    }
    return Sending(to: key, frame: .frontier(Array(entries)))
  }

  /// A neighbour's frontier: sends it what it lacks, proofs of forks first.
  ///
  /// The neighbour learns of what *we* lack from our own frontier, which it gets as well.
  public func answer(
    _ entries: [FrontierEntry], from key: PublicKey, ledger: CommunityLedger
  ) -> [Sending] {
    var known: [PublicKey: FrontierEntry] = [:]
    for entry in entries { known[entry.author] = entry }
    var missing = Batch(records: Self.batch / 2, bytes: Self.batchBytes / 2)
    for fork in ledger.forks { missing.add([fork.first, fork.second]) }
    missing.room = (Self.batch, Self.batchBytes)
    for (author, count, _) in ledger.frontier {
      guard let chain = ledger.chain(of: author) else { continue }
      let theirs = known[author]
      // Another record at a place that is known here too: with ours it proves the fork to them,
      // and they hold the other half.
      if let theirs, theirs.count <= count, chain.fork == nil,
        chain.identity(at: theirs.count - 1) != theirs.head
      {
        missing.add(chain.records(from: theirs.count - 1, limit: 1))
      }
      missing.add(chain.records(from: theirs?.count ?? 0, limit: Self.batch))
    }
    return missing.records.isEmpty ? [] : [Sending(to: key, frame: .records(missing.records))]
  }

  /// Whether the sender of these records stopped because a frame was full, and has more.
  public static func isFull(_ records: [[UInt8]]) -> Bool {
    records.count >= batch
      || records.reduce(0) { $0 + $1.count } > batchBytes - SealedContent.maximumBytes
  }

  /// Records for one frame, as far as it has room; each author's in order and without a gap.
  private struct Batch {
    var records: [[UInt8]] = []
    var room: (records: Int, bytes: Int)
    private var bytes = 0

    init(records: Int, bytes: Int) { room = (records, bytes) }

    mutating func add(_ more: some Sequence<[UInt8]>) {
      for record in more {
        guard records.count < room.records, bytes + record.count <= room.bytes else { return }
        records.append(record)
        bytes += record.count
      }
    }
  }

  /// After a full batch, or a record whose predecessors are missing: asks for the rest.
  public mutating func ask(
    _ key: PublicKey, ledger: CommunityLedger, at now: Instant, afterFullBatch: Bool
  ) -> [Sending] {
    guard linked.contains(key) else { return [] }
    if !afterFullBatch, let last = askedAt[key], now.since(last) < Self.askInterval { return [] }
    askedAt[key] = now
    return [frontier(for: key, of: ledger)]
  }

  /// Passes `frame` on to every link but the one it came from.
  public func spread(_ frame: Frame, except source: PublicKey?) -> [Sending] {
    linkedNeighbours.filter { $0 != source }.map { Sending(to: $0, frame: frame) }
  }
}
