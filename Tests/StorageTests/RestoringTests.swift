import HeliographCore
import Ledger
import Market
import Quantities
import Sealing
import Storage
import Testing
import Thrown

/// What a start makes of a database.
@Suite struct RestoringTests {
  static let community = Community(name: "test")

  static func keys(_ number: UInt8) throws -> KeyPair {
    try #require(KeyPair(seed: [UInt8](repeating: number, count: 32)))
  }

  static func ledger(_ number: UInt8 = 1) throws -> CommunityLedger {
    CommunityLedger(community: community, keys: try keys(number))
  }

  /// Records of one author that follow `previous`.
  static func run(
    _ count: Int, by author: UInt8, after previous: Record? = nil, _ number: Int64 = 1
  ) throws -> [Record] {
    let keys = try keys(author)
    let peer = try Self.keys(1).publicKey
    var run: [Record] = []
    for _ in 0..<count {
      let last = run.last ?? previous
      run.append(
        Record(
          community: community.identifier, keys: keys, sequence: (last?.sequence ?? -1) + 1,
          previous: last?.identity, time: Instant(millisecondsSince1970: 1), kind: .limit,
          peer: peer, link: nil, body: [.integer(number)]))
    }
    return run
  }

  static func stored(_ record: Record) -> StoredRecord {
    StoredRecord(
      community: record.community, author: record.author, sequence: record.sequence,
      identity: record.identity, bytes: record.bytes)
  }

  /// Two authors' records, one of them with two branches, in an order of arrival.
  static func street() throws -> [Record] {
    let trunk = try run(40, by: 2)
    let other = try run(30, by: 3)
    return zip(trunk, other).flatMap { [$0, $1] } + trunk.suffix(10)
      + (try run(5, by: 2, after: trunk[20], 7))
  }

  /// Takes and stores records as a node does, with an index after each `indexed`.
  static func fill(_ path: String, _ records: [Record], indexed: [Int]) throws -> CommunityLedger {
    let store = try RecordStore(path: path)
    var ledger = try ledger()
    for (number, record) in records.enumerated() {
      guard case .taken = ledger.receive(record.bytes) else {
        Issue.record("record \(number) was not taken")
        return ledger
      }
      var writes: [StoreWrite] = [.record(stored(record))]
      if indexed.contains(number), let index = ledger.takeIndex(always: true) {
        writes.append(.index(index))
      }
      try store.commit(writes)
    }
    return ledger
  }

  static func picture(_ ledger: CommunityLedger) -> [String] {
    ["\(ledger.recordCount)", "\(ledger.forkers)"]
      + ledger.sortedChains.flatMap { chain in
        chain.branches.map { "\(chain.author) \(chain.byteCount) \($0.start) \($0.head)" }
      }
  }

  @Test(
    "a start from an index equals one that reads every record",
    arguments: [[], [0], [30], [30, 60], [74], [10, 11, 12, 50]])
  func index(_ indexed: [Int]) throws {
    let directory = TemporaryDirectory()
    let path = directory.file("node.db")
    let records = try Self.street()
    let expected = Self.picture(try Self.fill(path, records, indexed: indexed))
    let covered = indexed.last.map { $0 + 1 } ?? 0
    do {
      var restored = try Self.ledger()
      let restoration = try RecordStore(path: path).restore(&restored)
      #expect(Self.picture(restored) == expected)
      #expect(restoration.replayed == records.count - covered)
      #expect(restoration.damaged == 0)
    }
    // Another key's tags mean nothing here.
    var other = try Self.ledger(9)
    let restoration = try RecordStore(path: path).restore(&other)
    #expect(Self.picture(other) == expected)
    #expect(restoration.replayed == records.count)
  }

