import Sealing

/// A running digest of everything that happened, in order: two runs of a seed must give the same.
struct Trace: Sendable {
  // Two hashes of the same words, each mixed in its own way.
  private var low: UInt64 = 1
  private var high: UInt64 = 2

  /// Adds one happening: what it was, and its numbers and bytes.
  @inline(__always)
  mutating func add(_ tag: UInt8, _ numbers: [Int64], _ bytes: [UInt8] = []) {
    mix(UInt64(tag) << 8 | UInt64(numbers.count))
    for number in numbers { mix(UInt64(bitPattern: number)) }
    mix(bytes.mixed)
  }

  mutating func add(_ tag: UInt8, _ numbers: [Int64], _ text: String) {
    add(tag, numbers, Array(text.utf8))
  }

  /// The digest so far.
  var value: Digest {
    Digest(of: [low, high].flatMap { word in (0..<8).map { UInt8(word >> (8 * $0) & 0xFF) } })
  }

  private mutating func mix(_ word: UInt64) {
    low = low.mixed(with: word)
    high = high.mixed(with: word.byteSwapped)
  }
}
