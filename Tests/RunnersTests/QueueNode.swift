import Dispatch
import HeliographCore
import Planning
import Quantities
import Runners
import Sites
import Synchronization
import Texting

/// A node around the Batch API that has a real job queue and stages for real, and no engine.
///
/// `isDeaf` loses what is put before its queue, as a node does that dies before it stored it.
final class QueueNode: BatchNode {
  struct Content {
    var queue: JobQueue
    var now = Instant(millisecondsSince1970: 1_800_000_000_000)
    var isDeaf = false
    var submissions = 0
    var cancelled: [JobNumber] = []
    var lines: [String] = []
  }

  let content: Mutex<Content>
  private let runner: BatchRunner
  private let staging = DispatchQueue(label: "staging")

  init(_ scratch: ScratchFolder, rules: JobRules = JobRules()) throws {
    let engine = try InferenceEngine(address: scratch.path + "/no-engine.sock")
    runner = try BatchRunner(engine: engine, jobsDirectory: scratch.path + "/jobs") { _ in }
    let start = Instant(millisecondsSince1970: 1_800_000_000_000)
    let queue = JobQueue(rules: rules, localTime: LocalTime(changes: []), at: start)
    content = Mutex(Content(queue: queue))
  }

  func change<Value: Sendable>(_ body: (inout Content) -> Value) -> Value {
    content.withLock { body(&$0) }
  }

  func now() -> Instant { change { $0.now } }
  var model: String? { "stand-in" }

  func jobs(_ answer: @escaping @Sendable ([JobReport]) -> Void) -> Bool {
    answer(
      change { content in
        content.queue.jobs.map { JobReport(job: $0, note: $0.reason, estimatedEnd: nil) }
      })
    return true
  }

  func account(_ answer: @escaping @Sendable (JobAccount) -> Void) -> Bool {
    answer(change { $0.queue.account })
    return true
  }

  func stage(
    _ request: BatchRequest, terms: BatchTerms,
    _ answer: @escaping @Sendable (Result<StagedBatch, RunnerError>) -> Void
  ) {
    staging.async { [runner] in
      answer(
        Result { () throws(RunnerError) in
          try runner.stage(request, power: Power(watts: 60), terms: terms)
        })
    }
  }

  func discard(folder: String) { runner.discard(folder: folder) }

  func submit(_ batch: StagedBatch, _ answer: @escaping @Sendable (String?) -> Void) -> Bool {
    let words: String? = change { content in
      content.submissions += 1
      guard !content.isDeaf else { return nil }
      do {
        return "Job \(try content.queue.add(batch, at: content.now).number)."
      } catch { return "\(error)" }
    }
    answer(words)
    return true
  }

  func cancel(_ job: JobNumber) {
    change { content in
      content.cancelled.append(job)
      _ = try? content.queue.cancel(job, at: content.now)
    }
  }

  func say(_ line: String) { change { $0.lines.append(line) } }

  /// The runner says how far a job is.
  func progress(_ job: Int64, completed: Int, failed: Int = 0, isClosed: Bool = false) {
    change { content in
      content.now = content.now + TimeSpan(minutes: 3)
      _ = content.queue.progress(
        JobProgress(
          job: JobNumber(job), completed: completed, failed: failed, inFlight: 0,
          promptTokens: Int64(completed) * 4, completionTokens: Int64(completed) * 3,
          feeding: false, isClosed: isClosed),
        at: content.now)
    }
  }
}
