import Planning
import Quantities
import Texting

/// Runs batches on a Slurm cluster: submits them held, releases them with the surplus and puts them
/// back when it ends, on a thread of its own.
///
/// Slurm places, starts and ends; the work itself is `heliograph feed` on a node of the cluster,
/// which writes its results into the job's folder. So the jobs folder has to lie on a file system
/// that this machine and the cluster's nodes share. Requests in flight can't be seen from here:
/// progress tells 1 while a job has a node, 0 else.
public final class SlurmRunner: Sendable {
  private let staging: BatchStaging
  private let desk: SlurmDesk
  private let waker: Waker
  private let thread: WorkerThread

  /// Starts the thread, which finds this node's jobs of earlier runs in the queue.
  ///
  /// One of those that runs and is not started again within `settings.claimMilliseconds` is
  /// brought to rest. `handler` is called on the runner's thread, in order; it must not block and
  /// must not call `stop`. Throws where the folder can't be made or its path or the node's name
  /// can't be told to Slurm.
  public init(
    _ settings: SlurmSettings, jobsDirectory: String, inboxDirectory: String? = nil,
    handler: @escaping @Sendable (RunnerEvent) -> Void
  ) throws(RunnerError) {
    guard SlurmJobName.isNode(settings.node) else {
      throw RunnerError(.system, "\(settings.node) is no name of a node for Slurm")
    }
    // Slurm replaces patterns such as %j in the path of a job's output.
    guard jobsDirectory.hasPrefix("/"), !jobsDirectory.contains("%"), !jobsDirectory.contains("\\")
    else {
      throw RunnerError(
        .storage, "\(jobsDirectory): Slurm needs an absolute path without % and \\ for its jobs")
    }
    guard !settings.command.isEmpty, settings.options.allSatisfy({ $0.hasPrefix("--") }) else {
      throw RunnerError(.system, "Slurm needs a command, and options that begin with --")
    }
    try Folder.make(jobsDirectory)
    try SlurmFiles.writeScript(in: jobsDirectory)
    staging = BatchStaging(
      jobsDirectory: jobsDirectory, inboxDirectory: inboxDirectory ?? jobsDirectory + "/inbox")
    staging.removeUnfinished()
    let desk = SlurmDesk()
    let waker = try Waker()
    self.desk = desk
    self.waker = waker
    thread = try WorkerThread(name: "Slurm") {
      SlurmLoop(
        settings: settings, jobsDirectory: jobsDirectory, desk: desk, waker: waker,
        handler: handler
      ).run()
    }
  }

  deinit { stop() }

  /// Checks a batch file and copies it into a folder of its own, as `BatchRunner.stage` does, and
  /// keeps beside it what the job draws.
  public func stage(
    _ request: BatchRequest, power: Power, terms: BatchTerms = BatchTerms()
  ) throws(RunnerError) -> StagedBatch {
    let batch = try staging.stage(request, power: request.power ?? power, terms: terms)
    try SlurmFiles.write(batch.power, in: staging.jobsDirectory + "/" + batch.folder)
    return batch
  }

  /// Puts the job into Slurm's queue, held; nothing where it is there already.
  public func prepare(job: JobNumber, folder: String, power: Power) {
    put(.prepare(folder: folder, power: power), for: job)
  }

  /// Releases the job, once it is in the queue; Slurm starts it when it has room and licences.
  public func start(job: JobNumber, folder: String) { put(.start(folder: folder), for: job) }

  /// Takes the job from its node, held in the queue or suspended; its lines so far stay.
  public func pause(job: JobNumber) { put(.pause, for: job) }

  /// Removes the job from Slurm's queue; its lines so far stay.
  public func cancel(job: JobNumber) { put(.cancel, for: job) }

  /// Removes the job from Slurm's queue and, once it is gone, closes its result files.
  public func close(job: JobNumber, folder: String, _ ending: JobEnding) {
    put(.close(folder: folder, ending), for: job)
  }

  /// Removes a staged batch that no job came of; one that has results stays.
  public func discard(folder: String) { staging.discard(folder) }

  /// What Slurm counted for this job; nil for one that this runner has not seen there.
  public func account(of job: JobNumber) -> SlurmAccount? { desk.account(of: job) }

  /// Ends the thread; what Slurm was told before stays as it is, jobs that run go on.
  public func stop() {
    guard desk.stop() else { return }
    waker.wake()
    thread.join()
  }

  private func put(_ wish: SlurmDesk.Wish, for job: JobNumber) {
    desk.put(wish, for: job)
    waker.wake()
  }
}
