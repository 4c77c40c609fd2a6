import Ledger
import Quantities
import Sealing

/// Spreads records, orders and frontiers among linked neighbours, store and forward.
///
/// Whenever a link comes up, and again every few minutes, both sides send their frontiers; each
/// answers with what the other lacks. What is new is passed on to every other link at once, so
/// records cross partitions and several hops. The ledger decides what is valid; gossip never does.
public struct Gossip: Sendable {
  /// Records in one frame: about 300 kB.
  public static let batch = 1000
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
    var missing: [[UInt8]] = []
    for fork in ledger.forks { missing += [fork.first, fork.second] }
    for (author, count, _) in ledger.frontier {
      let from = known[author]?.count ?? 0
      guard from < count, missing.count < Self.batch, let chain = ledger.chain(of: author) else {
        continue
      }
      missing += chain.records(from: from, limit: Self.batch - missing.count)
    }
    return missing.isEmpty ? [] : [Sending(to: key, frame: .records(missing))]
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
