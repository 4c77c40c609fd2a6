import Quantities
import Sealing

/// Recomputes a ledger from its records alone: forms, signatures, chains, contracts, balances.
///
/// For a file or a database as a whole: each record must come after the one before it in its chain.
/// Forks are not errors of the records, they are what the records prove; both branches are checked.
public struct LedgerCheck: Sendable {
  /// The first thing that is wrong.
  public struct Fault: Error, Hashable, Sendable {
    /// Which record, counted from 1 in the order in which they are checked.
    public let number: Int
    /// Whose it is and its place in the chain; nil where the bytes do not say.
    public let author: PublicKey?
    public let sequence: Int64?
    public let reason: String

    public var text: String {
      guard let author, let sequence else { return "record \(number): \(reason)" }
      return "record \(number) (author \(author.short), sequence \(sequence)): \(reason)"
    }
  }

  /// Where an author's chain first has two different records of one sequence.
  public struct ForkPlace: Hashable, Sendable {
    public let community: [UInt8]
    public let author: PublicKey
    public let sequence: Int64
  }

  private struct ChainKey: Hashable, Sendable {
    let community: [UInt8]
    let author: PublicKey
  }

  /// The records known of a chain, branches too.
  fileprivate struct Places: Sendable {
    var sequences: [Digest: Int64] = [:]
    var first: [Int64: Digest] = [:]
    /// Those of which only a remainder was there.
    var hollow: Set<Digest> = []
    var fork: Int64?
  }

  private var chains: [ChainKey: Places] = [:]
  private var books: [[UInt8]: Accounts] = [:]
  private var number = 0
  /// Different records.
  public private(set) var recordCount = 0
  /// Records of which only the digest of the content was there.
  public private(set) var foldedCount = 0

  public init() {}

  /// Checks the next record; nil when the same record was there before, itself and not only what is
  /// left of it.
  ///
  /// - Parameter place: author, sequence and identity that it is filed under, if it is.
  @discardableResult
  public mutating func take(
    _ bytes: [UInt8], filedAs place: (author: PublicKey, sequence: Int64, identity: Digest)? = nil
  ) throws(Fault) -> Record? {
    number += 1
    let record: Record
    let run = FoldedRun.parts(of: bytes)
    do {
      record = try Record(decoding: run?.record ?? bytes, verifying: false)
    } catch {
      throw Fault(
        number: number, author: place?.author, sequence: place?.sequence, reason: error.text)
    }
    func fault(_ reason: String) -> Fault {
      Fault(
        number: number, author: record.author, sequence: record.sequence, reason: reason)
    }
    if let place, place.identity != record.identity {
      throw Fault(
        number: number, author: place.author, sequence: place.sequence,
        reason: "its bytes have changed since they were stored")
    }
    let key = ChainKey(community: record.community, author: record.author)
    let isHollow = chains[key]?.hollow.contains(record.identity) == true
    if chains[key]?.sequences[record.identity] != nil, !isHollow { return nil }
    guard record.isGenuine else { throw fault("its signature is not its author's") }
    if let run = run?.run {
      guard run.isFollowed(by: record) else {
        throw fault("the folded records before it do not lead to it")
      }
      guard run.first == 0 || holds(run.previous, key, at: run.first - 1) else {
        throw fault("what is before the folded records before it is missing")
      }
      enter(run, key)
    }
    if let previous = record.previous {
      guard let before = chains[key]?.sequences[previous] else {
        throw fault("the record before it, \(previous.short), is missing")
      }
      guard before == record.sequence - 1 else {
        throw fault("it says that it follows \(previous.short), which has sequence \(before)")
      }
    }
    if isHollow {
      chains[key]?.hollow.remove(record.identity)
      foldedCount -= 1
    }
    enter(record, key)
    return record
  }

  private func holds(_ identity: Digest?, _ key: ChainKey, at sequence: Int64) -> Bool {
    identity.flatMap { chains[key]?.sequences[$0] } == sequence
  }

  private mutating func enter(_ run: FoldedRun, _ key: ChainKey) {
    for (index, identity) in run.identities.enumerated()
    where chains[key]?.sequences[identity] == nil {
      foldedCount += 1
      chains[key, default: Places()].enter(identity, at: run.first + Int64(index))
      chains[key]?.hollow.insert(identity)
    }
  }

  /// Whether something of the records before this one, folded in `bytes`, was not there before.
  public func lacksFolded(_ bytes: [UInt8], before record: Record) -> Bool {
    let key = ChainKey(community: record.community, author: record.author)
    let identities = FoldedRun.parts(of: bytes)?.run.identities ?? []
    return identities.contains { chains[key]?.sequences[$0] == nil }
  }

  private mutating func enter(_ record: Record, _ key: ChainKey) {
    recordCount += 1
    chains[key, default: Places()].enter(record.identity, at: record.sequence)
    // In a file an author's whole chain may come before those that it answers.
    _ = books[record.community, default: Accounts(mostWaiting: .max)].apply(record)
  }

  /// Whose record has this identity; nil when none has.
  public func author(of identity: Digest) -> PublicKey? {
    // Any order: only one chain has it.
    chains.first { $0.value.sequences[identity] != nil }?.key.author
  }

  /// Counts from 1 again: what comes next is another file.
  public mutating func restartCount() { number = 0 }

  public var authorCount: Int { Set(chains.keys.map(\.author)).count }

  /// The authors who signed two different records of one sequence, by key.
  public var forks: [ForkPlace] {
    // Any order: it is sorted below.
    let found = chains.compactMap { key, places in
      places.fork.map { ForkPlace(community: key.community, author: key.author, sequence: $0) }
    }
    return found.sorted { ($0.author, $0.sequence) < ($1.author, $1.sequence) }
  }

  /// The communities whose records were there, by identifier.
  public var communities: [[UInt8]] {
    books.keys.sorted { Hexadecimal.text($0) < Hexadecimal.text($1) }
  }

  /// What the records of a community come to.
  public func accounts(of community: [UInt8]) -> Accounts { books[community] ?? Accounts() }
}

extension LedgerCheck.Places {
  fileprivate mutating func enter(_ identity: Digest, at sequence: Int64) {
    sequences[identity] = sequence
    guard let known = first[sequence] else {
      first[sequence] = identity
      return
    }
    guard known != identity else { return }
    fork = min(fork ?? sequence, sequence)
  }
}
