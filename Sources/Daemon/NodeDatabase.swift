import Glibc
import HeliographCore
import Ledger
import Quantities
import Storage

/// The node's database at a start: opened, or moved aside where it is damaged.
///
/// A damaged file is kept as it is and a new one begun. Records come back from the neighbours; the
/// head marker, which is no part of the database, keeps the node from signing before it has its
/// own again.
struct NodeDatabase: Sendable {
  /// The most damaged databases that are kept; the newest takes the place of the last.
  static let maximumKept = 9

  let path: String

  /// An open store and what a start needs of it.
  struct Opened {
    let store: RecordStore
    let state: StoredState
    /// How many records the ledger knows.
    let records: Int
  }

  /// Opens the database and reads the ledger; throws what is no damage.
  func open(
    for configuration: StationConfiguration, journal: Journal
  ) throws -> Opened {
    do throws(StorageError) {
      guard access(notePath, F_OK) != 0 else {
        throw StorageError(
          kind: .corrupt, code: 0, message: "damage was found while it was open",
          operation: "open", path: path)
      }
      return try read(RecordStore(path: path), for: configuration)
    } catch {
      guard error.kind == .corrupt else { throw error }
      let entries = RecordStore.salvagedEntries(path: path)
      let place = try moveAside()
      journal.line(
        .error,
        "\(error) It is \(place) now; \(entries.count) of its small values were saved.")
      let store = try RecordStore(path: path)
      try store.commit(entries.map { .put(key: $0.key, value: $0.value) })
      return try read(store, for: configuration)
    }
  }

  private func read(
    _ store: RecordStore, for configuration: StationConfiguration
  ) throws(StorageError) -> Opened {
    var ledger = configuration.emptyLedger
    let restoration = try store.restore(&ledger)
    guard restoration.damaged == 0 else {
      throw StorageError(
        kind: .corrupt, code: 0, message: "\(restoration.damaged) records are damaged",
        operation: "load", path: path)
    }
    return Opened(
      store: store, state: StoredState(ledger: ledger, entries: try store.entries()),
      records: restoration.records)
  }

  /// Remembers for the next start that the database is damaged.
  func noteDamage() {
    // Where even this can't be written, the slow check finds it again.
    try? FileAccess.replace(notePath, with: [], mode: 0o640)
  }

  private var notePath: String { path + ".is-damaged" }

  /// Renames the database with its log; returns its new name.
  private func moveAside() throws(FileAccess.Failure) -> String {
    let names = (1...Self.maximumKept).map { "\(path).damaged-\($0)" }
    let name = names.first { access($0, F_OK) != 0 } ?? names[names.count - 1]
    for suffix in ["-wal", "-shm", ""] where access(path + suffix, F_OK) == 0 {
      guard rename(path + suffix, name + suffix) == 0 else {
        throw FileAccess.Failure(path: path + suffix, operation: "rename", code: errno)
      }
    }
    unlink(notePath)
    return name
  }
}
