import Quantities
import Sites

/// Starts the engine's program when a job wants it; has its model put away and then stops it when
/// there is nothing to do: a loaded model draws power though it answers nothing.
public struct EngineKeeper: Hashable, Sendable {
  /// What it wants done.
  public enum Action: Hashable, Sendable {
    case order(EngineOrder)
    case say(String)
    /// The engine took this long from its start until it was ready.
    case loaded(TimeSpan)
  }

  /// An engine that is not ready this long after its start is given up for now.
  public static let startLimit = TimeSpan(minutes: 10)
  /// A program that was told to stop is taken to be gone after this long.
  static let stopLimit = TimeSpan(minutes: 2)
  /// The wait after the first failure; each further one is twice as long, up to `longestWait`.
  static let firstWait = TimeSpan(seconds: 15)
  static let longestWait = TimeSpan(minutes: 30)

  private enum Phase: Hashable, Sendable {
    case off
    case starting(since: Instant)
    case on
    case stopping(since: Instant)
    case resting(until: Instant)
  }

  public var management: EngineManagement
  private var phase = Phase.off
  private var idleSince: Instant?
  /// Whether the model was told to leave the memory since there was something to do.
  private var hasUnloaded = false
  /// Whether an engine that answers is one that was there before this node.
  private var mayAdopt = true
  private var failures = 0

  public init(_ management: EngineManagement) { self.management = management }

  /// Whether the program is not there because nothing wants it.
  public var isAtRest: Bool {
    guard management.startsEngine else { return false }
    switch phase {
    case .off, .stopping: return true
    case .starting, .on, .resting: return false
    }
  }

  /// Whether the program is on its way up.
  public var isStarting: Bool { if case .starting = phase { true } else { false } }

  /// One look: whether a job runs or would run now, and when the next is planned.
  public mutating func control(
    wanted: Bool, next: Instant?, engine: EngineState, localTime: LocalTime, at now: Instant
  ) -> [Action] {
    let isReady = if case .ready = engine { true } else { false }
    guard management.startsEngine else {
      return isReady ? rest(wanted: wanted, next: next, localTime, at: now) : []
    }
    switch phase {
    case .stopping(let since):
      if now.since(since) >= Self.stopLimit { phase = .off }
      return []
    case .off:
      if isReady, mayAdopt {
        phase = .on
        return []
      }
      return wanted ? start(at: now) : []
    case .starting(let since):
      if isReady {
        phase = .on
        failures = 0
        idleSince = nil
        return [.loaded(now.since(since))]
      }
      guard now.since(since) >= Self.startLimit else { return [] }
      return [.order(.stop)] + fail("not ready \(Self.startLimit.text) after its start", at: now)
    case .on: return rest(wanted: wanted, next: next, localTime, at: now)
    case .resting(let until):
      guard now >= until else { return [] }
      phase = .off
      return wanted ? start(at: now) : []
    }
  }

  /// What became of the program.
  public mutating func take(_ state: EngineProcessState, at now: Instant) -> [Action] {
    if case .unloaded(let model) = state {
      return [.say(ReasonLine.fit("\(model) is put away: nothing to do"))]
    }
    guard management.startsEngine else { return [] }
    switch (state, phase) {
    case (.failed(let reason), .starting), (.failed(let reason), .on):
      return fail(reason, at: now)
    case (.failed, .stopping), (.stopped, .stopping), (.stopped, .on), (.stopped, .starting):
      phase = .off
      return []
    default: return []
    }
  }

  private mutating func start(at now: Instant) -> [Action] {
    phase = .starting(since: now)
    mayAdopt = false
    return [.order(.start), .say("the engine is started")]
  }

  private mutating func rest(
    wanted: Bool, next: Instant?, _ localTime: LocalTime, at now: Instant
  ) -> [Action] {
    guard !wanted else {
      idleSince = nil
      hasUnloaded = false
      return []
    }
    let since = idleSince ?? now
    idleSince = since
    // What comes soon is waited for: loading a model costs power as well.
    func isOver(_ span: TimeSpan) -> Bool {
      let isNear = next.map { $0 > now && $0.since(now) <= span } ?? false
      return now.since(since) >= span && !isNear
    }
    guard management.startsEngine, isOver(management.stopAfter) else {
      guard let span = management.unloadAfter, !hasUnloaded, isOver(span) else { return [] }
      hasUnloaded = true
      return [.order(.unload)]
    }
    phase = .stopping(since: now)
    mayAdopt = false
    idleSince = nil
    let until = next.map { " before \(localTime.clock(at: $0, seenFrom: now))" } ?? ""
    return [.order(.stop), .say("the engine is stopped: nothing to do\(until)")]
  }

  private mutating func fail(_ reason: String, at now: Instant) -> [Action] {
    failures += 1
    let factor = Int64(1) << Int64(min(failures - 1, 10))
    let wait = min(Self.firstWait.scaled(by: factor, over: 1), Self.longestWait)
    phase = .resting(until: now + wait)
    return [.say(ReasonLine.fit("the engine failed: \(reason); again in \(wait.text)"))]
  }
}
