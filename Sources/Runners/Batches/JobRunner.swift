import Planning
import Quantities
import Texting

/// What runs a node's jobs: the engine's own queue here, or a cluster's.
public protocol JobRunner: Sendable {
  /// Checks a batch file and copies it into a folder of its own below the jobs folder.
  func stage(
    _ request: BatchRequest, power: Power, terms: BatchTerms
  ) throws(RunnerError) -> StagedBatch

  /// Takes a new job in without running it, where others should see that it waits.
  func prepare(job: JobNumber, folder: String, power: Power)

  /// Lets the job run; it owes progress, at the latest when nothing is left.
  func start(job: JobNumber, folder: String)

  /// Brings the job to rest; it owes a progress that neither feeds nor has anything in flight.
  func pause(job: JobNumber, _ kind: PauseKind)

  /// Brings the job to its end and closes its result files; it owes a progress that says so.
  func close(job: JobNumber, folder: String, _ ending: JobEnding)

  /// Removes a staged batch that no job came of.
  func discard(folder: String)

  /// Looks at once whether the engine is there: it was just started.
  func look()

  /// Has the engine's model leave the memory, where the engine can do that and nothing is in
  /// flight.
  func unload()

  /// The node is about to end: what is ended from now on has not done its work.
  func leave()

  /// Ends the runner itself.
  func stop()
}

extension JobRunner {
  /// Nothing, unless the runner says otherwise: requests are counted one by one.
  public func leave() {}
}

extension BatchRunner: JobRunner {
  /// Nothing: an engine's queue is the node's own.
  public func prepare(job: JobNumber, folder: String, power: Power) {}
}

extension SlurmRunner: JobRunner {
  /// Nothing: Slurm's programs bring their own engines.
  public func look() {}

  /// Nothing, as for `look`.
  public func unload() {}

  /// A job is taken from its node either way: `heliograph feed` drains by itself.
  public func pause(job: JobNumber, _ kind: PauseKind) { pause(job: job) }
}
