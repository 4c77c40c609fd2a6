import Planning
import Quantities
import Runners
import Testing
import Texting

struct BatchRunnerTests {
  let scratch: ScratchFolder
  let log = EventLog()

  init() throws { scratch = try ScratchFolder() }

  func runner(_ engine: StandInEngine, pausingAt counts: [Int] = []) throws -> BatchRunner {
    try runner(
      InferenceEngine(address: "http://127.0.0.1:\(engine.port)"), pausingAt: counts)
  }

  func runner(_ engine: InferenceEngine, pausingAt counts: [Int] = []) throws -> BatchRunner {
    let log = log
    let pauseSwitch = PauseSwitch(at: counts)
    let runner = try BatchRunner(engine: engine, jobsDirectory: scratch.path + "/jobs") { event in
      log.add(event)
      pauseSwitch.react(to: event)
    }
    pauseSwitch.connect(runner)
    return runner
  }

  func isDrained(_ log: EventLog, at count: Int) -> Bool {
    guard let progress = log.latest(1) else { return false }
    return progress.completed >= count && !progress.feeding && progress.inFlight == 0
  }

  func stage(_ count: Int, with runner: BatchRunner) throws -> StagedBatch {
    try scratch.write(BatchText.requests(count), to: "evening.jsonl")
    return try runner.stage(
      BatchRequest(file: scratch.path + "/evening.jsonl"), power: Power(watts: 60))
  }

