import Ledger
import Sealing

/// What one frame of records came to.
struct RecordIntake {
  /// Bytes of those that are new here, to be passed on.
  private(set) var fresh: [[UInt8]] = []
  /// Authors of whom something was taken, in the order of the frame.
  private(set) var placed: [PublicKey] = []
  /// A record came whose predecessors, as far as anyone can tell, follow what is known.
  private(set) var sawGap = false
  /// The lowest sequence of each author that belongs to a branch whose beginning is missing.
  private(set) var branchGaps: [(author: PublicKey, sequence: Int64)] = []

  /// - Parameter bytes: the record as it came, with what is left of those before it.
  mutating func took(_ record: Record, as bytes: [UInt8]) {
    fresh.append(bytes)
    if placed.last != record.author { placed.append(record.author) }
    branchGaps.removeAll { $0.author == record.author }
  }

  mutating func missed(_ gap: CommunityLedger.Gap) {
    if gap.provesFork { fresh.append(gap.record.bytes) }
    guard gap.isOtherBranch else {
      sawGap = true
      return
    }
    let author = gap.record.author
    guard let index = branchGaps.firstIndex(where: { $0.author == author }) else {
      branchGaps.append((author, gap.record.sequence))
      return
    }
    branchGaps[index].sequence = min(branchGaps[index].sequence, gap.record.sequence)
  }
}
