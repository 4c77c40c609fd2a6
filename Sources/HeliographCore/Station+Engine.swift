import Planning
import Quantities
import Texting

/// The engine: whether it is there, and its program where this node starts and stops it.
extension Station {
  mutating func take(_ state: EngineState, at now: Instant) -> [Effect] {
    guard state != engine else { return [] }
    let before = engine
    engine = state
    switch state {
    case .unknown: return []
    case .ready(let slots, let name):
      return say(.job, "engine ready: \(name), \(slots) at once", at: now)
    case .unavailable(let reason):
      // One that is not there because nothing wants it, or not yet, is no trouble.
      if keeper.isAtRest || keeper.isStarting { return [] }
      // Said once: the runner's later attempts may each give other words for the same trouble.
      if case .unavailable = before { return [] }
      return say(.job, "engine unavailable: \(reason)", at: now)
    }
  }

  /// What became of the engine's program.
  mutating func take(_ state: EngineProcessState, at now: Instant) -> [Effect] {
    if case .notEased(let reason) = state {
      return effects(of: queue.easingFailed(reason), at: now)
    }
    switch state {
    case .stopped, .failed:
      // Known before the runner asks again; nothing is fed to what is gone.
      if case .ready = engine { engine = .unavailable(reason: "it is stopped") }
    case .started, .frozen, .thawed, .unloaded, .notEased: break
    }
    return effects(of: keeper.take(state, at: now), at: now)
  }

  var engineText: String {
    switch engine {
    case .unknown: ""
    case .ready(_, let name): name
    case .unavailable where keeper.isAtRest: "the engine rests"
    case .unavailable where keeper.isStarting: "the engine is starting"
    case .unavailable(let reason): "no engine: \(reason)"
    }
  }

  /// Starts the engine's program when a job wants it, stops it when there is nothing to do.
  mutating func keepEngine(at now: Instant) -> [Effect] {
    let waiting = queue.jobs.filter { $0.status == .waiting && $0.needsEngine }
    let next = waiting.compactMap { plan?.nextStart(of: $0.number, from: now) }.min()
    let actions = keeper.control(
      wanted: queue.wantsEngine, next: next, engine: engine,
      localTime: configuration.localTime, at: now)
    return effects(of: actions, at: now)
  }

  mutating func effects(of actions: [EngineKeeper.Action], at now: Instant) -> [Effect] {
    actions.flatMap { action -> [Effect] in
      switch action {
      case .order(let order): [.controlEngine(order)]
      case .say(let text): say(.job, text, at: now)
      case .loaded(let span): effects(of: queue.learn(load: span), at: now)
      }
    }
  }

  /// The graphics card's limits are known.
  mutating func learn(card range: ClosedRange<Power>) -> [Effect] {
    queue.management.cardPower = range
    return []
  }
}
