import CSodium

/// A digest of more bytes than should be in memory at once.
///
/// BLAKE2b-256 is what this system digests its own things by; SHA-256 (FIPS 180-4) is what a
/// model's publisher names its file by.
public final class DigestStream {
  public enum Function: Sendable {
    case blake2b, sha256
  }

  private let function: Function
  private let state: UnsafeMutableRawPointer

  public init(_ function: Function) {
    self.function = function
    let length = function == .blake2b ? crypto_generichash_statebytes() : Self.shaStateLength
    state = .allocate(byteCount: length, alignment: 64)
    switch function {
    case .blake2b: crypto_generichash_init(OpaquePointer(state), nil, 0, 32)
    case .sha256: crypto_hash_sha256_init(Self.sha(state))
    }
  }

  deinit { state.deallocate() }

  private static let shaStateLength = MemoryLayout<crypto_hash_sha256_state>.size

  private static func sha(
    _ state: UnsafeMutableRawPointer
  ) -> UnsafeMutablePointer<crypto_hash_sha256_state> {
    state.assumingMemoryBound(to: crypto_hash_sha256_state.self)
  }

  /// Digests the next bytes.
  public func update(_ bytes: [UInt8]) {
    switch function {
    case .blake2b: crypto_generichash_update(OpaquePointer(state), bytes, UInt64(bytes.count))
    case .sha256: crypto_hash_sha256_update(Self.sha(state), bytes, UInt64(bytes.count))
    }
  }

  /// The digest of all that came; call it once, as the last thing.
  public func finish() -> Digest {
    var output = [UInt8](repeating: 0, count: 32)
    switch function {
    case .blake2b: crypto_generichash_final(OpaquePointer(state), &output, output.count)
    case .sha256: crypto_hash_sha256_final(Self.sha(state), &output)
    }
    return Digest(output) ?? .zero
  }
}
