import Dispatch
import Ledger
import Sealing
import Synchronization

/// Verifies the signatures of many records at once, on as many cores as it is given.
///
/// Where one core verifies 15,000 records a second and one SQLite transaction takes hundreds of
/// them, signatures are what a node that catches up waits for.
public struct RecordVerifier: Sendable {
  /// Fewer signatures than this are not worth waking another core: half a millisecond's work.
  static let smallest = 8

  public let cores: Int

  /// - Parameter cores: how many threads may work at once, at least one.
  public init(cores: Int) { self.cores = max(1, cores) }

  /// The same records in their order; those of `isNeeded` with their signatures verified.
  ///
  /// Blocks until all are done; the calling thread works too.
  public func verify(
    _ records: [ReceivedRecord], where isNeeded: (Record) -> Bool = { _ in true }
  ) -> [ReceivedRecord] {
    var places: [Int] = []
    var needed: [Record] = []
    for (place, received) in records.enumerated() {
      guard let record = received.record, !received.isGenuine, isNeeded(record) else { continue }
      places.append(place)
      needed.append(record)
    }
    guard cores > 1, needed.count >= Self.smallest else { return records }
    let genuine = verdicts(on: needed)
    var result = records
    for (index, place) in places.enumerated() where genuine[index] {
      result[place] = ReceivedRecord(needed[index], after: records[place].run, isGenuine: true)
    }
    return result
  }

  private func verdicts(on records: [Record]) -> [Bool] {
    // Small shares, so that a core that is busy elsewhere holds nobody up.
    let share = max(Self.smallest / 2, records.count / (cores * 4))
    let shares = (records.count + share - 1) / share
    let found = Mutex([Bool](repeating: false, count: records.count))
    DispatchQueue.concurrentPerform(iterations: shares) { number in
      let range = number * share..<min(records.count, (number + 1) * share)
      let verdicts = range.map { records[$0].isGenuine }
      found.withLock { $0.replaceSubrange(range, with: verdicts) }
    }
    return found.withLock { $0 }
  }
}
