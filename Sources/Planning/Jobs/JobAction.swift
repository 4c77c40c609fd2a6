/// What a job queue wants done.
public enum JobAction: Hashable, Sendable {
  /// Feed the job's requests to the engine.
  ///
  /// The runner reports progress, at the latest when nothing is left.
  case start(JobNumber, folder: String)
  /// Feed nothing more and let requests in flight finish, or break them off.
  ///
  /// The runner owes a progress with `feeding` false and nothing in flight, or `held`.
  case pause(JobNumber, PauseKind)
  /// Let requests in flight finish, feed nothing more, and close the result files for this reason.
  ///
  /// The runner owes a progress with `isClosed`, or `held`.
  case close(JobNumber, folder: String, JobEnding)
  /// Ease the engine, or take that back.
  case engine(EngineOrder)
  /// Keep this value under this key.
  case save(key: String, value: [UInt8])
  case forget(key: String)
  /// One line for the journal and the screen: what and why.
  case say(String)
}
