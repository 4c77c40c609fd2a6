import Glibc
import HeliographCore
import Ledger
import Sealing
import Storage

/// Verifies the records of a file as a node would and stores them, a hundred to a commit.
struct StoreBenchmark {
  static let batch = 100

  /// Prints records a second: decoded, digested, verified, chained, accounted and on the disk.
  static func run(records path: String, database: String) throws {
    let records = try RecordFile.read(path)
    guard let keys = KeyPair(seed: [UInt8](repeating: 1, count: 32)) else {
      throw Complaint("libsodium refused a seed")
    }
    let store = try RecordStore(path: database)
    var ledger = CommunityLedger(community: RecordFile.community, keys: keys)
    var writes: [StoreWrite] = []
    let start = nanoseconds()
    for bytes in records {
      guard case .taken(let record, _) = ledger.receive(bytes) else {
        throw Complaint("a record was not taken")
      }
      writes.append(
        .record(
          StoredRecord(
            community: record.community, author: record.author, sequence: record.sequence,
            identity: record.identity, bytes: bytes)))
      if writes.count == batch {
        try store.commit(writes)
        writes.removeAll(keepingCapacity: true)
      }
    }
    try store.commit(writes)
    let elapsed = nanoseconds() - start
    Output.line("\(Int64(records.count) * 1_000_000_000 / max(elapsed, 1))")
  }

  private static func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
