import Planning
import Quantities
import Runners
import Testing
import Texting

@Suite("Closing of batches")
struct BatchClosingTests {
  let scratch: ScratchFolder
  let log = EventLog()

  init() throws { scratch = try ScratchFolder() }

  /// A runner whose job 1 has answered at least two of twenty requests and is drained.
  private func begun(_ engine: StandInEngine) async throws -> (BatchRunner, StagedBatch) {
    let log = log
    let pauseSwitch = PauseSwitch(at: [2])
    let runner = try BatchRunner(
      engine: InferenceEngine(address: "http://127.0.0.1:\(engine.port)"),
      jobsDirectory: scratch.path + "/jobs"
    ) { event in
      log.add(event)
      pauseSwitch.react(to: event)
    }
    pauseSwitch.connect(runner)
    try scratch.write(BatchText.requests(20), to: "evening.jsonl")
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/evening.jsonl"), power: Power(watts: 60))
    runner.start(job: JobNumber(1), folder: batch.folder)
    let isDrained = try await log.wait { log in
      guard let progress = log.latest(1) else { return false }
      return progress.completed >= 2 && !progress.feeding && progress.inFlight == 0
    }
    try #require(isDrained)
    return (runner, batch)
  }

  @Test("a cancelled batch keeps what was answered and begins nothing more")
  func cancelled() async throws {
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 2000)
    defer { engine.stop() }
    let (runner, batch) = try await begun(engine)
    defer { runner.stop() }
    let answered = try #require(log.latest(1)).completed
    runner.close(job: JobNumber(1), folder: batch.folder, .cancelled)
    #expect(try await log.wait { $0.latest(1)?.isClosed == true })
    let last = try #require(log.latest(1))
    #expect(last.completed == answered && last.failed == 0)
    #expect(scratch.names(in: "jobs/\(batch.folder)") == ["input.jsonl", "output.jsonl"])
    let ids = BatchText.ids(in: scratch.read("jobs/\(batch.folder)/output.jsonl"))
    #expect(ids.count == answered && Set(ids).count == answered)
  }

  @Test("each request that an expired batch left has its line in the errors, after a crash too")
  func expired() async throws {
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 2000)
    defer { engine.stop() }
    let (runner, batch) = try await begun(engine)
    let answered = try #require(log.latest(1)).completed
    // The end was begun once and cut off in the middle of a line.
    runner.stop()
    let folder = "jobs/\(batch.folder)"
    let error = #"{"id":"batch_req_20","custom_id":"request-20","response":null,"error":{}}"#
    try scratch.write(error + "\n" + error.prefix(40), to: folder + "/errors.partial.jsonl")
    let again = EventLog()
    let restarted = try BatchRunner(
      engine: InferenceEngine(address: "http://127.0.0.1:\(engine.port)"),
      jobsDirectory: scratch.path + "/jobs"
    ) { again.add($0) }
    defer { restarted.stop() }
    restarted.close(job: JobNumber(1), folder: batch.folder, .expired)
    #expect(try await again.wait { $0.latest(1)?.isClosed == true })
    let last = try #require(again.latest(1))
    #expect(last.completed == answered && last.failed == 20 - answered)
    let errors = scratch.read(folder + "/errors.jsonl")
    let output = scratch.read(folder + "/output.jsonl")
    let ids = BatchText.ids(in: errors) + BatchText.ids(in: output)
    #expect(ids.sorted() == BatchText.ids(20))
    #expect(errors?.contains("\"code\":\"batch_expired\"") == true)
    // Told again, it says the same.
    restarted.close(job: JobNumber(1), folder: batch.folder, .expired)
    #expect(try await again.wait { log in log.all.count { self.isClosing($0) } >= 2 })
    #expect(scratch.read(folder + "/errors.jsonl") == errors)
  }

  private func isClosing(_ event: RunnerEvent) -> Bool {
    if case .progress(let progress) = event { progress.isClosed } else { false }
  }

  @Test("removes what was copied of a batch that no job came of, and nothing with results")
  func discards() async throws {
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 2000)
    defer { engine.stop() }
    let (runner, batch) = try await begun(engine)
    defer { runner.stop() }
    let other = try runner.stage(
      BatchRequest(file: scratch.path + "/evening.jsonl"), power: Power(watts: 60))
    runner.discard(folder: other.folder)
    #expect(scratch.names(in: "jobs") == [batch.folder])
    runner.discard(folder: batch.folder)
    let kept = scratch.names(in: "jobs/\(batch.folder)")
    #expect(kept.contains("output.partial.jsonl") && kept.contains("input.jsonl"))
  }
}
