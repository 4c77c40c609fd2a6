import Market
import Quantities
import Sealing

/// What one side's meter says of a slot, signed for the other side of a contract only.
///
/// Quarter-hour readings would show when a house is empty, so they never go onto the ledger; the
/// SETTLE names the statements by their identities.
public struct MeterStatement: Hashable, Sendable {
  /// A cumulative register read at a moment.
  public struct Mark: Hashable, Sendable {
    public let at: Instant
    public let register: Energy

    public init(at: Instant, register: Energy) {
      self.at = at
      self.register = register
    }
  }

  /// Identity of the contract's ACCEPT.
  public let contract: Digest
  public let author: PublicKey
  /// The export register for a seller, the import register for a buyer.
  public let opening: Mark
  public let closing: Mark
  /// The registers' step.
  public let resolution: Energy
  /// The part of the measured energy that falls to this contract; see `share`.
  public let share: Energy
  public let identity: Digest
  public let bytes: [UInt8]

  /// How late after a slot's end its register may be read and still count whole: three minutes.
  ///
  /// Slots next to each other use the same reading, so what falls between two boundaries' readings
  /// is counted once and nothing is lost.
  public static let boundaryTolerance = TimeSpan(minutes: 3)

  /// What the register counted between the two marks.
  public var measured: Energy { closing.register - opening.register }

  /// Writes and signs a statement; nil when the register went down.
  public init?(
    contract: Digest, keys: KeyPair, opening: Mark, closing: Mark, resolution: Energy,
    share: Energy
  ) {
    guard closing.register >= opening.register else { return nil }
    self.contract = contract
    author = keys.publicKey
    self.opening = opening
    self.closing = closing
    self.resolution = resolution
    self.share = share
    let sealed = SealedContent(
      .array([
        .text(Self.tag), .bytes(contract.bytes), .bytes(author.bytes),
        .integer(opening.at.rawValue), .integer(opening.register.rawValue),
        .integer(closing.at.rawValue), .integer(closing.register.rawValue),
        .integer(resolution.rawValue), .integer(share.rawValue),
      ]), keys: keys)
    identity = sealed.identity
    bytes = sealed.bytes
  }

  /// Reads a statement and checks form and ranges, and its signature unless `verifying` is false.
  public init(decoding bytes: [UInt8], verifying: Bool = true) throws(SealedContentError) {
    let sealed = try SealedContent(decoding: bytes)
    guard let fields = sealed.content.array, fields.count == 9, fields[0].text == Self.tag,
      let contract = fields[1].bytes.flatMap(Digest.init),
      let author = fields[2].bytes.flatMap(PublicKey.init)
    else { throw .malformed("a meter statement") }
    var numbers: [Int64] = []
    for field in fields[3...] {
      guard let number = field.integer, (0...magnitudeLimit).contains(number) else {
        throw .malformed("a meter statement")
      }
      numbers.append(number)
    }
    guard numbers[2] >= numbers[0], numbers[3] >= numbers[1],
      numbers[5] <= numbers[3] - numbers[1]
    else { throw .malformed("a meter statement") }
    if verifying { try sealed.verify(by: author) }
    self.contract = contract
    self.author = author
    opening = Mark(at: Instant(rawValue: numbers[0]), register: Energy(rawValue: numbers[1]))
    closing = Mark(at: Instant(rawValue: numbers[2]), register: Energy(rawValue: numbers[3]))
    resolution = Energy(rawValue: numbers[4])
    share = Energy(rawValue: numbers[5])
    identity = sealed.identity
    self.bytes = bytes
  }

  /// Whether its author signed it.
  public var isGenuine: Bool { author.verifies(sealed: bytes) }

  /// Whether what was measured flowed in `slot`, within the tolerance at its end.
  public func covers(_ slot: TimeSlot) -> Bool {
    opening.at >= slot.start && closing.at > opening.at
      && closing.at <= slot.end + Self.boundaryTolerance
  }

  private static let tag = "meter1"

  /// How a house's measured energy of a slot is shared among its contracts of that slot.
  ///
  /// In proportion to the agreed energies, rounded down, and never more than agreed; what is left
  /// belongs to no contract. The rule is public, so the other side can check it.
  public static func share(of measured: Energy, for agreed: Energy, among total: Energy) -> Energy {
    guard total > .zero else { return .zero }
    return min(agreed, measured.scaled(by: agreed.rawValue, over: total.rawValue))
  }
}
