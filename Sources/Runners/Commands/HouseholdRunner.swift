import Planning
import Quantities
import Texting

/// Gives each job to what runs it: the owner's commands to their runner, batches of requests to an
/// engine's or a cluster's.
package final class HouseholdRunner: JobRunner {
  private let commands: CommandRunner
  /// Nil in a household without an engine.
  private let batches: (any JobRunner)?
  private let handler: @Sendable (RunnerEvent) -> Void

  package init(
    commands: CommandRunner, batches: (any JobRunner)?,
    handler: @escaping @Sendable (RunnerEvent) -> Void
  ) {
    self.handler = handler
    self.commands = commands
    self.batches = batches
  }

  /// A bare name that the configuration has as a command is one; anything else is a batch file.
  package func stage(
    _ request: BatchRequest, power: Power, terms: BatchTerms
  ) throws(RunnerError) -> StagedBatch {
    if commands.command(request.file) != nil {
      return try commands.stage(request, power: power, terms: terms)
    }
    let names = commands.commands.map(\.name).joined(separator: ", ")
    guard let batches else {
      throw RunnerError(
        .invalidBatch, "no engine is configured to run files; commands: \(names)")
    }
    do throws(RunnerError) {
      return try batches.stage(request, power: power, terms: terms)
    } catch {
      let isName = !request.file.contains("/") && !request.file.contains(".")
      guard isName, error.code == .storage, !names.isEmpty else { throw error }
      let name = SystemText.printable(request.file, limit: 24)
      throw RunnerError(.invalidBatch, "no command \(name) (\(names)) and no file of that name")
    }
  }

  package func prepare(job: JobNumber, folder: String, power: Power) {
    runner(of: folder)?.prepare(job: job, folder: folder, power: power)
  }

  package func start(job: JobNumber, folder: String) {
    guard let runner = runner(of: folder) else {
      return handler(.held(job, reason: "no engine is configured"))
    }
    runner.start(job: job, folder: folder)
  }

  package func pause(job: JobNumber, _ kind: PauseKind) {
    (commands.runs(job) ? commands : batches)?.pause(job: job, kind)
  }

  package func close(job: JobNumber, folder: String, _ ending: JobEnding) {
    // Without an engine there is nothing to end but the job itself.
    (runner(of: folder) ?? commands).close(job: job, folder: folder, ending)
  }

  package func discard(folder: String) {
    (commands.holds(folder: folder) ? commands : batches)?.discard(folder: folder)
  }

  package func look() { batches?.look() }

  package func unload() { batches?.unload() }

  package func leave() { commands.leave() }

  package func stop() {
    commands.stop()
    batches?.stop()
  }

  private func runner(of folder: String) -> (any JobRunner)? {
    commands.holds(folder: folder) ? commands : batches
  }
}
