import Sealing
import Testing

@Suite struct SealedBoxTests {
  private func keys(_ number: UInt8) throws -> KeyPair {
    try #require(KeyPair(seed: [UInt8](repeating: number, count: 32)))
  }

  @Test("opens with the receiver's key alone, whole or not at all", arguments: [0, 1, 300, 70_000])
  func opens(_ count: Int) throws {
    let (ours, theirs) = (try keys(1), try keys(2))
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let sealed = try #require(SealedBox.seal(bytes, to: ours.publicKey))
    #expect(sealed.count == count + SealedBox.overhead)
    #expect(ours.open(sealed) == bytes)
    #expect(theirs.open(sealed) == nil)
    var damaged = sealed
    damaged[sealed.count / 2] ^= 1
    #expect(ours.open(damaged) == nil)
    #expect(ours.open(Array(sealed.dropLast())) == nil)
    #expect(ours.open([]) == nil)
    // Sealed again it is another text: nobody sees that the same was sent twice.
    #expect(SealedBox.seal(bytes, to: ours.publicKey) != sealed)
  }

  @Test("a key that is no point of the main group is refused")
  func badKey() throws {
    let zero = try #require(PublicKey([UInt8](repeating: 0, count: 32)))
    #expect(SealedBox.seal([1], to: zero) == nil)
  }
}
