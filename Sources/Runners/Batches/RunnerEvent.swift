import Planning

/// What a runner tells its node, in the order in which it happened.
public enum RunnerEvent: Hashable, Sendable {
  /// Lines on disk, requests in flight, feeding or not. A job is done when completed and failed
  /// make up its requests: its result files have their final names by then.
  case progress(JobProgress)
  /// Told only when it changed.
  case engine(EngineState)
  /// The engine's model has left the memory, as it was asked to.
  case unloaded(model: String)
  /// Nothing more of this job is fed until it is started again; what was written stays.
  case held(JobNumber, reason: String)
}