  @Test("answers sixty requests once each through six pauses")
  func pauses() async throws {
    let engine = try StandInEngine(slots: 3, tokensPerSecond: 2000)
    defer { engine.stop() }
    let runner = try runner(engine, pausingAt: (1...6).map { $0 * 8 })
    defer { runner.stop() }
    let batch = try stage(60, with: runner)
    #expect(batch.requests == 60)
    #expect(batch.model == "stand-in")
    #expect(batch.name == "evening")
    #expect(batch.power == Power(watts: 60))
    for pause in 1...6 {
      runner.start(job: JobNumber(1), folder: batch.folder)
      #expect(try await log.wait { isDrained($0, at: pause * 8) })
      #expect((log.latest(1)?.completed ?? 0) < 60)
    }
    #expect(scratch.names(in: "jobs/\(batch.folder)").contains("output.partial.jsonl"))
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 60))
    #expect(log.latest(1)?.failed == 0)
    #expect(log.latest(1)?.feeding == false)
    #expect((log.latest(1)?.completionTokens ?? 0) >= 600)
    #expect(log.engineStates == [.ready(slots: 3, name: "stand-in")])
    #expect(scratch.names(in: "jobs/\(batch.folder)") == ["input.jsonl", "output.jsonl"])
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl")
    #expect(BatchText.ids(in: output) == BatchText.ids(60))
    let first = output?.split(separator: "\n").first ?? ""
    for part in [
      "\"status_code\":200", "\"object\":\"chat.completion\"", "\"finish_reason\":\"stop\"",
      "[stand-in, no model]", "\"completion_tokens\":", "\"error\":null}",
    ] { #expect(first.contains(part)) }
    for event in log.all {
      if case .progress(let progress) = event { #expect(progress.inFlight <= 3) }
    }
  }

  @Test(
    "goes on after a crash: the torn line is done again, the others are not",
    arguments: [
      "{\"id\":\"batch_req_39\",\"custom_id\":\"requ",
      // In the room for further lines, which are newlines: what is missing shows as an empty line.
      "{\"id\":\"batch_req_39\",\"custom_id\":\"requ\n\n\n\n\n",
      "\n\n\n\nst-39\",\"response\":null,\"error\":null}\n\n\n",
      "\n\n",
    ])
  func restart(torn: String) async throws {
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 2000)
    defer { engine.stop() }
    // One token a second: what is in flight when it stops is given up, not answered.
    let slow = try StandInEngine(slots: 2, tokensPerSecond: 1)
    defer { slow.stop() }
    let first = try runner(engine, pausingAt: [10])
    let batch = try stage(40, with: first)
    first.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { isDrained($0, at: 10) })
    first.stop()
    let partial = "jobs/\(batch.folder)/output.partial.jsonl"
    #expect(scratch.read(partial)?.hasSuffix("\n\n") == true, "no room for further lines")
    let interrupted = try runner(slow)
    interrupted.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { $0.latest(1)?.inFlight == 2 })
    interrupted.stop()
    let before = BatchText.ids(in: scratch.read(partial))
    #expect(before.count >= 10 && before.count < 40)
    let whole = (scratch.read(partial) ?? "").split(separator: "\n").map { $0 + "\n" }.joined()
    try scratch.write(whole + torn, to: partial)
    let second = try runner(engine)
    defer { second.stop() }
    second.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 40))
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl")
    #expect(BatchText.ids(in: output) == BatchText.ids(40))
    // Nothing of the room is left.
    #expect(output?.contains("\n\n") == false && output?.hasSuffix("}\n") == true)
  }

  @Test("reads results of OpenAI's shape and of vLLM's older one, and counts their tokens")
  func shapes() async throws {
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 20_000)
    defer { engine.stop() }
    let staging = try runner(engine)
    let batch = try stage(3, with: staging)
    staging.stop()
    let usage = #""usage":{"prompt_tokens":5,"completion_tokens":70,"total_tokens":75}"#
    let whole =
      #"{"id":"a","custom_id":"request-1","response":{"status_code":200,"request_id":"r","#
      + #""body":{"object":"chat.completion",\#(usage)}},"error":null}"#
    let unwrapped =
      #"{"id":"b","custom_id":"request-2","response":{"object":"chat.completion",\#(usage)},"#
      + #""error":null}"#
    try scratch.write(
      whole + "\n" + unwrapped + "\n", to: "jobs/\(batch.folder)/output.partial.jsonl")
    let runner = try runner(engine)
    defer { runner.stop() }
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 3))
    let last = try #require(log.latest(1))
    #expect(last.completed == 3 && last.failed == 0)
    #expect(last.completionTokens > 140 && last.promptTokens > 10)
  }

  @Test("tells the counts of a finished job when it is started again")
  func finished() async throws {
    let engine = try StandInEngine(slots: 2, tokensPerSecond: 20_000)
    defer { engine.stop() }
    let runner = try runner(engine)
    defer { runner.stop() }
    let batch = try stage(5, with: runner)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 5))
    runner.start(job: JobNumber(2), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 5, job: 2))
    #expect(log.latest(2)?.completionTokens == log.latest(1)?.completionTokens)
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl")
    #expect(BatchText.ids(in: output) == BatchText.ids(5))
  }

  @Test("waits for an engine that is not there and works when it comes")
  func absentEngine() async throws {
    let socket = scratch.path + "/engine.sock"
    let limits = EngineLimits(backOffMilliseconds: 20, longestBackOffMilliseconds: 100)
    let runner = try runner(InferenceEngine(address: socket, limits: limits))
    defer { runner.stop() }
    let batch = try stage(4, with: runner)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(
      try await log.wait { log in
        guard case .unavailable(let reason)? = log.engineStates.last else { return false }
        return reason.contains(socket)
      })
    let engine = try StandInEngine(socketPath: socket, slots: 2, tokensPerSecond: 2000)
    defer { engine.stop() }
    #expect(try await log.waitForEnd(requests: 4))
    #expect(log.latest(1)?.failed == 0)
    #expect(log.engineStates.last == .ready(slots: 2, name: "stand-in"))
  }

  @Test("holds a job whose folder is gone or no folder's name", arguments: ["gone", "../jobs", ""])
  func badFolder(folder: String) async throws {
    let engine = try StandInEngine()
    defer { engine.stop() }
    let runner = try runner(engine)
    defer { runner.stop() }
    runner.start(job: JobNumber(1), folder: folder)
    #expect(try await log.wait { $0.held.count == 1 })
  }
}
