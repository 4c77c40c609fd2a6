import Sealing

/// One author's records in one community, as a tree: a chain, unless its author forked.
///
/// Of each record eight bytes are kept, a `RecordTag`; its bytes lie in the store. A record is
/// taken when the one before it is known, on whichever branch, so two honest nodes that first knew
/// different branches know the same once they have exchanged everything.
public struct Chain: Sendable {
  public let author: PublicKey
  /// The branch that was known first, then those that left it or one another, as they came.
  public private(set) var branches: [Branch] = []
  /// What the records take up, in bytes.
  public private(set) var byteCount = 0
  /// The sequence of two different records, the lowest known one; nil while there are none.
  public private(set) var forkedAt: Int64?
  /// A record that contradicts a known one and whose predecessor is missing: the other half of a
  /// proof, kept until it can be placed.
  public private(set) var looseProof: LooseProof?

  /// The most records that a branch may hold: about ten years of a busy household.
  public static let capacity: Int64 = 1_000_000
  /// The most branches of one author that are kept…
  public static let maximumBranches = 32
  /// …and the fewest that there is always room for: two are as good a proof as a thousand.
  static let provingBranches = 2

  /// Records that follow one another.
  public struct Branch: Sendable {
    /// The sequence of its first record.
    public let start: Int64
    /// Which branch it left; nil for one that begins with a record 0.
    public let parent: Int?
    /// Tags of its records from `start` on.
    var tags = TagList()
    /// Identity of its last record.
    public fileprivate(set) var head = Digest.zero
    /// How many of its tags an index in the store covers.
    var indexed = 0
    /// Where only a remainder came of a record: the record itself may still take its place.
    fileprivate(set) var hollow = PlaceRanges()

    init(start: Int64, parent: Int?) {
      self.start = start
      self.parent = parent
    }

    /// One more than the sequence of its last record.
    public var count: Int64 { start + Int64(tags.count) }

    /// A branch as an index in the store tells it.
    init(start: Int64, parent: Int?, tags: TagList, head: Digest, hollow: PlaceRanges) {
      self.init(start: start, parent: parent)
      self.hollow = hollow
      self.tags = tags
      self.head = head
      indexed = tags.count
    }
  }

  /// Half of a proof that has no place in the tree yet.
  public struct LooseProof: Hashable, Sendable {
    public let sequence: Int64
    public let bytes: [UInt8]
  }

  public init(author: PublicKey) { self.author = author }

  /// A chain as an index in the store tells it.
  init(author: PublicKey, branches: [Branch], byteCount: Int, forkedAt: Int64?) {
    self.author = author
    self.branches = branches
    self.byteCount = byteCount
    self.forkedAt = forkedAt
  }

  /// The length of the longest branch.
  public var count: Int64 { branches.map(\.count).max() ?? 0 }
  /// The identity of the last record of the branch that was known first.
  public var head: Digest? { branches.first?.head }
  /// Whether the author signed two different records of one sequence.
  public var isForked: Bool { forkedAt != nil }

  /// What taking a record came to.
  public enum Outcome: Hashable, Sendable {
    /// It has its place; `provesFork` when it is the first that contradicts another.
    case appended(provesFork: Bool)
    case duplicate
    /// The record before it is missing.
    case gap
    /// The same, and another record of its sequence is known: it belongs to another branch.
    case otherBranch(provesFork: Bool)
    /// Chains have an end, and so have branches.
    case refused
  }

  /// Takes a verified record whose predecessor is known, or says why not.
  ///
  /// `previous` is nil for the first record of a chain.
  mutating func take(
    _ record: Record, tag: RecordTag, previous: RecordTag?, mostBranches: Int
  ) -> Outcome {
    let step = Step(
      sequence: record.sequence, identity: record.identity, tag: tag, length: record.bytes.count)
    let outcome = take(step, previous: previous, mostBranches: mostBranches)
    switch outcome {
    case .appended: if looseProof?.bytes == record.bytes { looseProof = nil }
    case .otherBranch: return .otherBranch(provesFork: keepLoose(record))
    case .duplicate, .gap, .refused: break
    }
    return outcome
  }

  /// A record of this chain, or what is left of one.
  struct Step {
    let sequence: Int64
    let identity: Digest
    let tag: RecordTag
    /// What it takes up, in bytes.
    let length: Int
    /// Whether this is only what is left of it.
    var isHollow = false
  }

