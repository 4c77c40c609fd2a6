import CSodium

/// A BLAKE2b-256 digest (RFC 7693) of some bytes.
public struct Digest: Bytes32 {
  public let words: Words32
  public init(words: Words32) { self.words = words }

  /// Digests `bytes`.
  public init(of bytes: [UInt8]) { self.init(of: bytes[...]) }

  /// Digests a part of an array where it lies.
  public init(of part: ArraySlice<UInt8>) {
    var output: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutablePointer(to: &output) { words in
      words.withMemoryRebound(to: UInt8.self, capacity: 32) { output in
        part.withUnsafeBufferPointer { bytes in
          _ = crypto_generichash(output, 32, bytes.baseAddress, UInt64(bytes.count), nil, 0)
        }
      }
    }
    self.init(bigEndian: output)
  }

  /// Digests 64 bytes, those of `first` and those of `second`.
  public init(of first: some Bytes32, _ second: some Bytes32) {
    let (one, other) = (first.words, second.words)
    var input = (
      one.first.bigEndian, one.second.bigEndian, one.third.bigEndian, one.fourth.bigEndian,
      other.first.bigEndian, other.second.bigEndian, other.third.bigEndian,
      other.fourth.bigEndian
    )
    var output: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    withUnsafeMutablePointer(to: &output) { words in
      words.withMemoryRebound(to: UInt8.self, capacity: 32) { output in
        withUnsafeMutablePointer(to: &input) { words in
          words.withMemoryRebound(to: UInt8.self, capacity: 64) { input in
            _ = crypto_generichash(output, 32, input, 64, nil, 0)
          }
        }
      }
    }
    self.init(bigEndian: output)
  }

  private init(bigEndian output: (UInt64, UInt64, UInt64, UInt64)) {
    self.words = Words32(
      first: UInt64(bigEndian: output.0), second: UInt64(bigEndian: output.1),
      third: UInt64(bigEndian: output.2), fourth: UInt64(bigEndian: output.3))
  }
}
