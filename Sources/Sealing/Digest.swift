import CSodium

/// A BLAKE2b-256 digest (RFC 7693) of some bytes.
public struct Digest: Bytes32 {
  public let words: Words32
  public init(words: Words32) { self.words = words }

  /// Digests `bytes`.
  public init(of bytes: [UInt8]) {
    var output = [UInt8](repeating: 0, count: 32)
    crypto_generichash(&output, output.count, bytes, UInt64(bytes.count), nil, 0)
    var words: [UInt64] = []
    for start in stride(from: 0, to: 32, by: 8) {
      words.append(output[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) })
    }
    self.words = Words32(first: words[0], second: words[1], third: words[2], fourth: words[3])
  }
}
