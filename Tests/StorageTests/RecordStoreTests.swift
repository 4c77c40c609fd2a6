import Glibc
import HeliographCore
import Ledger
import Market
import Mesh
import Sealing
import Storage
import Testing
import Thrown

@Suite struct RecordStoreTests {
  static func record(
    _ sequence: Int64, author: UInt8 = 7, community: String = "lane", content: String = "a"
  ) -> StoredRecord {
    guard let keys = KeyPair(seed: [UInt8](repeating: author, count: 32)) else {
      preconditionFailure("32 bytes make a key")
    }
    // The store does not ask what it follows.
    let record = Record(
      community: Community(name: community).identifier, keys: keys, sequence: sequence,
      previous: sequence == 0 ? nil : .zero, time: .zero, kind: .limit, peer: nil, link: nil,
      body: [.text(content)])
    return RestoringTests.stored(record)
  }

  @Test("gives back after reopening what was committed, in the order of arrival")
  func persistence() throws {
    let directory = TemporaryDirectory()
    let path = directory.file("node.db")
    let records = [
      Self.record(2), Self.record(1), Self.record(3, author: 6),
      Self.record(1, community: "hill"), Self.record(256), Self.record(2, content: "fork"),
    ]
    do {
      let store = try RecordStore(path: path)
      try store.commit(records.map(StoreWrite.record))
      try store.commit([
        .put(key: "b", value: [1]), .put(key: "a", value: []), .put(key: "c", value: [3]),
        .put(key: "b", value: [2, 0, 2]), .remove(key: "c"), .remove(key: "never"),
      ])
    }
    let state = try RecordStore(path: path).load()
    #expect(state.records == records)
    #expect(
      state.entries == [
        StoredState.Entry(key: "a", value: []), StoredState.Entry(key: "b", value: [2, 0, 2]),
      ])
  }

  @Test("answers for a span of one author, both branches in order, within the limit")
  func spans() throws {
    let directory = TemporaryDirectory()
    let store = try RecordStore(path: directory.file("node.db"))
    let records = [
      Self.record(0), Self.record(1), Self.record(0, author: 6), Self.record(2),
      Self.record(1, content: "fork"), Self.record(2, community: "hill"),
      Self.record(2, content: "fork"),
    ]
    try store.commit(records.map(StoreWrite.record))
    var request = RecordRequest(community: Community(name: "lane").identifier)
    request.proofs = [.init(author: records[0].author, from: 1, sequences: 1)]
    request.spans = [
      .init(author: records[2].author, from: 0), .init(author: records[0].author, from: 2),
      .init(author: PublicKey(words: .zero), from: 0),
    ]
    let expected = [1, 4, 2, 3, 6].map { records[$0].bytes }
    #expect(try store.records(request) == expected)
  }

  @Test("refuses a second opening while the first is open")
  func exclusive() throws {
    let directory = TemporaryDirectory()
    let path = directory.file("node.db")
    let store = try RecordStore(path: path)
    try store.commit([.put(key: "a", value: [1])])
    let error = thrown(StorageError.self) { _ = try RecordStore(path: path) }
    #expect(error?.kind == .busy)
    #expect(try store.load().entries.count == 1)
  }

  @Test("says in one line that a torn, a foreign or a newer file can't be used")
  func unusableFiles() throws {
    let directory = TemporaryDirectory()
    let torn = directory.file("torn.db")
    do {
      let store = try RecordStore(path: torn)
      try store.commit((1...200).map { .record(Self.record($0)) })
    }
    let file = open(torn, O_RDWR)
    var size = stat()
    fstat(file, &size)
    #expect(size.st_size > 16_384)
    let junk = [UInt8](repeating: 0xA5, count: 4096)
    #expect(pwrite(file, junk, junk.count, 8192) == junk.count)
    close(file)
    Self.expectRefusal(torn, .corrupt)

    let short = directory.file("short.db")
    let shortFile = open(short, O_RDWR | O_CREAT, 0o600)
    #expect(write(shortFile, junk, 700) == 700)
    close(shortFile)
    Self.expectRefusal(short, .corrupt)

    Self.expectRefusal(directory.file("missing/node.db"), .io)

    // Offsets of the file header: user_version at 60, application_id at 68 (SQLite, "fileformat2").
    for (name, offset, kind) in [
      ("newer.db", 60, StorageError.Kind.newer), ("other.db", 68, .foreign),
    ] {
      let path = directory.file(name)
      do { _ = try RecordStore(path: path) }
      let header = open(path, O_RDWR)
      #expect(pwrite(header, [0, 0, 0x77, 0x77] as [UInt8], 4, off_t(offset)) == 4)
      close(header)
      Self.expectRefusal(path, kind)
    }
  }

  private static func expectRefusal(_ path: String, _ kind: StorageError.Kind) {
    do throws(StorageError) {
      _ = try RecordStore(path: path)
      Issue.record("\(path) was opened")
    } catch {
      #expect(error.kind == kind)
      #expect(error.description.contains(path))
      #expect(!error.description.contains("\n"))
    }
  }

  @Test("a full database refuses a commit whole and goes on when there is room")
  func fullDatabase() throws {
    let directory = TemporaryDirectory()
    let store = try RecordStore(path: directory.file("node.db"))
    try store.commit([.record(Self.record(1))])
    try store.limit(pages: 8)
    let large = StoreWrite.put(key: "large", value: [UInt8](repeating: 1, count: 60_000))
    let writes: [StoreWrite] = [.record(Self.record(2)), large]
    let error = thrown(StorageError.self) { try store.commit(writes) }
    #expect(error?.kind == .full)
    #expect(try store.load().records == [Self.record(1)])
    try store.limit(pages: nil)
    try store.commit(writes)
    #expect(try store.load().records == [Self.record(1), Self.record(2)])
  }

  @Test("a full disk refuses a commit whole and goes on when there is room")
  func fullDisk() throws {
    let directory = TemporaryDirectory()
    guard mount("tmpfs", directory.path, "tmpfs", 0, "size=256k") == 0 else {
      print("SKIPPED: full disk: a small tmpfs needs root (errno \(errno))")
      return
    }
    defer { umount2(directory.path, Int32(2)) }  // MNT_DETACH
    let store = try RecordStore(path: directory.file("node.db"))
    try store.commit([.record(Self.record(1))])
    var stored: Int64 = 1
    var refusal: StorageError?
    while refusal == nil, stored < 10_000 {
      do throws(StorageError) {
        try store.commit([.record(Self.record(stored + 1))])
        stored += 1
      } catch { refusal = error }
    }
    #expect(refusal?.kind == .full)
    #expect(try store.load().records.count == Int(stored))
    #expect(mount("tmpfs", directory.path, "tmpfs", UInt(32), "size=16m") == 0)  // MS_REMOUNT
    try store.commit([.record(Self.record(stored + 1))])
    #expect(try store.load().records.count == Int(stored) + 1)
  }
}
