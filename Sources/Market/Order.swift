import Quantities
import Sealing

/// A signed wish to sell or buy energy in one slot: an OFFER or a BID.
///
/// Orders are gossip, not records: they bind nobody, expire at the gate and leave no trace on a
/// chain. An author has one order for a slot, so nobody can trade with himself.
public struct Order: Hashable, Sendable {
  public enum Side: Int64, Hashable, Sendable {
    case offer = 1
    case bid = 2
  }

  public let community: [UInt8]
  public let author: PublicKey
  public let side: Side
  public let slot: TimeSlot
  /// How much at most; zero takes back what its author said before of the slot.
  public let energy: Energy
  /// Per kWh: the least a seller takes, the most a buyer gives; ≥ 0.
  public let limitPrice: Price
  /// When it was written; of two orders of one author for one slot the later counts.
  public let time: Instant
  /// BLAKE2b-256 of the content without the signature.
  public let identity: Digest
  /// Content and signature, as sent.
  public let bytes: [UInt8]

  /// The largest energy of one order: 1 MWh.
  public static let maximumEnergy = Energy(wattHours: 1_000_000)
  /// The highest price: a million credits per kWh.
  public static let maximumPrice = Price(creditsPerKilowattHour: 1_000_000)

  /// Writes and signs an order.
  public init(
    community: Community, keys: KeyPair, side: Side, slot: TimeSlot, energy: Energy,
    limitPrice: Price, time: Instant
  ) {
    self.community = community.identifier
    author = keys.publicKey
    self.side = side
    self.slot = slot
    self.energy = energy.clamped(to: .zero...Self.maximumEnergy)
    self.limitPrice = limitPrice.clamped(to: .zero...Self.maximumPrice)
    self.time = time
    let content = CBORValue.array([
      .text(Self.tag), .bytes(community.identifier), .bytes(author.bytes), .integer(side.rawValue),
      .integer(slot.index), .integer(self.energy.milliwattHours),
      .integer(self.limitPrice.millicreditsPerKilowattHour),
      .integer(time.millisecondsSince1970),
    ])
    let sealed = SealedContent(content, keys: keys)
    identity = sealed.identity
    bytes = sealed.bytes
  }

  /// Reads an order and checks form and ranges; with `verifying` (the default) its signature too.
  ///
  /// Leave the signature out only to ask `isGenuine` later.
  public init(decoding bytes: [UInt8], verifying: Bool = true) throws(SealedContentError) {
    let sealed = try SealedContent(decoding: bytes)
    guard let fields = sealed.content.array, fields.count == 8, fields[0].text == Self.tag,
      let community = fields[1].bytes, community.count == 16,
      let author = fields[2].bytes.flatMap(PublicKey.init),
      let side = fields[3].integer.flatMap(Side.init),
      let slot = fields[4].integer, (0...magnitudeLimit / 900_000).contains(slot),
      let energy = fields[5].integer, (0...Self.maximumEnergy.rawValue).contains(energy),
      let price = fields[6].integer, (0...Self.maximumPrice.rawValue).contains(price),
      let time = fields[7].integer, (0...magnitudeLimit).contains(time)
    else { throw .malformed("an order") }
    if verifying { try sealed.verify(by: author) }
    self.community = community
    self.author = author
    self.side = side
    self.slot = TimeSlot(index: slot)
    self.energy = Energy(milliwattHours: energy)
    limitPrice = Price(millicreditsPerKilowattHour: price)
    self.time = Instant(millisecondsSince1970: time)
    identity = sealed.identity
    self.bytes = bytes
  }

  /// Whether the author's signature is that of the content.
  public var isGenuine: Bool { author.verifies(sealed: bytes) }

  /// First in the signed content, so a signature of one kind of message fits no other.
  private static let tag = "order1"

  /// When orders for `slot` close: two minutes before it starts.
  public static func gate(of slot: TimeSlot) -> Instant { slot.start - TimeSpan(minutes: 2) }
}
