import CSodium

/// Bytes that only the holder of one key can read: libsodium's `crypto_box_seal`, with the X25519
/// form of the node's Ed25519 key. Who sealed them it does not tell.
public enum SealedBox {
  /// What sealing adds: an ephemeral key and an authentication tag.
  public static let overhead = 48

  /// Seals `bytes` to `key`; nil when the key is no point of the curve's main group.
  public static func seal(_ bytes: [UInt8], to key: PublicKey) -> [UInt8]? {
    var box = [UInt8](repeating: 0, count: 32)
    guard crypto_sign_ed25519_pk_to_curve25519(&box, key.bytes) == 0 else { return nil }
    var sealed = [UInt8](repeating: 0, count: bytes.count + overhead)
    guard crypto_box_seal(&sealed, bytes, UInt64(bytes.count), box) == 0 else { return nil }
    return sealed
  }
}

extension KeyPair {
  /// Opens what was sealed to this key; nil for anything else.
  public func open(_ sealed: [UInt8]) -> [UInt8]? {
    guard sealed.count >= SealedBox.overhead else { return nil }
    var box = [UInt8](repeating: 0, count: 32)
    var secretBox = [UInt8](repeating: 0, count: 32)
    defer { sodium_memzero(&secretBox, secretBox.count) }
    guard crypto_sign_ed25519_pk_to_curve25519(&box, publicKey.bytes) == 0,
      crypto_sign_ed25519_sk_to_curve25519(&secretBox, signingKey) == 0
    else { return nil }
    // One more than needed, so that an empty message has an address as well.
    var bytes = [UInt8](repeating: 0, count: sealed.count - SealedBox.overhead + 1)
    guard crypto_box_seal_open(&bytes, sealed, UInt64(sealed.count), box, secretBox) == 0 else {
      return nil
    }
    bytes.removeLast()
    return bytes
  }
}
