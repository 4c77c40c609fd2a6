import Glibc
import HeliographCore
import Ledger
import Quantities
import Sealing
import Storage

/// A database of a street's whole contracts, as long as it is wanted: what they take on disk,
/// before they are folded and after.
struct StreetBenchmark {
  private let path: String
  private let store: RecordStore
  private var ledger: CommunityLedger
  private var street = ContractStreet()
  private var made = 0
  private var writes: [StoreWrite] = []
  private var bytesBefore = 0

  init(database: String) throws {
    path = database
    store = try RecordStore(path: database)
    ledger = try StoreBenchmark.emptyLedger()
  }

  /// Fills it with `count` records, as fast as it goes, and closes it as a node does; prints its
  /// bytes for each contract.
  mutating func fill(_ count: Int) throws {
    while made < count { try trade() }
    try closeBatch(always: true)
    bytesBefore = try fileSize() * 5 / made
    Output.line("\(bytesBefore)")
  }

  /// Lets checkpoints cover all contracts and folds their records; prints the milliseconds, the
  /// bytes of a folded contract and how many they are.
  mutating func foldAll() throws {
    let start = StoreBenchmark.nanoseconds()
    let reaches = street.reaches
    let (covered, all) = street.covered(reaches)
    try fold(upTo: reaches)
    let elapsed = (StoreBenchmark.nanoseconds() - start) / 1_000_000
    // What is free in the file is taken by the next records.
    let bytes = (try store.usedBytes() - (all - covered) * bytesBefore) / covered
    Output.line("\(elapsed) \(bytes) \(covered)")
  }

  /// Years of the street, what is older than a quarter folded each quarter; prints for each year
  /// its number, contracts, bytes of the file, and kB resident.
  mutating func live(years: Int) throws {
    var reaches = street.reaches
    for year in 1...years {
      for _ in 1...4 {
        let end = made + 5 * 20 * ContractStreet.houses * 91
        while made < end { try trade() }
        try closeBatch(always: true)
        // What was there a quarter ago.
        try fold(upTo: reaches)
        reaches = street.reaches
      }
      let resident = MemoryLog.resident() ?? 0
      Output.line("\(year) \(made / 5) \(try fileSize()) \(resident)")
    }
  }

  private mutating func trade() throws {
    for record in street.nextContract() {
      try take(record)
      made += 1
    }
    if writes.count >= 1000 { try closeBatch() }
  }

  private mutating func take(_ record: Record) throws {
    guard case .taken = ledger.receive(record, isGenuine: true) else {
      throw Complaint("a record was not taken")
    }
    writes.append(.record(StoreBenchmark.stored(record)))
  }

  /// A street's housekeeping: what is over is set aside.
  private mutating func closeBatch(always: Bool = false) throws {
    if let last = street.now { ledger.retire(at: last) }
    if let index = ledger.takeIndex(always: always) { writes.append(.index(index)) }
    try store.commit(writes)
    writes.removeAll(keepingCapacity: true)
    if always { try store.checkpoint() }
  }

  private mutating func fold(upTo reaches: [Int64]) throws {
    for record in street.checkpoints(reaches) { try take(record) }
    try closeBatch()
    var course = RecordStore.FoldingCourse(ledger.coverage)
    while !course.isOver {
      for (author, bytes) in try store.fold(next: 250, &course) {
        ledger.noteFolded(by: author, bytes: bytes)
      }
    }
    try closeBatch(always: true)
  }

  private func fileSize() throws -> Int {
    var file = stat()
    guard stat(path, &file) == 0 else { throw Complaint("\(path): errno \(errno)") }
    return Int(file.st_size)
  }
}
