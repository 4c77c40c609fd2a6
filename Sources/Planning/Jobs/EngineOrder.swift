import Quantities

/// What is done to the program that answers requests.
public enum EngineOrder: Hashable, Sendable {
  case start
  case stop
  /// Its model is to leave the memory; it goes on without, and takes it up again when it is asked.
  case unload
  /// Stops it where it stands, with all its memory: for seconds.
  case freeze
  case thaw
  /// The graphics card may draw this much.
  case limitPower(Power)
  /// It may draw what it draws usually.
  case freePower
}

/// What became of the engine's program.
public enum EngineProcessState: Hashable, Sendable {
  case started
  case frozen
  case thawed
  /// Its model has left the memory.
  case unloaded(model: String)
  /// It is gone, as was wished.
  case stopped
  /// It is gone or can't be had, for this reason.
  case failed(reason: String)
  /// It could not be frozen or limited: it goes on as before.
  case notEased(reason: String)
}

/// What a node can do with its engine.
public struct EngineManagement: Hashable, Sendable {
  /// Whether it starts and stops the program; otherwise it uses one that runs.
  public var startsEngine: Bool
  /// Whether it can freeze the program.
  public var freezes: Bool
  /// What the graphics card may be limited to, and what it draws usually at most; nil where it
  /// can't be limited.
  public var cardPower: ClosedRange<Power>?
  /// The program is stopped when there is nothing to do for this long.
  public var stopAfter: TimeSpan
  /// Its model leaves the memory when there is nothing to do for this long; nil is never.
  public var unloadAfter: TimeSpan?

  public init(
    startsEngine: Bool = false, freezes: Bool = false, cardPower: ClosedRange<Power>? = nil,
    stopAfter: TimeSpan = TimeSpan(minutes: 10), unloadAfter: TimeSpan? = nil
  ) {
    self.unloadAfter = unloadAfter
    self.startsEngine = startsEngine
    self.freezes = freezes
    self.cardPower = cardPower
    self.stopAfter = stopAfter
  }
}
