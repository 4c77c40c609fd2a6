import Quantities
import Sealing

/// A statement of two neighbours of what all their old contracts came to: a CHECKPOINT by the one
/// with the smaller key and a COUNTERSIGN by the other.
///
/// Once both have signed, the contracts that it covers count no more and the stated sums do: theirs
/// are the only purses that it touches. So the records of these contracts are needed by nobody for
/// balances, and may be folded to digests.
public struct Checkpoint: Hashable, Sendable {
  /// Identity of the CHECKPOINT.
  public let identity: Digest
  public let author: PublicKey
  public let peer: PublicKey
  public let sequence: Int64
  public let figures: Figures

  /// The body of a CHECKPOINT.
  public struct Figures: Hashable, Sendable {
    /// Contracts that the author bought by an ACCEPT before this place of its own chain are
    /// covered; a multiple of 1024.
    public var authorReach: Int64
    /// And those that the peer bought by one before this place of its chain.
    public var peerReach: Int64
    /// What the covered contracts have moved in which the author sold.
    public var authorSold: Credits
    /// And in which the peer sold.
    public var peerSold: Credits
    /// What of the latter was since the author's last LIMIT for the peer.
    public var authorGiven: Credits

    /// Whether this reaches no less far in either chain.
    func reaches(asFarAs other: Figures?) -> Bool {
      guard let other else { return true }
      return authorReach >= other.authorReach && peerReach >= other.peerReach
    }

    var body: [CBORValue] {
      [
        .integer(authorReach), .integer(peerReach), .integer(authorSold.rawValue),
        .integer(peerSold.rawValue), .integer(authorGiven.rawValue),
      ]
    }
  }

  /// No sum is larger: a thousand contracts of the highest price and energy.
  static let largestSum: Int64 = 1_000_000_000_000

  /// nil when the record is no CHECKPOINT, or out of range.
  init?(_ record: Record) {
    guard record.kind == .checkpoint, record.link == nil, let peer = record.peer,
      record.author < peer, record.body.count == 5
    else { return nil }
    let fields = record.body.compactMap(\.integer)
    guard fields.count == 5, fields[0] % ContractTotals.stretch == 0,
      fields[1] % ContractTotals.stretch == 0, (0...record.sequence).contains(fields[0]),
      (0...magnitudeLimit).contains(fields[1]),
      fields[2...].allSatisfy({ (0...Self.largestSum).contains($0) })
    else { return nil }
    identity = record.identity
    author = record.author
    self.peer = peer
    sequence = record.sequence
    figures = Figures(
      authorReach: fields[0], peerReach: fields[1], authorSold: Credits(rawValue: fields[2]),
      peerSold: Credits(rawValue: fields[3]), authorGiven: Credits(rawValue: fields[4]))
  }

  /// What the other side says that the author gave it since its last LIMIT; nil when the record is
  /// no COUNTERSIGN of this.
  func given(by record: Record) -> Credits? {
    guard record.kind == .countersign, record.author == peer, record.peer == author,
      record.sequence >= figures.peerReach, record.body.count == 1,
      let given = record.body[0].integer, (0...Self.largestSum).contains(given)
    else { return nil }
    return Credits(rawValue: given)
  }

  private var stamp: CheckpointTotal.Stamp {
    CheckpointTotal.Stamp(
      reach: figures.authorReach, otherReach: figures.peerReach, sequence: sequence,
      identity: identity)
  }

  /// What the peer bought: contracts in which the author sold.
  func soldByAuthor(_ amount: Credits) -> CheckpointTotal {
    CheckpointTotal(reach: figures.peerReach, amount: amount, stamp: stamp)
  }

  /// What the author bought.
  func soldByPeer(_ amount: Credits) -> CheckpointTotal {
    CheckpointTotal(reach: figures.authorReach, amount: amount, stamp: stamp)
  }

  var encoded: CBORValue {
    .array([
      .bytes(identity.bytes), .bytes(author.bytes), .bytes(peer.bytes), .integer(sequence),
      .array(figures.body),
    ])
  }

  init?(_ value: CBORValue) {
    guard let fields = value.array, fields.count == 5,
      let identity = fields[0].bytes.flatMap(Digest.init),
      let author = fields[1].bytes.flatMap(PublicKey.init),
      let peer = fields[2].bytes.flatMap(PublicKey.init), let sequence = fields[3].integer,
      let body = fields[4].array?.compactMap(\.integer), body.count == 5
    else { return nil }
    self.identity = identity
    self.author = author
    self.peer = peer
    self.sequence = sequence
    figures = Figures(
      authorReach: body[0], peerReach: body[1], authorSold: Credits(rawValue: body[2]),
      peerSold: Credits(rawValue: body[3]), authorGiven: Credits(rawValue: body[4]))
  }
}
