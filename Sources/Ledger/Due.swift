import Quantities
import Sealing

/// When a contract or circle is due; of those due together the lower identity comes first, so that
/// the order is the same on every machine.
struct Due: Hashable, Comparable, Sendable {
  let at: Instant
  let identity: Digest

  static func < (left: Due, right: Due) -> Bool {
    (left.at, left.identity) < (right.at, right.identity)
  }
}
