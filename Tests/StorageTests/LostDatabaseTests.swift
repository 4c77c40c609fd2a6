import Glibc
import HeliographCore
import Quantities
import Sealing
import Storage
import Testing
import Thrown

/// A node whose database is lost, damaged or old has it back from its neighbours, and never signs
/// two records of one sequence.
@Suite struct LostDatabaseTests {
  static let start = Instant(millisecondsSince1970: 1_782_000_000_000)

  private func minutes(_ count: Int64) -> Instant { Self.start + TimeSpan(minutes: count) }

  private func texts(_ node: StoredNode) -> [String] { node.station.log.decisions.map(\.text) }

  /// House 1, whose database is at `path`, has written `limits` records, and house 2 has them all.
  private func street(
    _ directory: TemporaryDirectory, limits: Int
  ) throws -> (first: StoredNode, second: StoredNode) {
    var first = try StoredNode(
      1, neighbours: [2], path: directory.file("one.db"), at: Self.start)
    var second = try StoredNode(
      2, neighbours: [1], path: directory.file("two.db"), at: Self.start)
    try StoredNode.link(&first, &second, at: Self.start)
    for limit in 1...limits {
      #expect(try first.type("LIMIT house2 \(limit)", at: Self.start).hasPrefix("house2"))
    }
    #expect(try second.type("LIMIT house1 7", at: Self.start).hasPrefix("house1"))
    try StoredNode.exchange(&first, &second, at: Self.start)
    #expect(second.station.ledger.chain(of: first.key)?.count == Int64(limits))
    return (first, second)
  }

  @Test("a damaged database is seen at the start, and all of it comes back from a neighbour")
  func damaged() throws {
    let directory = TemporaryDirectory()
    var (first, second) = try street(directory, limits: 40)
    let marker = first.marker
    #expect(marker?.count == 40)
    let whole = RestoringTests.picture(first.station.ledger)
    try first.store?.checkpoint()
    try first.close(at: Self.start)
    let file = open(first.path, O_RDWR)
    let junk = [UInt8](repeating: 0xA5, count: 4096)
    #expect(pwrite(file, junk, junk.count, 8192) == junk.count)
    close(file)
    let error = thrown(StorageError.self) { _ = try RecordStore(path: first.path) }
    #expect(error?.kind == .corrupt)

    // What the daemon does: a new one, and the marker as it was.
    var again = try StoredNode(
      1, neighbours: [2], path: directory.file("new.db"), marker: marker, at: minutes(1))
    #expect(try again.type("LIMIT house2 9", at: minutes(1)).hasPrefix("Error"))
    #expect(texts(again).contains { $0.contains("own records are missing here") })
    try second.tell(.linkDown(first.key, reason: "closed"), at: minutes(1))
    second.outbox = []
    try StoredNode.link(&again, &second, at: minutes(2))
    #expect(RestoringTests.picture(again.station.ledger) == whole)
    #expect(texts(again).contains { $0.contains("own records are complete again") })
    #expect(try again.type("LIMIT house2 9", at: minutes(2)).hasPrefix("house2"))
    #expect(again.station.ledger.ownCount == 41)
    #expect(again.station.ledger.forkers.isEmpty)
    try again.close(at: minutes(3))
    // And it is on the disk.
    let restarted = try StoredNode(
      1, neighbours: [2], path: directory.file("new.db"), marker: again.marker, at: minutes(4))
    #expect(restarted.station.ledger.ownCount == 41)
    #expect(!restarted.station.ledger.lacksOwnRecords)
  }

  @Test("an old backup reads only, says so after ten minutes, and goes on when it has its records")
  func backup() throws {
    let directory = TemporaryDirectory()
    let copy = directory.file("copy.db")
    var (first, second) = try street(directory, limits: 5)
    try first.close(at: Self.start)
    try RawDatabase.run(first.path, "VACUUM INTO '\(copy)'")
    first = try StoredNode(
      1, neighbours: [2], path: first.path, marker: first.marker, at: Self.start)
    try second.tell(.linkDown(first.key, reason: "closed"), at: Self.start)
    try StoredNode.link(&first, &second, at: Self.start)
    #expect(try first.type("LIMIT house2 77", at: Self.start).hasPrefix("house2"))
    try StoredNode.exchange(&first, &second, at: Self.start)
    try first.close(at: Self.start)

    // With the marker, which no backup has: it knows by itself what is missing.
    var restored = try StoredNode(
      1, neighbours: [2], path: copy, marker: first.marker, at: minutes(1))
    try restored.synchronise(until: minutes(20))
    let lines = texts(restored)
    #expect(lines.contains { $0.contains("reading only: own records 5 to 5 are missing") })
    #expect(try restored.type("LIMIT house2 8", at: minutes(20)).hasPrefix("Error"))
    try second.tell(.linkDown(first.key, reason: "closed"), at: minutes(21))
    second.outbox = []
    try StoredNode.link(&restored, &second, at: minutes(21))
    #expect(try restored.type("LIMIT house2 8", at: minutes(21)).hasPrefix("house2"))
    #expect(restored.station.ledger.ownCount == 7)
    try StoredNode.exchange(&restored, &second, at: minutes(21))
    #expect(second.station.ledger.forkers.isEmpty)
  }

  @Test("a backup with nothing beside it signs nothing before a neighbour has spoken")
  func wholeBackup() throws {
    let directory = TemporaryDirectory()
    let copy = directory.file("copy.db")
    var (first, second) = try street(directory, limits: 5)
    try first.close(at: Self.start)
    try RawDatabase.run(first.path, "VACUUM INTO '\(copy)'")
    try second.tell(.linkDown(first.key, reason: "closed"), at: Self.start)
    second.outbox = []
    first = try StoredNode(
      1, neighbours: [2], path: first.path, marker: first.marker, at: Self.start)
    try StoredNode.link(&first, &second, at: Self.start)
    #expect(try first.type("LIMIT house2 77", at: Self.start).hasPrefix("house2"))
    try StoredNode.exchange(&first, &second, at: Self.start)

    var restored = try StoredNode(1, neighbours: [2], path: copy, at: minutes(1))
    try restored.synchronise(until: minutes(20))
    #expect(texts(restored).contains { $0.contains("no neighbour has said") })
    #expect(try restored.type("LIMIT house2 8", at: minutes(20)).hasPrefix("Error"))
    try second.tell(.linkDown(first.key, reason: "closed"), at: minutes(21))
    second.outbox = []
    try StoredNode.link(&restored, &second, at: minutes(21))
    #expect(try restored.type("LIMIT house2 8", at: minutes(21)).hasPrefix("house2"))
    #expect(restored.station.ledger.ownCount == 7)
    #expect(second.station.ledger.forkers.isEmpty)
  }
}
