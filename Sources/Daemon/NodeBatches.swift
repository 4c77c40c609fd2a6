import HeliographCore
import Planning
import Quantities
import Runners
import Texting

/// The node as the Batch API and the watched folder see it.
struct NodeBatches: BatchNode {
  let jobs: JobDesk
  let queue: EventQueue
  let desk: ReplyDesk
  let clock: NodeClock
  let journal: Journal
  /// The model that the household names; empty: the engine's own.
  let configuredModel: String

  func now() -> Instant { clock.now() }

  var model: String? { configuredModel.isEmpty ? jobs.engineName : configuredModel }

  func jobs(_ answer: @escaping @Sendable ([JobReport]) -> Void) -> Bool {
    queue.lookAtJobs(answer: answer)
  }

  func account(_ answer: @escaping @Sendable (JobAccount) -> Void) -> Bool {
    queue.lookAtAccount(answer: answer)
  }

  func stage(
    _ request: BatchRequest, terms: BatchTerms,
    _ answer: @escaping @Sendable (Result<StagedBatch, RunnerError>) -> Void
  ) {
    jobs.stage(request, terms: terms, answer)
  }

  func discard(folder: String) { jobs.discard(folder: folder) }

  func submit(_ batch: StagedBatch, _ answer: @escaping @Sendable (String?) -> Void) -> Bool {
    desk.submit({ .batchStaged(batch, replyTo: $0) }, answer)
  }

  func cancel(_ job: JobNumber) {
    Task { _ = await desk.ask("CANCEL \(job)", from: .local) }
  }

  func say(_ line: String) { journal.line(.warning, line) }
}

extension BatchAPI {
  /// The API that the configuration asks for; nil where no jobs are run or it asks for none.
  convenience init?(_ configuration: Configuration, node: NodeBatches) throws(ServiceError) {
    guard let jobs = configuration.jobs, jobs.api.socketPath != nil || jobs.api.port != nil else {
      return nil
    }
    let key = try jobs.api.keyFile.map { path throws(ServiceError) in try APIKey.read(path) }
    let access = BatchAPI.Access(
      socketPath: jobs.api.socketPath, port: jobs.api.port, key: key)
    do {
      try self.init(access, directory: jobs.directory, node: node)
    } catch { throw ServiceError("jobs.api: \(error)") }
  }
}

extension WatchedFolder {
  /// The folder that the configuration names; nil where it names none.
  convenience init?(_ configuration: Configuration, node: NodeBatches) throws(ServiceError) {
    guard let jobs = configuration.jobs, let path = jobs.watchedFolder else { return nil }
    do {
      try self.init(path: path, jobsDirectory: jobs.directory, node: node)
    } catch { throw ServiceError("jobs.watch: \(error)") }
  }
}
