import Sealing
import Testing

@Suite struct SealingTests {
  @Test("the short hash is SipHash-2-4: its authors' key 00…0f, on the bytes 00…1f")
  func shortHash() throws {
    let bytes = try #require(Digest((0..<32).map { UInt8($0) }))
    // The key is the first half of the secret.
    #expect(ShortHash(secret: bytes)(bytes) == 0x7127_512F_72F2_7CCE)
    #expect(ShortHash(secret: .zero)(bytes) != 0x7127_512F_72F2_7CCE)
  }

  @Test("an array is walked through element by element, and ends where it ends")
  func walk() throws {
    let inner: [CBORValue] = [.integer(5), .bytes([1, 2]), .array([.text("a"), .array([])])]
    let bytes = CBORValue.array([.integer(7), .array(inner), .text("end")]).encoded
    var walk = CBORWalk(bytes)
    var counts = [try walk.enterArray()]
    #expect(try walk.next() == .integer(7))
    counts.append(try walk.enterArray())
    #expect(counts == [3, 3])
    for expected in inner { #expect(try walk.next() == expected) }
    #expect(!walk.isAtEnd)
    #expect(try walk.next() == .text("end"))
    #expect(walk.isAtEnd)
    #expect(throws: CBORError.truncated) { try walk.next() }
    var claims = CBORWalk([0x9A, 0xFF, 0xFF, 0xFF, 0xFF, 0])
    #expect(throws: CBORError.truncated) { try claims.enterArray() }
    var other = CBORWalk([0x01])
    #expect(throws: CBORError.self) { try other.enterArray() }
  }

  @Test(
    "integers take their shortest form",
    arguments: [
      (Int64(0), "00"), (23, "17"), (24, "1818"), (255, "18ff"), (256, "190100"),
      (65_536, "1a00010000"), (4_294_967_296, "1b0000000100000000"), (-1, "20"), (-25, "3818"),
      (Int64.min, "3b7fffffffffffffff"), (Int64.max, "1b7fffffffffffffff"),
    ])
  func integers(_ value: Int64, _ hexadecimal: String) throws {
    let encoded = CBORValue.integer(value).encoded
    #expect(Hexadecimal.text(encoded) == hexadecimal)
    #expect(try CBORValue(decoding: encoded) == .integer(value))
  }

  @Test(
    "anything but the one form is refused",
    arguments: [
      ("1817", CBORError.notShortest(offset: 0)), ("1900ff", .notShortest(offset: 0)),
      ("1bffffffffffffffff", .notAllowed(offset: 0)), ("f6", .notAllowed(offset: 0)),
      ("a0", .notAllowed(offset: 0)), ("9fff", .notAllowed(offset: 0)),
      ("fb3ff0000000000000", .notAllowed(offset: 0)), ("c001", .notAllowed(offset: 0)),
      ("43ffff", .truncated), ("9bffffffffffffffff", .truncated), ("8201", .truncated),
      ("9a7fffffff", .truncated), ("61ff", .notText(offset: 0)), ("0000", .trailing(count: 1)),
      ("", .truncated), ("81818181818181818100", .tooDeep),
    ])
  func refusals(_ hexadecimal: String, _ error: CBORError) throws {
    let bytes = try #require(Hexadecimal.bytes(hexadecimal))
    #expect(throws: error) { try CBORValue(decoding: bytes) }
  }

  @Test("BLAKE2b-256 of RFC 7693's message abc")
  func digest() {
    #expect(
      Digest(of: Array("abc".utf8)).hexadecimal
        == "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319")
  }

  @Test("Ed25519 test 1 of RFC 8032, section 7.1")
  func signature() throws {
    let seed = try #require(
      Hexadecimal.bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
    let keys = try #require(KeyPair(seed: seed))
    #expect(
      keys.publicKey.hexadecimal
        == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    let signature = keys.sign([])
    #expect(Hexadecimal.text(signature.bytes).hasPrefix("e5564300c360ac729086e2cc806e828a"))
    #expect(keys.publicKey.verifies(signature, of: []))
    #expect(!keys.publicKey.verifies(signature, of: [0]))
    #expect(!"\(keys)".contains("9d61b19d"))
  }

  @Test("sealed content: any flipped bit breaks the signature or the form")
  func sealed() throws {
    let keys = try #require(KeyPair(seed: [UInt8](repeating: 7, count: 32)))
    let sealed = SealedContent(.array([.integer(1), .text("sun")]), keys: keys)
    for index in sealed.bytes.indices {
      var bytes = sealed.bytes
      bytes[index] ^= 1
      #expect(throws: SealedContentError.self) {
        try SealedContent(decoding: bytes).verify(by: keys.publicKey)
      }
    }
    #expect(throws: SealedContentError.tooLong(5000)) {
      try SealedContent(decoding: [UInt8](repeating: 0, count: 5000))
    }
  }

  @Test("keys that differ in any of their bytes fall into different places of a table")
  func hashes() {
    var hashes: Set<Int> = []
    for place in 0..<32 {
      for value: UInt8 in 1...200 {
        var bytes = [UInt8](repeating: 0, count: 32)
        bytes[place] = value
        if let key = PublicKey(bytes) { hashes.insert(key.hashValue) }
      }
    }
    #expect(hashes.count == 32 * 200)
  }
}
