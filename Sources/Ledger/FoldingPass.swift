import Sealing

/// Goes through a store's records in the order of their arrival and tells which nobody needs any
/// more: those of contracts that a checkpoint covers.
///
/// Answers link what they answer, so a contract's records are found from its ACCEPT on. Those that
/// came before what they answer are passed over: they are few, and stay as they are.
public struct FoldingPass: Sendable {
  private let coverage: Coverage
  /// Identities of records of covered contracts, lately and before that.
  private var recent: Set<Digest> = []
  private var earlier: Set<Digest> = []
  /// An answer comes within so many other covered records, or is passed over.
  private static let remembered = 16_384

  public init(_ coverage: Coverage) { self.coverage = coverage }

  /// Whether the next record can be folded.
  public mutating func takes(_ record: Record) -> Bool {
    guard record.kind?.canBeFolded == true else { return false }
    let isCovered =
      record.kind == .accept
      ? coverage.covers(accept: record)
      : record.link.map { recent.contains($0) || earlier.contains($0) } ?? false
    guard isCovered, !coverage.keepsAll(of: record.author) else { return false }
    recent.insert(record.identity)
    if recent.count >= Self.remembered {
      earlier = recent
      recent = []
    }
    return !FoldedRun.isKept(record.sequence)
  }

  /// Folds records of one author into the one that follows them.
  ///
  /// - Parameters:
  ///   - items: what is stored of them, by sequence, without a gap.
  ///   - next: what is stored of the one after.
  /// - Returns: what is to be stored in their place; nil when they do not follow one another, or
  ///   would make too long a run.
  public static func fold(_ items: [[UInt8]], into next: [UInt8]) -> [UInt8]? {
    var run: FoldedRun?
    var last: Digest?
    for bytes in items + [next] {
      guard let item = StoredItem(bytes) else { return nil }
      if let before = run {
        guard item.run.first == before.end, item.run.previous == last else { return nil }
        run = FoldedRun(
          first: before.first, previous: before.previous,
          remainders: before.remainders + item.run.remainders)
      } else {
        run = item.run
      }
      guard item.bytes != next, let before = run else { continue }
      run = FoldedRun(
        first: before.first, previous: before.previous,
        remainders: before.remainders + [RecordChaining.remainder(of: item.record)])
      last = item.record.identity
    }
    guard let run, let end = StoredItem(next), run.isFollowed(by: end.record) else { return nil }
    return run.item(before: end.record.bytes)
  }

  /// Where what is stored of a record begins: the first sequence that it has something of.
  public static func start(of item: [UInt8]) -> Int64? { StoredItem(item)?.run.first }
}

/// What is stored of a record and of those before it that were folded.
private struct StoredItem {
  let bytes: [UInt8]
  let record: Record
  /// Of the records before it; without remainders where those are not folded.
  let run: FoldedRun

  init?(_ bytes: [UInt8]) {
    let parts = FoldedRun.parts(of: bytes)
    guard let record = try? Record(decoding: parts?.record ?? bytes, verifying: false) else {
      return nil
    }
    self.bytes = bytes
    self.record = record
    run =
      parts?.run
      ?? FoldedRun(first: record.sequence, previous: record.previous, remainders: [])
  }
}
