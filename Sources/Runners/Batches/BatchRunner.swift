import Planning
import Quantities
import Texting

/// Runs batches of inference requests against one engine, on a thread of its own.
///
/// The queue is the node's and never the engine's: at most as many requests as the engine has slots
/// are with it, so a pause costs what is in flight and nothing else. Every answer is on disk before
/// it is counted.
public final class BatchRunner: Sendable {
  private let staging: BatchStaging
  private let mailbox: Mailbox
  private let waker: Waker
  private let thread: WorkerThread

  /// Starts the thread and asks the engine whether it is there.
  ///
  /// `handler` is called on the runner's thread, in order; it must not block and must not call
  /// `stop`. A bare file name in a `BatchRequest` is looked for in `inboxDirectory`, by default
  /// `inbox` below the jobs folder.
  public convenience init(
    engine: InferenceEngine, jobsDirectory: String, inboxDirectory: String? = nil,
    handler: @escaping @Sendable (RunnerEvent) -> Void
  ) throws(RunnerError) {
    try self.init(
      engine: engine, jobsDirectory: jobsDirectory, inboxDirectory: inboxDirectory,
      witness: nil, handler: handler)
  }

  /// The same under the eyes of a witness, who is called on the runner's thread between the events
  /// and, while a batch is staged, on the caller's.
  package init(
    engine: InferenceEngine, jobsDirectory: String, inboxDirectory: String? = nil,
    witness: (any DiskWitness)?, handler: @escaping @Sendable (RunnerEvent) -> Void
  ) throws(RunnerError) {
    try Folder.make(jobsDirectory, witness: witness)
    staging = BatchStaging(
      jobsDirectory: jobsDirectory, inboxDirectory: inboxDirectory ?? jobsDirectory + "/inbox",
      witness: witness)
    staging.removeUnfinished()
    let mailbox = Mailbox()
    let waker = try Waker()
    self.mailbox = mailbox
    self.waker = waker
    thread = try WorkerThread(name: "batches") {
      FeedLoop(
        engine: engine, jobsDirectory: jobsDirectory, mailbox: mailbox, waker: waker,
        witness: witness, handler: handler
      )?.run()
    }
  }

  deinit { stop() }

  /// Checks a batch file and copies it into a folder of its own below the jobs folder.
  ///
  /// At most 50,000 requests of one model and 200 MB; errors name line and field. Works on the
  /// caller's thread and takes seconds for the largest files. `power` is what the request did not
  /// say; the terms' deadline is the request's time of day as the node reads it.
  public func stage(
    _ request: BatchRequest, power: Power, terms: BatchTerms = BatchTerms()
  ) throws(RunnerError) -> StagedBatch {
    try staging.stage(request, power: request.power ?? power, terms: terms)
  }

  /// Feeds the job's requests to the engine; those with a result already are skipped.
  public func start(job: JobNumber, folder: String) {
    mailbox.put(.start(folder: folder), for: job)
    waker.wake()
  }

  /// Feeds nothing more of this job. What is in flight ends and is written, or is broken off where
  /// it can be gone on with later.
  public func pause(job: JobNumber, _ kind: PauseKind = .drain) {
    mailbox.put(.pause(kind), for: job)
    waker.wake()
  }

  /// Lets what is in flight end, writes what this ending asks for, and closes the result files.
  ///
  /// Of an expired job each request left gets its line in the errors (`batch_expired`).
  public func close(job: JobNumber, folder: String, _ ending: JobEnding) {
    mailbox.put(.close(folder: folder, ending), for: job)
    waker.wake()
  }

  /// Removes a staged batch that no job came of; one that has results stays.
  public func discard(folder: String) { staging.discard(folder) }

  /// Asks the engine at once whether it is there: it was just started.
  public func look() {
    mailbox.look()
    waker.wake()
  }

  /// Has the engine's model leave the memory: Ollama's and vLLM's can. Nothing while a job is fed.
  public func unload() {
    mailbox.unload()
    waker.wake()
  }

  /// Ends the thread; requests in flight are given up and will be made again after a start.
  public func stop() {
    guard mailbox.stop() else { return }
    waker.wake()
    thread.join()
  }
}
