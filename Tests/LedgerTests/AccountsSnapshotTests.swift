import Ledger
import Sealing
import Testing

/// The accounts as the store keeps them: what one version wrote, the next one reads.
@Suite struct AccountsSnapshotTests {
  /// Digests of what was written when it was made of CBOR values: contracts, circles, records that
  /// wait and all.
  @Test(
    "writes the bytes that it always wrote",
    arguments: [
      (UInt64(1), 4, "19d149aa6725b2371a3cb8888d9183c535b01fec595053ef8196ed3130d182e7"),
      (2, 3, "7c994ad9f1f2f0ae86003b1385b66e922a256e63583a6c27d43ffd433b8f0e35"),
      (3, 6, "81d869a251245ecc18dc465feab74e97d5470b8417aa56b5c9ca83275ddf9b71"),
    ])
  func sameBytes(seed: UInt64, parties: Int, digest: String) throws {
    var street = try RecordedStreet(seed: seed, parties: parties)
    for _ in 0..<300 { street.step() }
    var accounts = Accounts()
    var all: [UInt8] = []
    for (index, record) in street.shuffled().enumerated() {
      _ = accounts.apply(record)
      if index % 23 == 0 { all += Digest(of: accounts.encoded).bytes }
    }
    all += Digest(of: accounts.encoded).bytes
    #expect(Digest(of: all).hexadecimal == digest)
    let value = try CBORValue(decoding: accounts.encoded)
    #expect(value.encoded == accounts.encoded)
  }
}
