import HeliographCore
import Planning
import Quantities
import Sealing

/// One node of a simulated neighbourhood: a real station, and around it a simulated house, disk,
/// job runner and clock.
public struct SimulatedNode: Sendable {
  /// Where in a commit a crash that was waiting for one strikes.
  public enum CrashPoint: Int64, Sendable, CaseIterable {
    /// Nothing of the commit is durable and nothing was seen outside.
    case beforeSync
    /// Everything is durable, the head marker is old and nothing was seen outside.
    case afterSync
    /// Database and head marker are written and nothing was seen outside.
    case afterHead
    /// Everything is durable and half of the effects were seen.
    case amidEffects
  }

  var number: Int
  var name: String
  let keys: KeyPair
  var configuration: StationConfiguration
  var house: SimulatedHouse
  var store: SimulatedStore
  var runner: SimulatedRunner
  /// Where computing for neighbours, and by them, is done.
  var workshop: SimulatedWorkshop?
  /// Nil while the node is down.
  var station: Station?
  /// Counts starts; what belongs to an earlier life is dropped.
  var life = 0
  var clock: DriftingClock
  /// Effects of the steps since the last commit, in order.
  var waiting: [Effect] = []
  var commitIsDue = false
  var crashAtCommit: CrashPoint?
  /// The newest setting of each timer; earlier ones are dropped when they fire.
  var timers: [(name: TimerName, setting: Int64)] = []
  var timerSettings: Int64 = 0
  /// The identifier that the owner's next message gets.
  var nextMessage: Int64 = 1

  /// Whether it runs. A station compared with nil is copied.
  var isUp: Bool { if case .some = station { true } else { false } }

  /// What its station is let hear where it is one of two copies. Mutating, as a node that is only
  /// looked at is copied.
  mutating func deaf(to event: Event) -> Event? {
    Adversary.deaf(to: event, of: keys.publicKey, ledger: station?.ledger)
  }

  /// Notes that a timer was set, and returns the number by which this setting counts.
  mutating func set(_ timer: TimerName) -> Int64 {
    timerSettings += 1
    if let index = timers.firstIndex(where: { $0.name == timer }) {
      timers[index].setting = timerSettings
    } else {
      timers.append((timer, timerSettings))
    }
    return timerSettings
  }

  /// Whether this setting of the timer still counts; it fires once.
  mutating func fires(_ timer: TimerName, setting: Int64) -> Bool {
    guard let index = timers.firstIndex(where: { $0.name == timer && $0.setting == setting })
    else { return false }
    timers.remove(at: index)
    return true
  }
}
