import Ledger
import Sealing
import Testing

/// The accounts as the store keeps them: what one version wrote, the next one reads.
@Suite struct AccountsSnapshotTests {
  /// Digests of contracts, circles, records that wait and all. Another version of the snapshot
  /// writes others.
  @Test(
    "writes the bytes of its version",
    arguments: [
      (UInt64(1), 4, "2c7aaf342a512cebbb9946d4091ab2c6717367a52bef15e9fbffee95f44aea83"),
      (2, 3, "0696f64145daade0f7649c56e8f6a24df08b6cac2765537ef3b6458ceaf3f59e"),
      (3, 6, "cf4360eceb541b32a064c1343adc51db2b16eca13b04be7da675ee16f3258d7d"),
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
