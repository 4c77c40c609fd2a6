import Market
import Quantities
import Sealing

/// One signed entry of a node's chain; `Protocol.md` specifies the bytes.
public struct Record: Hashable, Sendable {
  /// What a record says; numbers are the wire format's.
  public enum Kind: Int64, Hashable, Sendable {
    /// A buyer takes a seller's offer, or a part of it, or a provider's quote.
    case accept = 1
    /// The seller agrees and reserves the exposure.
    case confirm = 2
    /// The buyer has seen the confirmation before the slot begins: now both are bound.
    case bind = 3
    /// The seller states what was delivered and what it costs.
    case settle = 4
    /// The buyer agrees: the amount is owed.
    case acknowledge = 5
    /// A creditor says how much a neighbour may owe it.
    case limit = 6
    /// Who would have to go on with a confirmed contract does not.
    case cancel = 7
    /// The buyer owes less than the seller states, and says how much is not in doubt.
    case dispute = 8
    /// A provider of computing fixes its results before it knows which will be looked at.
    case commit = 9
    /// The buyer lets chance pick, by this record's identity, what it looks at.
    case pick = 10
    /// A debtor says that it has given money outside the ledger.
    case payment = 11
    /// A creditor says that it has got money outside the ledger: it is owed less.
    case receipt = 12
    /// A creditor says that a debtor has not paid. It moves no balance and can be taken back.
    case `default` = 13
    /// Neighbours who owe each other in a circle mean to take it off.
    case net = 14
    /// One of them agrees.
    case agree = 15
    /// A neighbour states what all old contracts with another came to.
    case checkpoint = 16
    /// The other one states the same: from now on the statement counts, and they do not.
    case countersign = 17
  }

  public static let version: Int64 = 1

  public let community: [UInt8]
  public let author: PublicKey
  /// 0, 1, 2… without gaps in a chain.
  public let sequence: Int64
  /// Identity of the author's record before; nil for the first.
  public let previous: Digest?
  /// The author's clock. Never decides whether a record is valid.
  public let time: Instant
  /// As written; unknown kinds are carried without effect.
  public let kindNumber: Int64
  public let peer: PublicKey?
  /// Identity of what this record answers.
  public let link: Digest?
  public let body: [CBORValue]
  /// A digest of the identity before and that of the content: see `RecordChaining`.
  public let identity: Digest
  /// Content and signature, stored and forwarded as received.
  public let bytes: [UInt8]

  public var kind: Kind? { Kind(rawValue: kindNumber) }

  /// Writes and signs the next record of a chain.
  public init(
    community: [UInt8], keys: KeyPair, sequence: Int64, previous: Digest?, time: Instant,
    kind: Kind, peer: PublicKey?, link: Digest?, body: [CBORValue]
  ) {
    self.community = community
    author = keys.publicKey
    self.sequence = sequence
    self.previous = previous
    self.time = time
    kindNumber = kind.rawValue
    self.peer = peer
    self.link = link
    self.body = body
    let sealed = SealedContent(
      .array([
        .integer(Self.version), .bytes(community), .bytes(author.bytes), .integer(sequence),
        .bytes(previous?.bytes ?? []), .integer(time.millisecondsSince1970),
        .integer(kind.rawValue), .bytes(peer?.bytes ?? []), .bytes(link?.bytes ?? []),
        .array(body),
      ]), keys: keys)
    identity = RecordChaining.identity(
      after: previous, kind: kind.rawValue, content: sealed.identity)
    bytes = sealed.bytes
  }

  /// Reads a record and checks form and ranges; with `verifying` (the default) its signature too.
  ///
  /// Leave the signature out only to ask `isGenuine` later, or for bytes from the own store, which
  /// were verified before they were stored.
  public init(decoding bytes: [UInt8], verifying: Bool = true) throws(SealedContentError) {
    let sealed = try SealedContent(decoding: bytes)
    guard let fields = sealed.content.array, fields.count == 10 else {
      throw .malformed("a record's ten fields")
    }
    guard fields[0].integer == Self.version else {
      throw .malformed("a record of version \(Self.version)")
    }
    guard let community = fields[1].bytes, community.count == 16 else {
      throw .malformed("a record's community")
    }
    guard let author = fields[2].bytes.flatMap(PublicKey.init) else {
      throw .malformed("a record's author")
    }
    guard let sequence = fields[3].integer, (0...magnitudeLimit).contains(sequence) else {
      throw .malformed("a record's sequence")
    }
    guard let previous = fields[4].bytes, previous.count == (sequence == 0 ? 0 : 32) else {
      throw .malformed("a record's previous")
    }
    guard let time = fields[5].integer, (-magnitudeLimit...magnitudeLimit).contains(time) else {
      throw .malformed("a record's time")
    }
    guard let kind = fields[6].integer, (0...0xFFFF).contains(kind) else {
      throw .malformed("a record's kind")
    }
    guard let peer = fields[7].bytes, [0, 32].contains(peer.count) else {
      throw .malformed("a record's peer")
    }
    guard let link = fields[8].bytes, [0, 32].contains(link.count) else {
      throw .malformed("a record's link")
    }
    guard let body = fields[9].array else { throw .malformed("a record's body") }
    if verifying { try sealed.verify(by: author) }
    self.community = community
    self.author = author
    self.sequence = sequence
    self.previous = Digest(previous)
    self.time = Instant(millisecondsSince1970: time)
    kindNumber = kind
    self.peer = PublicKey(peer)
    self.link = Digest(link)
    self.body = body
    identity = RecordChaining.identity(
      after: Digest(previous), kind: kind, content: sealed.identity)
    self.bytes = bytes
  }

  /// Whether the author's signature is that of the content.
  public var isGenuine: Bool { author.verifies(sealed: bytes) }
}
