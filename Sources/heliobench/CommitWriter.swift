import HeliographCore
import Ledger
import Sealing
import Storage

/// Commits small batches until it is killed and says after each what is now durable.
struct CommitWriter {
  let path: String

  /// Prints the number of each batch once it is committed; batch n holds two records and a value.
  func run() throws {
    let store = try RecordStore(path: path)
    let author = PublicKey(words: Words32(first: 1, second: 2, third: 3, fourth: 4))
    // An earlier run, killed, may have come this far.
    let reached = try store.entries().first { $0.key == "batch" }?.value ?? []
    let first = (Int64(String(decoding: reached, as: UTF8.self)) ?? 0) + 1
    for batch in first...1_000_000 {
      let records = [batch * 2 - 1, batch * 2].map { sequence in
        let bytes = Array("\(sequence)".utf8) + [UInt8](repeating: 0, count: 230)
        return StoredRecord(
          community: Array("crash".utf8), author: author, sequence: sequence,
          identity: RecordChaining.identity(of: bytes) ?? .zero, bytes: bytes)
      }
      try store.commit(
        records.map(StoreWrite.record) + [.put(key: "batch", value: Array("\(batch)".utf8))])
      Output.line("\(batch)")
    }
  }
}
