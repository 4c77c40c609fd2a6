import CSodium

/// An Ed25519 public key (RFC 8032): a node *is* its key.
public struct PublicKey: Bytes32 {
  public let words: Words32
  public init(words: Words32) { self.words = words }

  /// Whether `signature` is this key's signature of `message`.
  public func verifies(_ signature: Signature, of message: [UInt8]) -> Bool {
    crypto_sign_verify_detached(signature.bytes, message, UInt64(message.count), bytes) == 0
  }

  /// Whether the last 64 of `bytes` are this key's signature of those before.
  public func verifies(sealed bytes: [UInt8]) -> Bool {
    let count = bytes.count - 64
    guard count > 0 else { return false }
    let key = self.bytes
    return bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return false }
      return crypto_sign_verify_detached(start + count, start, UInt64(count), key) == 0
    }
  }
}

/// A detached Ed25519 signature: 64 bytes.
public struct Signature: Hashable, Sendable {
  public let bytes: [UInt8]

  /// Takes exactly 64 bytes; nil for any other length.
  public init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 64 else { return nil }
    self.bytes = Array(bytes)
  }
}

/// A node's secret and public key. The secret is never printed, logged or encoded.
public struct KeyPair: Sendable, CustomStringConvertible, CustomReflectable {
  public let publicKey: PublicKey
  private let secret: [UInt8]

  /// The key pair of a 32-byte seed; nil for any other length.
  public init?(seed: [UInt8]) {
    guard seed.count == 32 else { return nil }
    var publicBytes = [UInt8](repeating: 0, count: 32)
    var secretBytes = [UInt8](repeating: 0, count: 64)
    guard crypto_sign_seed_keypair(&publicBytes, &secretBytes, seed) == 0,
      let key = PublicKey(publicBytes)
    else { return nil }
    publicKey = key
    secret = secretBytes
  }

  /// The 32-byte seed: for the key file and for the transport's private key, nothing else.
  public var seed: [UInt8] { Array(secret.prefix(32)) }

  /// libsodium's 64-byte secret key, for this module alone.
  var signingKey: [UInt8] { secret }

  /// Signs `message`; the same message always gives the same signature.
  public func sign(_ message: [UInt8]) -> Signature {
    var output = [UInt8](repeating: 0, count: 64)
    crypto_sign_detached(&output, nil, message, UInt64(message.count), secret)
    guard let signature = Signature(output) else { preconditionFailure("64 bytes were made") }
    return signature
  }

  public var description: String { "KeyPair(\(publicKey.short))" }
  public var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}
