import CSodium

/// SipHash-2-4 (Aumasson and Bernstein, 2012) under a secret key: eight bytes that nobody can aim
/// at who does not know the key, ten times as fast as a digest.
public struct ShortHash: Sendable {
  private let key: (UInt64, UInt64)

  /// A key drawn from the first half of `secret`.
  public init(secret: Digest) {
    key = (secret.words.first, secret.words.second)
  }

  /// The hash of 32 bytes.
  public func callAsFunction(_ bytes: some Bytes32) -> UInt64 {
    let words = bytes.words
    let input = (
      words.first.bigEndian, words.second.bigEndian, words.third.bigEndian, words.fourth.bigEndian
    )
    let secret = (key.0.bigEndian, key.1.bigEndian)
    var output: UInt64 = 0
    withUnsafeBytes(of: input) { input in
      withUnsafeBytes(of: secret) { secret in
        withUnsafeMutableBytes(of: &output) { output in
          guard let input = input.bindMemory(to: UInt8.self).baseAddress,
            let secret = secret.bindMemory(to: UInt8.self).baseAddress,
            let output = output.bindMemory(to: UInt8.self).baseAddress
          else { preconditionFailure("what is not empty has an address") }
          _ = crypto_shorthash(output, input, 32, secret)
        }
      }
    }
    return UInt64(littleEndian: output)
  }
}
