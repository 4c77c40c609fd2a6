import Dispatch
import Glibc
import Quantities
import Sites
import Storage
import Synchronization

/// What the database says was steered, for a process that must not depend on the database.
final class SafeStateRecords: Sendable {
  /// Why the markers can't be read.
  struct Trouble: Error, CustomStringConvertible {
    let description: String
  }

  struct Marked: Sendable {
    let key: SteeringKey
    /// Nil where the marker is there and can't be understood.
    let marker: SteeringMarker?
  }

  private struct Content {
    var store: RecordStore?
    var result: Result<[Marked], Trouble>?
    var budgets: [SteeringKey: FlashBudget] = [:]
  }

  private let path: String
  private let content = Mutex(Content())

  init(path: String) { self.path = path }

  /// Reads the markers; a database that is not there, damaged, locked or too slow is a failure.
  func open(within span: TimeSpan) -> Result<[Marked], Trouble> {
    guard access(path, F_OK) == 0 else {
      return .failure(Trouble(description: "database \(path): there is none"))
    }
    let done = DispatchSemaphore(value: 0)
    // A thread of its own: a disk that hangs holds that one up and nobody else.
    DispatchQueue(label: "safe-state database").async { [self] in
      read()
      done.signal()
    }
    _ = done.wait(timeout: .now() + .milliseconds(Int(span.milliseconds)))
    return content.withLock { content in
      content.result
        ?? .failure(Trouble(description: "database \(path): not read within \(span.text)"))
    }
  }

  private func read() {
    do throws(StorageError) {
      let store = try RecordStore(path: path)
      let entries = try store.entries()
      content.withLock { content in
        content.store = store
        var marked: [Marked] = []
        for entry in entries {
          if let key = SteeringMarker.key(ofStored: entry.key) {
            marked.append(Marked(key: key, marker: SteeringMarker(decoding: entry.value)))
          } else if let key = FlashBudget.key(ofStored: entry.key) {
            content.budgets[key] = FlashBudget(decoding: entry.value)
          }
        }
        content.result = .success(marked)
      }
    } catch {
      content.withLock { $0.result = .failure(Trouble(description: "\(error)")) }
    }
  }

  /// Counts a flash write before it is made; without a database it is made uncounted.
  func count(_ key: SteeringKey, _ configuration: Configuration) {
    let now = NodeClock(configuration.clock).now()
    let zone = TimeZoneTable.localTime(zone: configuration.timeZone, from: now) ?? .utc
    content.withLock { content in
      let today = zone.dayNumber(at: now)
      var budget = content.budgets[key] ?? FlashBudget(day: today)
      budget.roll(to: today)
      budget.take()
      content.budgets[key] = budget
      Self.save(budget, key, content.store)
    }
  }

  /// Nothing was written after all.
  func giveBack(_ key: SteeringKey) {
    content.withLock { content in
      guard var budget = content.budgets[key] else { return }
      budget.giveBack(countedOn: budget.day)
      content.budgets[key] = budget
      Self.save(budget, key, content.store)
    }
  }

  private static func save(_ budget: FlashBudget, _ key: SteeringKey, _ store: RecordStore?) {
    // A release is made all the same: safety comes before a count.
    try? store?.commit([.put(key: FlashBudget.storeKey(key), value: budget.encoded)])
  }

  /// The device goes its own way: nothing is left to release at the next start.
  func forget(_ key: SteeringKey) {
    // A marker that stays costs one release more.
    try? content.withLock { $0.store }?.commit([.remove(key: SteeringMarker.storeKey(key))])
  }
}
