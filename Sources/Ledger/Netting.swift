import Quantities
import Sealing

/// A circle of debts that its members mean to take off together: the body of a NET.
///
/// Each party owes the one after it, the last the first. When all have signed, each of those debts
/// is less by the amount, and nobody is richer or poorer: who loses a claim loses a debt as large.
public struct NettingProposal: Hashable, Sendable {
  /// Parties of one circle.
  public static let sizes = 3...8
  /// The highest amount: that of the highest limit.
  public static let maximum = LimitRule.maximum

  /// Identity of the NET.
  public let identity: Digest
  public let amount: Credits
  /// How long it is meant to wait for its AGREEs. One that comes later counts too: it says itself
  /// when it was written.
  public let until: Instant
  /// The proposer first; each owes the next.
  public let parties: [PublicKey]
  /// Parties that have signed, the proposer among them.
  public internal(set) var agreed: Set<PublicKey>

  init(
    identity: Digest, amount: Credits, until: Instant, parties: [PublicKey], agreed: Set<PublicKey>
  ) {
    self.identity = identity
    self.amount = amount
    self.until = until
    self.parties = parties
    self.agreed = agreed
  }

  /// nil when the record is no NET, or out of range.
  init?(_ record: Record) {
    guard record.kind == .net, record.link == nil, record.body.count >= 2 + Self.sizes.lowerBound,
      record.body.count <= 2 + Self.sizes.upperBound,
      let amount = record.body[0].integer, (1...Self.maximum.rawValue).contains(amount),
      let until = record.body[1].integer, (0...magnitudeLimit).contains(until)
    else { return nil }
    let parties = record.body[2...].compactMap { $0.bytes.flatMap(PublicKey.init) }
    guard parties.count == record.body.count - 2, Set(parties).count == parties.count,
      parties[0] == record.author, parties[1] == record.peer
    else { return nil }
    identity = record.identity
    self.amount = Credits(rawValue: amount)
    self.until = Instant(rawValue: until)
    self.parties = parties
    agreed = [record.author]
  }

  /// The body of a NET record.
  public static func body(amount: Credits, until: Instant, parties: [PublicKey]) -> [CBORValue] {
    [.integer(amount.rawValue), .integer(until.rawValue)] + parties.map { .bytes($0.bytes) }
  }

  /// Takes a party's AGREE; returns false when it is none or known.
  mutating func take(_ record: Record) -> Bool {
    guard record.author != parties[0], parties.contains(record.author),
      record.peer == parties[0], record.body.isEmpty
    else { return false }
    return agreed.insert(record.author).inserted
  }

  var isComplete: Bool { agreed.count == parties.count }

  /// Who owes whom along the circle.
  var debts: [CreditPair] {
    parties.indices.map { index in
      CreditPair(creditor: parties[(index + 1) % parties.count], debtor: parties[index])
    }
  }

  /// What `party` owes in the circle, to whom; nil for a stranger.
  public func creditor(of party: PublicKey) -> PublicKey? {
    parties.firstIndex(of: party).map { parties[($0 + 1) % parties.count] }
  }

  /// Who owes `party` in the circle; nil for a stranger.
  public func debtor(of party: PublicKey) -> PublicKey? {
    parties.firstIndex(of: party).map { parties[($0 + parties.count - 1) % parties.count] }
  }
}
