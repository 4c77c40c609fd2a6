import Sealing

/// One author's records in one community, in order and without gaps.
public struct Chain: Sendable {
  public let author: PublicKey
  /// Bytes of each record; the index is the sequence.
  private var records: [[UInt8]] = []
  private var identities: [Digest] = []
  /// What the records take up, in bytes.
  public private(set) var byteCount = 0
  /// The author signed two different records of one sequence; the proof is kept.
  public private(set) var fork: Fork?

  /// The most records a chain may hold: about ten years of a busy household.
  public static let capacity = 1_000_000

  public init(author: PublicKey) { self.author = author }

  public var count: Int64 { Int64(records.count) }
  public var head: Digest? { identities.last }

  /// What taking a record came to.
  public enum Outcome: Hashable, Sendable {
    case appended
    case duplicate
    /// Records before it are missing; the chain's length tells from where.
    case gap
    /// It contradicts a record that is known: proof that the author forked.
    case forked(Fork)
    /// Its `previous` names no record of this chain although its sequence follows.
    case refused
  }

  /// Appends a verified record, or says why not; changes nothing but the fork proof then.
  public mutating func take(_ record: Record) -> Outcome {
    guard record.sequence < Int64(Self.capacity) else { return .refused }
    if record.sequence < count {
      let index = Int(record.sequence)
      if identities[index] == record.identity { return .duplicate }
      return prove(known: records[index], other: record.bytes)
    }
    guard record.sequence == count else { return .gap }
    guard record.previous == head else {
      // Same length, other past: the branch's earlier records prove the fork when they come.
      return .refused
    }
    records.append(record.bytes)
    byteCount += record.bytes.count
    identities.append(record.identity)
    return .appended
  }

  private mutating func prove(known: [UInt8], other: [UInt8]) -> Outcome {
    if let fork { return .forked(fork) }
    let proof = Fork(author: author, first: known, second: other)
    fork = proof
    return .forked(proof)
  }

  /// Bytes of the records from `sequence` on, at most `limit`.
  public func records(from sequence: Int64, limit: Int) -> ArraySlice<[UInt8]> {
    guard (0..<count).contains(sequence) else { return [] }
    return records[Int(sequence)..<min(Int(sequence) + limit, records.count)]
  }

  /// The identity at `sequence`, if the chain is that long.
  public func identity(at sequence: Int64) -> Digest? {
    (0..<count).contains(sequence) ? identities[Int(sequence)] : nil
  }
}

/// Two different records of one author and sequence: a proof that anyone can check.
public struct Fork: Hashable, Sendable {
  public let author: PublicKey
  public let first: [UInt8]
  public let second: [UInt8]
}
