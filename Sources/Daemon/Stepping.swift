import HeliographCore
import Ledger
import Planning
import Quantities

/// What the effect runner drives: the station, or a small machine that a test records with.
public protocol Stepping: Sendable {
  /// Takes one event and says what is to be done about it.
  mutating func step(_ event: Event, at now: Instant) -> [Effect]
  /// Whether it has this very record already, so that nobody need verify it.
  func knows(_ record: Record) -> Bool
  /// The jobs that it remembers, in order of number.
  func jobReports(at instant: Instant) -> [JobReport]
  /// What ended jobs came to.
  var jobAccount: JobAccount { get }
  /// What the node shows of itself; decisions with a serial above `since`.
  func snapshot(at instant: Instant, since serial: Int64) -> Snapshot
  /// What it means to do.
  func plannedCourse(at instant: Instant) -> EnergyCourse
  /// What became of a day.
  func recordedCourse(of day: RecordedDay, at instant: Instant) -> EnergyCourse
}
