import HeliographCore
import Ledger
import Storage

/// Puts records of a file into a node's database: those that are valid and missing, or none.
struct LedgerImport {
  let store: RecordStore
  let target: String

  /// How many were missing; all of them are on the disk when it returns.
  func take(_ file: LedgerSource) throws -> Int {
    var check = LedgerCheck()
    try LedgerSource.stored(in: store) { stored in
      // A record that was damaged in the store is missing, and may be in the file.
      _ = try? check.take(
        stored.bytes, filedAs: (stored.author, stored.sequence, stored.identity))
    }
    let known = check.communities
    var writes: [StoreWrite] = []
    check.restartCount()
    do {
      try LedgerSource.exported(file.path) { bytes in
        let lacksFolded =
          FoldedRun.record(of: bytes).map { check.lacksFolded(bytes, before: $0) } ?? false
        guard let record = try check.take(bytes) else { return }
        guard known.isEmpty || known.contains(record.community) else {
          throw LedgerSource.Failure(
            text: "\(file.path): it holds records of another community than \(target)")
        }
        writes.append(
          .record(
            StoredRecord(
              community: record.community, author: record.author, sequence: record.sequence,
              identity: record.identity, bytes: lacksFolded ? bytes : record.bytes)))
      }
    } catch let fault as LedgerCheck.Fault {
      throw LedgerSource.Failure(
        text: "\(file.path): \(fault.text). Nothing of it was taken; have it exported anew")
    }
    try store.commit(writes)
    return writes.count
  }
}
