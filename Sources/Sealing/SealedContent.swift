/// Deterministic CBOR content followed by the author's 64-byte Ed25519 signature of it.
///
/// The form of everything signed here: records, orders, meter statements. The identity is the
/// digest of the content alone, so signing the same content again changes nothing.
public struct SealedContent: Sendable {
  public let content: CBORValue
  public let identity: Digest
  /// Content and signature.
  public let bytes: [UInt8]
  private let contentBytes: [UInt8]
  private let signature: Signature

  /// The longest accepted: what a person's trade needs is a tenth of it.
  public static let maximumBytes = 4096

  /// Encodes and signs `content`.
  public init(_ content: CBORValue, keys: KeyPair) {
    self.content = content
    contentBytes = content.encoded
    identity = Digest(of: contentBytes)
    signature = keys.sign(contentBytes)
    bytes = contentBytes + signature.bytes
  }

  /// Splits and decodes `bytes`; the signature is not checked yet.
  public init(decoding bytes: [UInt8]) throws(SealedContentError) {
    guard bytes.count <= Self.maximumBytes else { throw .tooLong(bytes.count) }
    guard bytes.count > 64, let signature = Signature(bytes.suffix(64)) else {
      throw .malformed("signed content")
    }
    contentBytes = Array(bytes.dropLast(64))
    do { content = try CBORValue(decoding: contentBytes) } catch { throw .notDeterministic(error) }
    identity = Digest(of: contentBytes)
    self.signature = signature
    self.bytes = bytes
  }

  /// Throws `badSignature` unless `author` signed the content.
  public func verify(by author: PublicKey) throws(SealedContentError) {
    guard author.verifies(signature, of: contentBytes) else {
      throw .badSignature(author: author)
    }
  }
}

/// Why signed bytes are refused.
public enum SealedContentError: Error, Hashable, Sendable {
  case tooLong(Int)
  case notDeterministic(CBORError)
  /// Fields missing, of the wrong kind or out of range for what it should be.
  case malformed(String)
  case badSignature(author: PublicKey)

  /// What is wrong, in words for a person.
  public var text: String {
    switch self {
    case .tooLong(let count):
      "\(count) bytes, at most \(SealedContent.maximumBytes) are accepted"
    case .notDeterministic(let error): "not deterministic CBOR (\(error))"
    case .malformed(let what): "not \(what): a field is missing or out of range"
    case .badSignature(let author): "bad signature in the name of \(author.short)"
    }
  }
}
