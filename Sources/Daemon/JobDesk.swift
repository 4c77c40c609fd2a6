import Dispatch
import HeliographCore
import Planning
import Quantities
import Runners
import Synchronization
import Texting

/// Hands jobs to their runner, an engine's or Slurm's, and lets those that run drain when the node
/// stops.
final class JobDesk: Sendable {

  private let runner: any JobRunner
  private let power: Power
  private let queue: EventQueue
  private let started: Started
  private let engineState: EngineSeen
  /// Batch files that wait to be checked and copied.
  private let staging = WaitingRoom(places: 8)
  private let stagingQueue = DispatchQueue(label: "staging")

  /// The jobs that were started and not seen at rest since; closed when the node stops.
  private final class Started: Sendable {
    struct Content {
      var jobs: Set<JobNumber> = []
      var isClosed = false
    }
    let content = Mutex(Content())
  }

  /// What the runner said last of the engine.
  private final class EngineSeen: Sendable {
    let state = Mutex(EngineState.unknown)
  }

  /// Starts the runner; throws for an engine's address that can't be meant and a jobs folder that
  /// can't be made. Whether the engine or Slurm answers is found out later.
  init(_ configuration: Configuration.Jobs, node: String, queue: EventQueue) throws(ServiceError) {
    let started = Started()
    let engineState = EngineSeen()
    let hear: @Sendable (RunnerEvent) -> Void = { event in
      switch event {
      case .progress(let progress):
        if !progress.feeding, progress.inFlight == 0 {
          started.content.withLock { _ = $0.jobs.remove(progress.job) }
        }
        queue.offer(.jobProgress(progress))
      case .engine(let state):
        engineState.state.withLock { $0 = state }
        queue.offer(.engine(state))
      case .unloaded(let model): queue.offer(.engineProcess(.unloaded(model: model)))
      case .held(let job, let reason):
        started.content.withLock { _ = $0.jobs.remove(job) }
        queue.offer(.jobHeld(job, reason: reason))
      }
    }
    do { runner = try Self.runner(configuration, node: node, hear) } catch {
      throw ServiceError("jobs: \(error)")
    }
    power = configuration.power
    self.queue = queue
    self.started = started
    self.engineState = engineState
  }

  private static func runner(
    _ jobs: Configuration.Jobs, node: String, _ hear: @escaping @Sendable (RunnerEvent) -> Void
  ) throws(RunnerError) -> any JobRunner {
    let batches = try batchRunner(jobs, node: node, hear)
    guard batches != nil || !jobs.commands.isEmpty else {
      throw RunnerError(.address, "neither engine, slurm nor commands are configured")
    }
    // Also where no command is configured any more: one may have left a job.
    let commands = try CommandRunner(
      jobs.commands, jobsDirectory: jobs.directory, handler: hear)
    return HouseholdRunner(commands: commands, batches: batches, handler: hear)
  }

  private static func batchRunner(
    _ jobs: Configuration.Jobs, node: String, _ hear: @escaping @Sendable (RunnerEvent) -> Void
  ) throws(RunnerError) -> (any JobRunner)? {
    if let settings = jobs.slurmSettings(node: node) {
      return try SlurmRunner(settings, jobsDirectory: jobs.directory, handler: hear)
    }
    guard let engine = jobs.engine else { return nil }
    return try BatchRunner(
      engine: InferenceEngine(address: engine, slots: jobs.slots),
      jobsDirectory: jobs.directory, handler: hear)
  }

  func prepare(_ job: JobNumber, folder: String, power: Power) {
    guard started.content.withLock({ !$0.isClosed }) else { return }
    runner.prepare(job: job, folder: folder, power: power)
  }

  func start(_ job: JobNumber, folder: String) {
    let isOpen = started.content.withLock { content in
      if !content.isClosed { content.jobs.insert(job) }
      return !content.isClosed
    }
    if isOpen { runner.start(job: job, folder: folder) }
  }

  func pause(_ job: JobNumber, _ kind: PauseKind) { runner.pause(job: job, kind) }

  func close(_ job: JobNumber, folder: String, _ ending: JobEnding) {
    runner.close(job: job, folder: folder, ending)
  }

  func look() { runner.look() }

  func unload() { runner.unload() }

  func discard(folder: String) { runner.discard(folder: folder) }

  /// Checks and copies a batch file on a queue of its own; the answer comes as an event.
  func stage(
    _ request: BatchRequest, replyTo message: TextMessage.Identifier, deadline: Instant?
  ) {
    let hasRoom = staging.async(on: stagingQueue) { [self] in
      do throws(RunnerError) {
        let batch = try runner.stage(
          request, power: power, terms: BatchTerms(deadline: deadline))
        queue.offer(.batchStaged(batch, replyTo: message))
      } catch {
        queue.offer(.batchRefused(reason: error.message, replyTo: message))
      }
    }
    guard !hasRoom else { return }
    queue.offer(
      .batchRefused(reason: "other files are being checked; try again", replyTo: message))
  }

  /// Checks and copies a batch file of a program's on the same queue, after those before it.
  func stage(
    _ request: BatchRequest, terms: BatchTerms,
    _ answer: @escaping @Sendable (Result<StagedBatch, RunnerError>) -> Void
  ) {
    stagingQueue.async { [self] in
      answer(
        Result { () throws(RunnerError) in
          try runner.stage(request, power: power, terms: terms)
        })
    }
  }

  /// What the engine calls itself; nil while it is not ready.
  var engineName: String? {
    if case .ready(_, let name) = engineState.state.withLock({ $0 }) { name } else { nil }
  }

  /// Feeds nothing more and starts nothing more.
  func close() {
    let jobs = started.content.withLock { content in
      content.isClosed = true
      return content.jobs
    }
    runner.leave()
    for job in jobs.sorted() { runner.pause(job: job, .drain) }
  }

  /// Whether no request is in flight any more.
  var isDrained: Bool { started.content.withLock { $0.jobs.isEmpty } }

  /// Ends the runner; requests in flight will be made again after a start.
  func stop() { runner.stop() }
}
