import HeliographCore
import Quantities
import Sealing
import Storage
import Synchronization

/// Drives one machine: events in, one at a time; effects out, durable before visible.
public final class EffectRunner<Machine: Stepping>: Sendable {
  /// What the loop works with.
  public struct Surroundings: Sendable {
    public var store: RecordStore
    public var clock: NodeClock
    public var journal: Journal
    /// The node's own key: its records move the head marker.
    public var owner: PublicKey?
    public var head: HeadMarker?
    public var watchdog: Watchdog?
    /// Verifies what neighbours send, on all cores.
    public var verifier: RecordVerifier
    /// Told once when a record turns out to be damaged while the node runs.
    public var foundDamage: @Sendable (StorageError) -> Void
    /// Performs what the loop does not do itself: everything but stores, timers and reports.
    ///
    /// Called on the loop's thread, so it hands work on and returns at once.
    public var perform: @Sendable (Effect) -> Void

    public init(
      store: RecordStore, clock: NodeClock, journal: Journal, owner: PublicKey? = nil,
      head: HeadMarker? = nil, watchdog: Watchdog? = nil,
      verifier: RecordVerifier = RecordVerifier(cores: 1),
      foundDamage: @escaping @Sendable (StorageError) -> Void = { _ in },
      perform: @escaping @Sendable (Effect) -> Void
    ) {
      self.store = store
      self.clock = clock
      self.journal = journal
      self.owner = owner
      self.head = head
      self.watchdog = watchdog
      self.verifier = verifier
      self.foundDamage = foundDamage
      self.perform = perform
    }
  }

  public let queue: EventQueue
  private let loop: Mutex<EffectLoop<Machine>>

  public init(machine: Machine, queue: EventQueue, surroundings: Surroundings) {
    self.queue = queue
    loop = Mutex(EffectLoop(machine: machine, surroundings: surroundings))
  }

  /// One turn of the loop, for tests and for `run`; how long it may sleep afterwards.
  ///
  /// `uptime` is real time that is never set back; retries of the store are counted in it.
  @discardableResult
  public func turn(uptime: TimeSpan = NodeClock.uptime()) -> TimeSpan {
    loop.withLock { $0.turn(queue, uptime: uptime) }
  }

  /// Turns until `stop`, on the calling thread; then takes what is queued, as long as the store
  /// works, and returns whether everything was made durable.
  public func run() -> Bool {
    while !queue.isStopped { queue.wait(turn()) }
    // The queue is bounded and takes nothing more: these are the last turns.
    for _ in 0...(EventQueue.maximumEntries / EffectLoop<Machine>.maximumBatch) { turn() }
    return loop.withLock { $0.isSettled }
  }

  /// Ends `run` after what is queued.
  public func stop() { queue.stop() }
}