  @Test(
    "an index that is damaged or incomplete is passed over",
    arguments: [
      "UPDATE snapshot SET bytes = zeroblob(length(bytes))", "DELETE FROM snapshot",
      "DELETE FROM segment WHERE number = 1", "DELETE FROM segment WHERE number = 2",
      "UPDATE segment SET bytes = substr(bytes, 2)",
    ])
  func badIndex(_ sql: String) throws {
    let directory = TemporaryDirectory()
    let path = directory.file("node.db")
    let records = try Self.street()
    let expected = Self.picture(try Self.fill(path, records, indexed: [20, 60]))
    try RawDatabase.run(path, sql)
    var restored = try Self.ledger()
    let store = try RecordStore(path: path)
    let restoration = try store.restore(&restored)
    #expect(Self.picture(restored) == expected)
    #expect(restoration.replayed == records.count)
    // The next index is whole again.
    let index = restored.takeIndex(always: true)
    #expect(index?.replacesAll == true)
    try store.commit([.index(try #require(index))])
    var again = try Self.ledger()
    #expect(try store.restore(&again).replayed == 0)
    #expect(Self.picture(again) == expected)
  }

  @Test(
    "a database of an early version is refused in one line, and left as it was", arguments: 1...2)
  func early(schema: Int) throws {
    let directory = TemporaryDirectory()
    let path = directory.file("node.db")
    try RawDatabase.run(
      path,
      "CREATE TABLE record(bytes BLOB); PRAGMA application_id=1212501065; "
        + "PRAGMA user_version=\(schema);")
    let error = thrown(StorageError.self) { _ = try RecordStore(path: path) }
    #expect(error?.kind == .older)
    #expect(error.map { "\($0)".contains("Move the data directory away") } == true)
    #expect(try RawDatabase.value(path, "PRAGMA user_version") == "\(schema)")
  }

  @Test("a fork's other half that was kept apart gets its place with a start")
  func otherHalf() throws {
    let directory = TemporaryDirectory()
    let records = try Self.run(7, by: 2)
    let fork = try Self.run(1, by: 2, after: records[3], 9)[0]
    let key = "fork/" + fork.author.hexadecimal
    let store = try RecordStore(path: directory.file("node.db"))
    try store.commit(
      records.map { .record(Self.stored($0)) } + [.put(key: key, value: fork.bytes)])
    var ledger = try Self.ledger()
    #expect(try store.restore(&ledger).records == records.count)
    // The station gives the other half its place and stores it with the records.
    let configuration = StationConfiguration(
      name: "house", keys: try Self.keys(1), community: Self.community, devices: [])
    var station = Station(
      configuration, restoring: StoredState(ledger: ledger, entries: try store.entries()),
      at: .zero)
    #expect(station.ledger.forkers == [fork.author])
    let writes = station.step(.started, at: .zero).compactMap { effect -> StoreWrite? in
      if case .store(let write) = effect { write } else { nil }
    }
    #expect(writes.contains(.record(Self.stored(fork))))
    #expect(writes.contains(.remove(key: key)))
    try store.commit(writes)
    #expect(try store.load().records.last == Self.stored(fork))
  }

  @Test("a record that was damaged on the disk is found by the check that goes round")
  func slowCheck() throws {
    let directory = TemporaryDirectory()
    let path = directory.file("node.db")
    let records = try Self.street()
    _ = try Self.fill(path, records, indexed: [records.count - 1])
    do {
      let store = try RecordStore(path: path)
      for _ in 0..<20 { try store.check(next: 10) }
    }
    for damage in ["zeroblob(200)", "substr(bytes, 1, length(bytes) - 1) || x'00'"] {
      try RawDatabase.run(path, "UPDATE record SET bytes = \(damage) WHERE arrival = 33")
      let store = try RecordStore(path: path)
      try store.check(next: 32)
      let error = thrown(StorageError.self) { try store.check(next: 32) }
      #expect(error?.kind == .corrupt)
      #expect(error?.description.contains("record 33") == true)
    }
  }

  @Test("of many records exactly those with a bad signature are refused", arguments: [1, 2, 3, 8])
  func verifier(_ cores: Int) throws {
    let records = try Self.run(150, by: 2)
    var source = SeededSource(seed: UInt64(cores))
    var bad: Set<Int> = []
    for _ in 0..<20 { bad.insert(Int(source.next() % 150)) }
    let received = try records.enumerated().map { index, record -> ReceivedRecord in
      guard bad.contains(index) else { return ReceivedRecord(record.bytes) }
      var bytes = record.bytes
      bytes[bytes.count - 1 - index % 60] ^= 1
      return ReceivedRecord(try Record(decoding: bytes, verifying: false), isGenuine: false)
    }
    let verified = RecordVerifier(cores: cores).verify(received + [ReceivedRecord([1, 2])])
    #expect(verified.count == 151)
    let genuine = verified.indices.filter { verified[$0].isGenuine }
    #expect(genuine == (cores == 1 ? [] : (0..<150).filter { !bad.contains($0) }))
    // Whatever was verified before, the ledger takes no other.
    var ledger = try Self.ledger()
    for (index, item) in verified.enumerated() {
      let previous = (0..<index).contains { bad.contains($0) }
      if case .taken = item.take(&ledger) {
        #expect(!bad.contains(index) && !previous)
      } else {
        #expect(bad.contains(index) || previous || index == 150)
      }
    }
  }
}
