import Quantities
import Sealing

/// A household's question to one neighbour: what would you take for computing this?
///
/// It tells the model and the size, never the contents. It binds nobody and is on no chain.
public struct WorkRequest: Hashable, Sendable {
  public let community: [UInt8]
  public let author: PublicKey
  /// SHA-256 of the model's file.
  public let model: Digest
  /// BLAKE2b-256 of the batch file.
  public let work: Digest
  /// Requests in it: 1…50,000.
  public let requests: Int64
  /// Its length: 1…10⁸ bytes.
  public let length: Int64
  /// The sum of what each answer may be long: 1…10⁹ output tokens.
  public let tokens: Int64
  /// The most that the household pays a million tokens.
  public let priceLimit: TokenPrice
  public let deadline: Instant
  public let time: Instant
  public let identity: Digest
  public let bytes: [UInt8]

  public static let maximumLength: Int64 = 100_000_000

  /// Writes and signs a request.
  public init(
    community: Community, keys: KeyPair, model: Digest, work: Digest, requests: Int64,
    length: Int64, tokens: Int64, priceLimit: TokenPrice, deadline: Instant, time: Instant
  ) {
    self.community = community.identifier
    author = keys.publicKey
    self.model = model
    self.work = work
    self.requests = requests
    self.length = length
    self.tokens = tokens
    self.priceLimit = priceLimit
    self.deadline = deadline
    self.time = time
    let sealed = SealedContent(
      .array([
        .text(Self.tag), .bytes(community.identifier), .bytes(author.bytes), .bytes(model.bytes),
        .bytes(work.bytes), .integer(requests), .integer(length), .integer(tokens),
        .integer(priceLimit.rawValue), .integer(deadline.rawValue), .integer(time.rawValue),
      ]), keys: keys)
    identity = sealed.identity
    bytes = sealed.bytes
  }

  /// Reads a request and checks form and ranges; with `verifying` (the default) its signature too.
  ///
  /// Leave the signature out only to ask `isGenuine` later.
  public init(decoding bytes: [UInt8], verifying: Bool = true) throws(SealedContentError) {
    let sealed = try SealedContent(decoding: bytes)
    guard let fields = sealed.content.array, fields.count == 11, fields[0].text == Self.tag,
      let community = fields[1].bytes, community.count == 16,
      let author = fields[2].bytes.flatMap(PublicKey.init),
      let model = fields[3].bytes.flatMap(Digest.init),
      let work = fields[4].bytes.flatMap(Digest.init),
      let requests = fields[5].integer, (1...50_000).contains(requests),
      let length = fields[6].integer, (1...Self.maximumLength).contains(length),
      let tokens = fields[7].integer, (1...1_000_000_000).contains(tokens),
      let price = fields[8].integer, (0...TokenPrice.maximum.rawValue).contains(price),
      let deadline = fields[9].integer, (0...magnitudeLimit).contains(deadline),
      let time = fields[10].integer, (0...magnitudeLimit).contains(time)
    else { throw .malformed("a request for computing") }
    if verifying { try sealed.verify(by: author) }
    self.community = community
    self.author = author
    self.model = model
    self.work = work
    self.requests = requests
    self.length = length
    self.tokens = tokens
    priceLimit = TokenPrice(rawValue: price)
    self.deadline = Instant(rawValue: deadline)
    self.time = Instant(rawValue: time)
    identity = sealed.identity
    self.bytes = bytes
  }

  /// Whether its author signed it.
  public var isGenuine: Bool { author.verifies(sealed: bytes) }

  private static let tag = "request1"
}

/// A provider's answer to a request: its price, and by when it would be done.
public struct WorkQuote: Hashable, Sendable {
  public let community: [UInt8]
  public let author: PublicKey
  /// Identity of the request.
  public let request: Digest
  public let price: TokenPrice
  /// When the provider promises the last result.
  public let finish: Instant
  /// How long the quote stands.
  public let until: Instant
  public let time: Instant
  public let identity: Digest
  public let bytes: [UInt8]

  /// Writes and signs a quote.
  public init(
    community: Community, keys: KeyPair, request: Digest, price: TokenPrice, finish: Instant,
    until: Instant, time: Instant
  ) {
    self.community = community.identifier
    author = keys.publicKey
    self.request = request
    self.price = price
    self.finish = finish
    self.until = until
    self.time = time
    let sealed = SealedContent(
      .array([
        .text(Self.tag), .bytes(community.identifier), .bytes(author.bytes),
        .bytes(request.bytes), .integer(price.rawValue), .integer(finish.rawValue),
        .integer(until.rawValue), .integer(time.rawValue),
      ]), keys: keys)
    identity = sealed.identity
    bytes = sealed.bytes
  }

  /// Reads a quote and checks form, ranges and signature.
  public init(decoding bytes: [UInt8]) throws(SealedContentError) {
    let sealed = try SealedContent(decoding: bytes)
    guard let fields = sealed.content.array, fields.count == 8, fields[0].text == Self.tag,
      let community = fields[1].bytes, community.count == 16,
      let author = fields[2].bytes.flatMap(PublicKey.init),
      let request = fields[3].bytes.flatMap(Digest.init),
      let price = fields[4].integer, (0...TokenPrice.maximum.rawValue).contains(price),
      let finish = fields[5].integer, (0...magnitudeLimit).contains(finish),
      let until = fields[6].integer, (0...magnitudeLimit).contains(until),
      let time = fields[7].integer, (0...magnitudeLimit).contains(time)
    else { throw .malformed("a quote for computing") }
    try sealed.verify(by: author)
    self.community = community
    self.author = author
    self.request = request
    self.price = TokenPrice(rawValue: price)
    self.finish = Instant(rawValue: finish)
    self.until = Instant(rawValue: until)
    self.time = Instant(rawValue: time)
    identity = sealed.identity
    self.bytes = bytes
  }

  private static let tag = "quote1"
}
