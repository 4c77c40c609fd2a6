import HeliographCore
import Ledger
import Quantities
import Sealing
import Storage

/// Commits small batches until it is killed and says after each what is now durable.
struct CommitWriter {
  let path: String

  /// Prints the number of each batch once it is committed; batch n holds two records and a value.
  func run() throws {
    let store = try RecordStore(path: path)
    guard let keys = KeyPair(seed: [UInt8](repeating: 1, count: 32)) else {
      throw Complaint("libsodium refused a seed")
    }
    // An earlier run, killed, may have come this far.
    let reached = try store.entries().first { $0.key == "batch" }?.value ?? []
    let first = (Int64(String(decoding: reached, as: UTF8.self)) ?? 0) + 1
    for batch in first...1_000_000 {
      let records = [batch * 2 - 1, batch * 2].map { sequence in
        let record = Record(
          community: ContractStreet.community.identifier, keys: keys, sequence: sequence,
          previous: .zero, time: .zero, kind: .limit, peer: nil, link: nil,
          body: [.bytes([UInt8](repeating: 0, count: 100))])
        return StoreBenchmark.stored(record)
      }
      try store.commit(
        records.map(StoreWrite.record) + [.put(key: "batch", value: Array("\(batch)".utf8))])
      Output.line("\(batch)")
    }
  }
}
