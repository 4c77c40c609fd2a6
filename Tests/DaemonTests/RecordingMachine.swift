import Daemon
import HeliographCore
import Ledger
import Mesh
import Planning
import Quantities
import Sealing
import Sites
import Synchronization
import Texting

/// A machine that answers events by a table and remembers, in the name it shows, what it was told.
struct RecordingMachine: Stepping {
  /// What to do about an event; keyed by what `describe` makes of it.
  var answers: [String: [Effect]] = [:]
  private(set) var seen: [String] = []

  mutating func step(_ event: Event, at now: Instant) -> [Effect] {
    let name = Self.describe(event)
    seen.append(name)
    return answers[name] ?? []
  }

  func knows(_ record: Record) -> Bool { false }

  func snapshot(at instant: Instant, since serial: Int64) -> Snapshot {
    Snapshot(name: seen.joined(separator: " "), at: instant, clock: "")
  }

  func plannedCourse(at instant: Instant) -> EnergyCourse {
    EnergyCourse(kind: .plan, house: "recorded", at: instant, localTime: .utc)
  }

  func jobReports(at instant: Instant) -> [JobReport] { [] }

  var jobAccount: JobAccount { JobAccount() }

  func recordedCourse(of day: RecordedDay, at instant: Instant) -> EnergyCourse {
    EnergyCourse(kind: .record, house: "recorded", at: instant, localTime: .utc)
  }

  static func describe(_ event: Event) -> String {
    switch event {
    case .started: "started"
    case .timer(let name): "timer-\(name)"
    case .frame(_, let bytes): "frame-\(bytes.count)"
    case .records(_, let records):
      "records-" + records.map { $0.isGenuine ? "y" : "n" }.joined()
    case .text(let message): "text-\(message.text)"
    case .reading(let reading): "reading-\(reading.device)"
    case .storageFailing: "failing"
    case .storageWorking: "working"
    default: "other"
    }
  }
}

/// What a test's surroundings saw, from whichever thread.
final class Witness: Sendable {
  private let content = Mutex<[String]>([])
  var lines: [String] { content.withLock { $0 } }
  func add(_ line: String) { content.withLock { $0.append(line) } }
}

/// A clock that a test sets.
final class ManualClock: Sendable {
  private let time = Mutex(Instant(millisecondsSince1970: 1_000_000))
  func advance(_ span: TimeSpan) { time.withLock { $0 = $0 + span } }
  func clock(speed: Int64 = 1) -> NodeClock {
    NodeClock(speed: speed) { self.time.withLock { $0 } }
  }
  var now: Instant { time.withLock { $0 } }
}
