import FoundationEssentials
import HeliographCore

/// A snapshot as one line of JSON, for screens.
enum SnapshotText {
  static func json(_ snapshot: Snapshot) -> String {
    do {
      return String(decoding: try JSONEncoder().encode(snapshot), as: UTF8.self)
    } catch {
      return "Error: the snapshot can't be written: \(error)"
    }
  }
}
