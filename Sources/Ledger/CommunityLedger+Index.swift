import Sealing

/// Writing and reading what a start reads instead of every record.
extension CommunityLedger {
  /// A new index is due after this many records: a start replays fewer, some ten milliseconds…
  static let indexRecords = 512
  /// …and not before they take twice the bytes of the snapshot, which is written whole each time.
  static let indexRatio = 2
  private static let snapshotName = "ledger1"

  /// The index that is to be stored now; nil while it is not due.
  ///
  /// - Parameter always: at the end, whatever is missing from it.
  public mutating func takeIndex(always: Bool = false) -> LedgerIndex? {
    guard unindexedBytes > 0 else { return nil }
    let isDue =
      (unindexedRecords >= Self.indexRecords || unindexedRecords == 0)
      && unindexedBytes >= Self.indexRatio * snapshotBytes
    guard always || isDue else { return nil }
    let replacesAll = !hasIndex
    if replacesAll { forEachChain { $0.markUnindexed() } }
    let segments = newSegments(after: replacesAll ? 0 : indexedTags)
    forEachChain { $0.markIndexed() }
    let snapshot = Digested.bytes(snapshotValue)
    noteIndex(snapshotBytes: snapshot.count)
    return LedgerIndex(segments: segments, snapshot: snapshot, replacesAll: replacesAll)
  }

  /// Tags that no segment has yet, by author and branch.
  private func newSegments(after covered: Int) -> [[UInt8]] {
    var segments: [[UInt8]] = []
    var runs: [CBORValue] = []
    var room = LedgerIndex.segmentTags
    var covered = covered
    func close() {
      guard !runs.isEmpty else { return }
      segments.append(
        Digested.bytes(
          .array([
            .text(LedgerIndex.segmentName), .integer(salt.check), .integer(Int64(covered)),
            .array(runs),
          ])))
      runs = []
      covered += LedgerIndex.segmentTags - room
      room = LedgerIndex.segmentTags
    }
    for chain in sortedChains {
      for (number, branch) in chain.branches.enumerated() {
        var from = branch.indexed
        while from < branch.tags.count {
          let end = min(branch.tags.count, from + room)
          runs.append(
            TagRun(
              author: chain.author, branch: Int64(number), from: Int64(from),
              tags: branch.tags[from..<end]
            ).encoded)
          room -= end - from
          from = end
          if room == 0 { close() }
        }
      }
    }
    close()
    return segments
  }

  private var snapshotValue: CBORValue {
    let chains = sortedChains.map { chain -> CBORValue in
      let branches = chain.branches.map { branch -> CBORValue in
        .array(
          [
            .integer(branch.start), .integer(Int64(branch.parent ?? -1)), .integer(branch.count),
            .bytes(branch.head.bytes),
          ] + (branch.hollow.isEmpty ? [] : [branch.hollow.encoded]))
      }
      return .array([
        .bytes(chain.author.bytes), .integer(Int64(chain.byteCount)),
        .integer(chain.looseProof == nil ? chain.forkedAt ?? -1 : -1), .array(branches),
      ])
    }
    return .array([
      .text(Self.snapshotName), .integer(salt.check), .array(chains), .bytes(accounts.encoded),
    ])
  }

  /// Begins to read what an earlier run stored; nil for a snapshot that is damaged or another
  /// key's.
  ///
  /// Accounts come first and tags after: what decoding the accounts took for a moment is room for
  /// the tags then.
  public func index(snapshot: [UInt8]) -> IndexReading? {
    guard let fields = Digested.fields(snapshot, named: Self.snapshotName), fields.count == 4,
      fields[1].integer == salt.check, let entries = fields[2].array,
      let accountBytes = fields[3].bytes, let accounts = Accounts(decoding: accountBytes)
    else { return nil }
    return IndexReading(
      check: salt.check, chains: entries, accounts: accounts, snapshotBytes: snapshot.count)
  }

  /// Takes what an earlier run stored; false, and as it was before, when tags are damaged or
  /// missing: then every record has to be read.
  public mutating func restore(_ index: consuming IndexReading) -> Bool {
    guard recordCount == 0, index.isWhole else { return false }
    var restored: [Chain] = []
    for entry in index.chains {
      guard let chain = Self.chain(entry, tags: index.tags) else { return false }
      restored.append(chain)
    }
    let count = restored.reduce(0) { $0 + $1.branches.reduce(0) { $0 + $1.tags.count } }
    guard count == index.count else { return false }
    adopt(restored, index.accounts, snapshotBytes: index.snapshotBytes)
    return true
  }

  private static func chain(_ value: CBORValue, tags: [PublicKey: [TagList]]) -> Chain? {
    guard let fields = value.array, fields.count == 4,
      let author = fields[0].bytes.flatMap(PublicKey.init), let byteCount = fields[1].integer,
      let forkedAt = fields[2].integer, let entries = fields[3].array,
      let known = tags[author], known.count == entries.count
    else { return nil }
    var branches: [Chain.Branch] = []
    for (entry, tags) in zip(entries, known) {
      guard let fields = entry.array, fields.count == 4 || fields.count == 5,
        let start = fields[0].integer,
        let parent = fields[1].integer, parent < Int64(branches.count),
        fields[2].integer == start + Int64(tags.count),
        let head = fields[3].bytes.flatMap(Digest.init),
        let hollow = fields.count == 5 ? PlaceRanges(fields[4]) : PlaceRanges()
      else { return nil }
      branches.append(
        Chain.Branch(
          start: start, parent: parent < 0 ? nil : Int(parent), tags: tags, head: head,
          hollow: hollow))
    }
    return Chain(
      author: author, branches: branches, byteCount: Int(byteCount),
      forkedAt: forkedAt < 0 ? nil : forkedAt)
  }
}
