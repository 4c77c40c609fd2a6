/// How long starting, stopping and freezing may take, and how much of an engine's words is kept.
public struct EngineProcessLimits: Hashable, Sendable {
  /// For the service manager to start a unit or to set a power limit. Default 15 s.
  public var startMilliseconds: Int64 = 15_000
  /// For a child to end by itself after it was asked to; a unit has 10 s of its own. Default 10 s.
  public var stopMilliseconds: Int64 = 10_000
  /// Until every thread stands. Default 5 s.
  public var freezeMilliseconds: Int64 = 5_000
  /// Between looks at whether it still runs. Default 500 ms.
  public var lookMilliseconds: Int64 = 500
  /// The size at which a child's log is put aside, one before it being kept. Default 1 MiB.
  public var logBytes: Int64 = 1 << 20

  public init() {}

  /// For the service manager to stop a unit, which kills it after TimeoutStopSec (10 s).
  var unitStopMilliseconds: Int64 { max(stopMilliseconds, 15_000) }
}
