import Sealing

/// The digest of everything that happened, in order: two runs of a seed must give the same.
struct Trace: Sendable {
  /// The digest so far, then what waits to be added to it.
  private var waiting = Digest.zero.bytes

  /// Adds one happening: what it was, and its numbers and bytes.
  mutating func add(_ tag: UInt8, _ numbers: [Int64], _ bytes: [UInt8] = []) {
    waiting.append(tag)
    for number in numbers { append(number) }
    append(Int64(bytes.count))
    waiting.append(contentsOf: bytes)
    if waiting.count - 32 > 1 << 16 { fold() }
  }

  mutating func add(_ tag: UInt8, _ numbers: [Int64], _ text: String) {
    add(tag, numbers, Array(text.utf8))
  }

  private mutating func append(_ number: Int64) {
    withUnsafeBytes(of: number.bigEndian) { waiting.append(contentsOf: $0) }
  }

  /// The digest so far.
  var value: Digest {
    var copy = self
    return copy.fold()
  }

  @discardableResult
  private mutating func fold() -> Digest {
    let digest = Digest(of: waiting)
    waiting.removeAll(keepingCapacity: true)
    waiting.append(contentsOf: digest.bytes)
    return digest
  }
}
