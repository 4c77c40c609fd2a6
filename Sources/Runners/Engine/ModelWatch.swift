/// What is known of the model in an engine's memory.
struct ModelWatch {
  private enum State { case there, leaving, asleep, waking }

  /// The model that was asked for last; empty before the first request.
  var name = ""
  /// Before then an engine that refused to wake is not asked again.
  private(set) var wakeDueMilliseconds: Int64 = 0
  private var state = State.there
  private var failures = 0

  /// Whether requests may be sent. Ollama loads what it has put away by itself.
  var isThere: Bool { state == .there }

  /// Whether the engine has to be woken before a request.
  var isAsleep: Bool { state == .asleep }

  /// What the engine says of itself; while it is told something, its answer to that counts.
  mutating func take(isAsleep: Bool) {
    if state == .there || state == .asleep { state = isAsleep ? .asleep : .there }
  }

  mutating func leave() { state = .leaving }

  mutating func left(isAsleep: Bool) { state = isAsleep ? .asleep : .there }

  mutating func wake() { state = .waking }

  mutating func woke() {
    state = .there
    failures = 0
  }

  /// It refused; `backOff` says how long to wait after so many refusals.
  mutating func refusedToWake(at now: Int64, backOff: (Int) -> Int64) {
    state = .asleep
    failures += 1
    wakeDueMilliseconds = now + backOff(failures)
  }
}
