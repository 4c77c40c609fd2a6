import Sealing
import Testing

@Suite("Places in tables of keys")
struct TableHashTests {
  /// Keys as a stranger would choose them: each is the one before with one word raised by `step`.
  private func keys(_ count: Int, word: Int, step: UInt64) -> [Words32] {
    (0..<count).map { number in
      var words: [UInt64] = [7, 7, 7, 7]
      words[word] &+= UInt64(number) &* step
      return Words32(first: words[0], second: words[1], third: words[2], fourth: words[3])
    }
  }

  @Test("Keys that agree in all but one word, or in its low bits, do not crowd a table")
  func crowding() {
    for word in 0..<4 {
      for step in [1, 1 << 12, 1 << 32, 1 << 52] as [UInt64] {
        let hashes = keys(4096, word: word, step: step).map { TableHash.secret($0, seed: 1) }
        #expect(Set(hashes).count == 4096)
        // By chance 63 % of 4,096 places are taken.
        #expect(Set(hashes.map { $0 & 4095 }).count > 2300, "word \(word), step \(step)")
        #expect(Set(hashes.map { $0 >> 32 & 4095 }).count > 2300, "word \(word), step \(step)")
      }
    }
  }

  @Test("Words in another order, another seed and another secret give another hash")
  func differs() {
    let words = Words32(first: 1, second: 2, third: 3, fourth: 4)
    let turned = Words32(first: 3, second: 4, third: 1, fourth: 2)
    let hash = TableHash.secret
    #expect(hash(words, seed: 5) == hash(words, seed: 5))
    #expect(hash(words, seed: 5) != hash(turned, seed: 5))
    #expect(hash(words, seed: 5) != hash(words, seed: 6))
    #expect(TableHash()(words, seed: 5) != TableHash()(words, seed: 5))
  }

  @Test("Sets and dictionaries of digests find what was put in")
  func tables() throws {
    let digests = (0..<2000).map { Digest(of: [UInt8($0 % 251), UInt8($0 / 251)]) }
    let places = Dictionary(uniqueKeysWithValues: zip(digests, digests.indices))
    for (place, digest) in digests.enumerated() {
      #expect(places[try #require(Digest(digest.bytes))] == place)
    }
    #expect(places[.zero] == nil)
    // Swift's own hash would find them too, ten times as slowly.
    for digest in digests.prefix(3) {
      #expect(digest._rawHashValue(seed: 3) == TableHash.secret(digest.words, seed: 3))
      #expect(digest.hashValue == TableHash.secret(digest.words, seed: 0))
    }
  }
}
