import Glibc
import HeliographCore
import Ledger
import Quantities
import Sealing
import Storage

/// Verifies the records of a file as a node would and stores them, a hundred to a commit.
struct StoreBenchmark {
  static let batch = 100

  private let ledgerOfNobody: CommunityLedger

  init() throws { ledgerOfNobody = try Self.emptyLedger() }

  /// The ledger of a node that trades with nobody itself.
  static func emptyLedger() throws -> CommunityLedger {
    guard let keys = KeyPair(seed: [UInt8](repeating: 1, count: 32)) else {
      throw Complaint("libsodium refused a seed")
    }
    return CommunityLedger(
      community: ContractStreet.community, keys: keys, listed: ContractStreet.listed)
  }

  /// Prints records a second: decoded, digested, verified, chained, accounted and on the disk.
  func run(records path: String, database: String, cores: Int) throws {
    let records = try RecordFile.read(path)
    let store = try RecordStore(path: database)
    let verifier = RecordVerifier(cores: cores)
    var ledger = ledgerOfNobody
    let start = Self.nanoseconds()
    for first in stride(from: 0, to: records.count, by: Self.batch) {
      let batch = records[first..<min(records.count, first + Self.batch)]
      var writes: [StoreWrite] = []
      writes.reserveCapacity(batch.count + 1)
      for received in verifier.verify(batch.map { ReceivedRecord($0) }) {
        guard case .taken(let record, _, _) = received.take(&ledger) else {
          throw Complaint("a record was not taken")
        }
        writes.append(.record(Self.stored(record)))
      }
      if let index = ledger.takeIndex() { writes.append(.index(index)) }
      try store.commit(writes)
    }
    let elapsed = Self.nanoseconds() - start
    Output.line("\(Int64(records.count) * 1_000_000_000 / max(elapsed, 1))")
  }

  /// Opens a database as a start does; prints milliseconds, kB resident and how many records had
  /// to be read one by one.
  func start(database: String) throws {
    let start = Self.nanoseconds()
    let store = try RecordStore(path: database)
    var ledger = ledgerOfNobody
    let restoration = try store.restore(&ledger)
    let entries = try store.entries()
    let elapsed = Self.nanoseconds() - start
    guard restoration.damaged == 0 else { throw Complaint("the database is damaged") }
    Output.line(
      "\(elapsed / 1_000_000) \(MemoryLog.resident() ?? 0) \(restoration.records) "
        + "\(restoration.replayed) \(entries.count) \(ledger.recordCount)")
  }

  static func stored(_ record: Record) -> StoredRecord {
    StoredRecord(
      community: record.community, author: record.author, sequence: record.sequence,
      identity: record.identity, bytes: record.bytes)
  }

  static func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
