import HeliographCore
import Ledger
import Sealing

/// Folding records that nobody needs any more into those that follow them.
extension RecordStore {
  /// How far a pass over the records has come.
  public struct FoldingCourse: Sendable {
    fileprivate var pass: FoldingPass
    fileprivate var reached: Int64 = 0
    /// Whether all records have been looked at.
    public fileprivate(set) var isOver = false

    public init(_ coverage: Coverage) { pass = FoldingPass(coverage) }
  }

  /// A stored record that can be folded.
  fileprivate struct Candidate {
    let arrival: Int64
    let chain: Int64
    let author: PublicKey
    let start: Int64
    let sequence: Int64
    let bytes: [UInt8]
  }

  /// Looks at the next `count` records in the order of arrival and folds what can be, in one
  /// transaction; returns how many bytes less each author's records take up.
  public func fold(
    next count: Int, _ course: inout FoldingCourse
  ) throws(StorageError) -> [PublicKey: Int] {
    var next = course
    let freed = try content.withLock { content throws(StorageError) in
      let candidates = try content.database.candidates(next: count, &next)
      var freed: [PublicKey: Int] = [:]
      guard !candidates.isEmpty else { return freed }
      try content.database.transaction(during: "fold") { database throws(StorageError) in
        for group in Self.groups(of: candidates) {
          freed[group[0].author, default: 0] += try database.fold(group)
        }
      }
      return freed
    }
    course = next
    return freed.filter { $0.value != 0 }
  }

  /// Candidates of one chain that follow one another, the last ones of a chain first: what is
  /// folded into a record may then be folded on.
  private static func groups(of candidates: [Candidate]) -> [[Candidate]] {
    var groups: [[Candidate]] = []
    for candidate in candidates.sorted(by: { ($0.chain, $0.sequence) < ($1.chain, $1.sequence) }) {
      let last = groups.last?.last
      if last?.chain == candidate.chain, last.map({ $0.sequence + 1 }) == candidate.start {
        groups[groups.count - 1].append(candidate)
      } else {
        groups.append([candidate])
      }
    }
    return groups.reversed()
  }
}

extension Database {
  fileprivate mutating func candidates(
    next count: Int, _ course: inout RecordStore.FoldingCourse
  ) throws(StorageError) -> [RecordStore.Candidate] {
    var seen = 0
    var found: [RecordStore.Candidate] = []
    var next = course
    try rows(
      """
      SELECT arrival, chain, sequence, proof, bytes
      FROM record WHERE arrival > ? ORDER BY arrival LIMIT ?
      """, [.integer(course.reached), .integer(Int64(count))], during: "fold"
    ) { row in
      seen += 1
      next.reached = row.integer(0)
      let bytes = row.bytes(4)
      guard Self.isWhole(bytes, proof: row.bytes(3)), let start = FoldingPass.start(of: bytes),
        let record = FoldedRun.record(of: bytes), next.pass.takes(record)
      else { return }
      found.append(
        RecordStore.Candidate(
          arrival: row.integer(0), chain: row.integer(1), author: record.author, start: start,
          sequence: record.sequence, bytes: bytes))
    }
    next.isOver = seen < count
    course = next
    return found
  }

  /// Folds a group into the record that follows it; returns by how many bytes less that is.
  fileprivate mutating func fold(_ group: [RecordStore.Candidate]) throws(StorageError) -> Int {
    guard let last = group.last else { return 0 }
    var next: (arrival: Int64, bytes: [UInt8])?
    try rows(
      """
      SELECT arrival, proof, bytes FROM record WHERE chain = ? AND sequence > ?
      ORDER BY sequence, arrival LIMIT 1
      """, [.integer(last.chain), .integer(last.sequence)], during: "fold"
    ) { row in
      // Nothing is folded into a damaged one: it would seem whole afterwards.
      let bytes = row.bytes(2)
      if Self.isWhole(bytes, proof: row.bytes(1)) { next = (row.integer(0), bytes) }
    }
    guard let next, let item = FoldingPass.fold(group.map(\.bytes), into: next.bytes) else {
      return 0
    }
    try execute(
      "UPDATE record SET proof = ?, bytes = ? WHERE arrival = ?",
      [.bytes(Self.proof(of: item)), .bytes(item), .integer(next.arrival)], during: "fold")
    for candidate in group {
      try execute(
        "DELETE FROM record WHERE arrival = ?", [.integer(candidate.arrival)], during: "fold")
    }
    return group.reduce(0) { $0 + $1.bytes.count } + next.bytes.count - item.count
  }
}
