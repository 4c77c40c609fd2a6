import HeliographCore
import Ledger
import Mesh
import Sealing

/// A node's disk: what is durable, and what a crash would take away.
///
/// A commit is whole or absent, as SQLite's is with `synchronous=FULL`. `stage` hands writes to
/// the operating system; only `sync` makes them durable; `crash` keeps what was synced.
public struct SimulatedStore: Sendable {
  /// How a disk may break its promise, for tests that must find it.
  public enum Fault: Hashable, Sendable {
    /// Says that a commit is durable and loses the newest one in a crash: a disk whose cache
    /// ignores flushes.
    case losesNewestCommit
    /// Gives back the newest record with one bit turned.
    case turnsBit
  }

  /// Where a record is, and its sequence, so that it need not be looked at to be found.
  private struct Place: Sendable {
    let sequence: Int64
    let index: Int
  }

  public var fault: Fault?
  /// Durable records, oldest first.
  private(set) var records: [StoredRecord] = []
  private var known: Set<Digest> = []
  /// Where each author's records are, as they came.
  private var places: [PublicKey: [Place]] = [:]
  private var entries: [String: [UInt8]] = [:]
  /// The index: its segments and snapshot, and how many records it covers.
  private var segments: [[UInt8]] = []
  private var snapshot: [UInt8] = []
  private var reach = 0
  private var staged: [StoreWrite] = []
  private var newest: [StoreWrite] = []
  /// The head marker that lies beside the database; written after each commit of own records.
  private var ownHead: StoredState.OwnHead?

  public init(fault: Fault? = nil) { self.fault = fault }

  /// Takes writes that are not durable yet.
  public mutating func stage(_ writes: [StoreWrite]) { staged += writes }

  /// Makes everything staged durable in one commit.
  public mutating func sync() {
    guard !staged.isEmpty else { return }
    if fault == .losesNewestCommit {
      // The commit before is safe by now; this one only seems to be.
      apply(newest)
      newest = staged
    } else {
      apply(staged)
    }
    staged = []
  }

  /// Writes the head marker of `author`'s chain; whole or not at all, as a rename is.
  public mutating func markHead(of author: PublicKey) {
    guard let last = records.last(where: { $0.author == author }) else { return }
    ownHead = StoredState.OwnHead(count: last.sequence + 1, head: last.identity)
  }

  /// Loses what was not durable.
  public mutating func crash() {
    staged = []
    newest = []
  }

  /// What a start of `configuration` reads: the index, and the records that came after it.
  public func restore(_ configuration: StationConfiguration) -> StoredState {
    restore(configuration, knowing: FrameMemo())
  }

  /// The same; what `memo` knows of a record's bytes is not worked out again.
  func restore(_ configuration: StationConfiguration, knowing memo: FrameMemo) -> StoredState {
    var ledger = configuration.emptyLedger
    var isRestored = false
    if reach > 0, var index = ledger.index(snapshot: snapshot) {
      for segment in segments { index.take(segment) }
      isRestored = ledger.restore(index)
    }
    for record in kept.dropFirst(isRestored ? reach : 0) {
      if let known = memo.known(record.bytes), known.identity == record.identity {
        _ = ledger.receive(known, isGenuine: true)
      } else {
        _ = ledger.receive(record.bytes, storedAs: record.identity)
      }
    }
    return StoredState(ledger: ledger, entries: sortedEntries, ownHead: ownHead)
  }

  /// The records as a start finds them, in the order in which they came.
  var kept: [StoredRecord] { fault == .turnsBit ? withTurnedBit : records }

  private var sortedEntries: [StoredState.Entry] {
    entries.sorted { $0.key < $1.key }.map { StoredState.Entry(key: $0.key, value: $0.value) }
  }

  /// The records of one frame that a neighbour is to get.
  public func records(_ request: RecordRequest) -> [[UInt8]] {
    request.records(
      arrivals: { span, limit in
        let end = span.sequences.map { span.from + $0 } ?? .max
        let found = (places[span.author] ?? []).filter {
          (span.from..<end).contains($0.sequence)
        }
        let sorted = found.sorted { ($0.sequence, $0.index) < ($1.sequence, $1.index) }
        return sorted.prefix(limit).map { Int64($0.index) }
      }, bytes: { records[Int($0)].bytes })
  }

  /// Everything durable, the records in order of community, author, sequence and identity.
  public func load() -> StoredState {
    let ordered = kept.sorted {
      if $0.community != $1.community {
        return $0.community.lexicographicallyPrecedes($1.community)
      }
      return ($0.author, $0.sequence, $0.identity) < ($1.author, $1.sequence, $1.identity)
    }
    return StoredState(records: ordered, entries: sortedEntries, ownHead: ownHead)
  }

  private var withTurnedBit: [StoredRecord] {
    guard let last = records.last else { return [] }
    var bytes = last.bytes
    bytes[bytes.count - 1] ^= 1
    let turned = StoredRecord(
      community: last.community, author: last.author, sequence: last.sequence,
      identity: last.identity, bytes: bytes)
    return records.dropLast() + [turned]
  }

  private mutating func apply(_ writes: [StoreWrite]) {
    for write in writes {
      switch write {
      case .record(let record):
        if known.insert(record.identity).inserted {
          places[record.author, default: []].append(
            Place(sequence: record.sequence, index: records.count))
          records.append(record)
        }
      case .put(let key, let value): entries[key] = value
      case .remove(let key): entries[key] = nil
      case .index(let index):
        segments = (index.replacesAll ? [] : segments) + index.segments
        snapshot = index.snapshot
        reach = records.count
      }
    }
  }
}
