import Planning

/// What is known of the engine and when it is asked again.
struct EngineWatch {
  /// A ready engine is asked again after this time, so that a node knows before its next job.
  static let calmMilliseconds: Int64 = 60_000

  private(set) var state = EngineState.unknown
  /// Whether requests may be sent; false from the first doubt until the engine answers again.
  private(set) var isReady = false
  private(set) var slots: Int
  /// Which program it is, by its latest answers.
  private(set) var kind = EngineKind.other
  private(set) var nextProbeMilliseconds: Int64 = 0
  private let limits: EngineLimits
  private var failures = 0

  init(engine: InferenceEngine) {
    slots = engine.slots
    limits = engine.limits
  }

  /// The engine was just started: nothing is known of it, it is asked at once, and often at first.
  mutating func hurry(at now: Int64) {
    state = .unknown
    isReady = false
    failures = 0
    nextProbeMilliseconds = min(nextProbeMilliseconds, now)
  }

  /// An exchange went wrong: the engine is asked at once, and gets nothing until it answers.
  mutating func doubt(at now: Int64) {
    guard isReady else { return }
    isReady = false
    nextProbeMilliseconds = now
  }

  mutating func take(ready slots: Int, name: String, kind: EngineKind, at now: Int64) {
    state = .ready(slots: slots, name: name)
    self.kind = kind
    isReady = true
    self.slots = slots
    failures = 0
    nextProbeMilliseconds = now + Self.calmMilliseconds
  }

  mutating func take(unavailable reason: String, at now: Int64) {
    // The first reason stays until the engine is back: flapping words are no news.
    if case .unavailable = state {} else { state = .unavailable(reason: reason) }
    isReady = false
    failures += 1
    nextProbeMilliseconds = now + limits.backOff(after: failures)
  }
}