  mutating func take(_ step: Step, previous: RecordTag?, mostBranches: Int) -> Outcome {
    guard step.sequence < Self.capacity else { return .refused }
    if place(of: step.tag, at: step.sequence) != nil { return .duplicate }
    let before = previous.flatMap { place(of: $0, at: step.sequence - 1) }
    guard step.sequence == 0 || before != nil else {
      return step.sequence < count ? .otherBranch(provesFork: false) : .gap
    }
    if let before, branches[before].count == step.sequence {
      append(step, to: before)
      return .appended(provesFork: prove(at: step.sequence))
    }
    guard branches.count < mostBranches else { return .refused }
    branches.append(Branch(start: step.sequence, parent: before))
    append(step, to: branches.count - 1)
    return .appended(provesFork: prove(at: step.sequence))
  }

  private mutating func append(_ step: Step, to branch: Int) {
    if step.isHollow { branches[branch].hollow.insert(step.sequence..<step.sequence + 1) }
    branches[branch].tags.append(step.tag)
    branches[branch].head = step.identity
    byteCount += step.length
  }

  /// Whether only a remainder is known of the record at `sequence` of a branch.
  func isHollow(_ sequence: Int64, of branch: Int) -> Bool {
    let hollow = branches[branch].hollow
    return !hollow.isEmpty && hollow.contains(sequence)
  }

  /// The record itself has come, of `length` bytes.
  mutating func fill(_ sequence: Int64, of branch: Int, length: Int) {
    branches[branch].hollow.remove(sequence..<sequence + 1)
    byteCount += length
  }

  /// The lowest sequence from `place` on of which only a remainder is known.
  func firstHollow(from place: Int64) -> Int64? {
    branches.compactMap { $0.hollow.first(from: place) }.min()
  }

  /// The highest one.
  var lastHollow: Int64? {
    branches.compactMap { $0.hollow.ranges.last.map { $0.upperBound - 1 } }.max()
  }

  /// Records were folded in the store and take up so many bytes less.
  mutating func noteFolded(bytes: Int) { byteCount = max(0, byteCount - bytes) }

  /// Notes a fork where another branch has a record of `sequence` too; whether that is news.
  private mutating func prove(at sequence: Int64) -> Bool {
    guard branches.count > 1 else { return false }
    let holders = branches.count { $0.start <= sequence && sequence < $0.count }
    guard holders > 1 else { return false }
    defer { forkedAt = min(forkedAt ?? sequence, sequence) }
    return forkedAt == nil
  }

  private mutating func keepLoose(_ record: Record) -> Bool {
    guard forkedAt == nil else { return false }
    forkedAt = record.sequence
    looseProof = LooseProof(sequence: record.sequence, bytes: record.bytes)
    return true
  }

  /// The tag of the record that a branch ends with, by its identity.
  func tag(ofEnd identity: Digest) -> RecordTag? {
    branches.first { $0.head == identity }.map { $0.tags[$0.tags.count - 1] }
  }

  /// Whether a record of this sequence is known, on whichever branch.
  func reaches(_ sequence: Int64) -> Bool {
    branches.contains { $0.start <= sequence && sequence < $0.count }
  }

  /// Whether this record is the last of a branch.
  func ends(with identity: Digest, at sequence: Int64) -> Bool {
    branches.contains { $0.count == sequence + 1 && $0.head == identity }
  }

  /// The branch that has a record of this tag at `sequence`.
  func place(of tag: RecordTag, at sequence: Int64) -> Int? {
    branches.firstIndex { branch in
      branch.start <= sequence && sequence < branch.count
        && branch.tags[Int(sequence - branch.start)] == tag
    }
  }

  /// The last sequence that the way to the end of `branch` shares with that to `sequence` of
  /// `other`; −1 when they share none.
  public func shared(_ branch: Int, with other: Int, at sequence: Int64) -> Int64 {
    // Where the way to the other leaves each branch that it comes by.
    var passed: [Int: Int64] = [other: sequence]
    var (step, last) = (other, sequence)
    while let parent = branches[step].parent {
      last = min(last, branches[step].start - 1)
      passed[parent] = last
      step = parent
    }
    var (own, end) = (branch, branches[branch].count - 1)
    while true {
      if let there = passed[own] { return min(there, end) }
      guard let parent = branches[own].parent else { return -1 }
      end = min(end, branches[own].start - 1)
      own = parent
    }
  }

  /// Marks all tags as covered by an index in the store.
  mutating func markIndexed() {
    for branch in branches.indices { branches[branch].indexed = branches[branch].tags.count }
  }

  /// Forgets which tags an index covers, for one that is to be written whole.
  mutating func markUnindexed() {
    for branch in branches.indices { branches[branch].indexed = 0 }
  }

  /// Keeps a loose proof that an earlier run stored.
  mutating func restore(looseProof proof: LooseProof) { looseProof = proof }
}
