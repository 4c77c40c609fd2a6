import Planning
import Quantities
import Runners
import Testing
import Texting

/// llama.cpp with a 270M model, as `make test-engine` starts it.
@Suite("A real engine", .serialized)
struct RealEngineTests {
  let scratch: ScratchFolder
  let log = EventLog()

  init() throws { scratch = try ScratchFolder() }

  private func runner(_ engine: RealEngine) throws -> BatchRunner {
    let log = log
    return try BatchRunner(
      engine: InferenceEngine(address: engine.address), jobsDirectory: scratch.path + "/jobs"
    ) { log.add($0) }
  }

  private func stage(_ lines: [String], with runner: BatchRunner) throws -> StagedBatch {
    try scratch.write(lines.map { $0 + "\n" }.joined(), to: "real.jsonl")
    return try runner.stage(
      BatchRequest(file: scratch.path + "/real.jsonl"), power: Power(watts: 25))
  }

  private static func chat(_ number: Int) -> String {
    """
    {"custom_id":"request-\(number)","method":"POST","url":"/v1/chat/completions","body":\
    {"model":"any","messages":[{"role":"user","content":"Name \(number) things that need sun."}],\
    "max_tokens":16,"seed":\(number)}}
    """
  }

  private static func greedy(_ id: String, _ prompt: String, tokens: Int) -> String {
    """
    {"custom_id":"\(id)","method":"POST","url":"/v1/completions","body":{"model":"any",\
    "prompt":"\(prompt)","max_tokens":\(tokens),"temperature":0,"seed":1}}
    """
  }

  /// Whether the job rests, in an event after the `seen` first.
  private func waitForRest(after seen: Int) async throws -> Bool {
    try await log.wait { log in
      guard log.all.count > seen, let progress = log.latest(1) else { return false }
      return !progress.feeding && progress.inFlight == 0
    }
  }

  @Test("answers each request once, with a pause while it works")
  func pause() async throws {
    guard let engine = RealEngine() else { return }
    let runner = try runner(engine)
    defer { runner.stop() }
    let batch = try stage((1...8).map(Self.chat), with: runner)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { ($0.latest(1)?.inFlight ?? 0) > 0 })
    let seen = log.all.count
    runner.pause(job: JobNumber(1))
    #expect(try await waitForRest(after: seen))
    let drained = log.latest(1)?.completed ?? 0
    #expect(drained > 0 && drained < 8)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 8))
    #expect(log.latest(1)?.completed == 8)
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl")
    #expect(BatchText.ids(in: output) == BatchText.ids(8))
  }

  @Test("goes on with a long answer after each cut, no token lost and none doubled")
  func longAnswer() async throws {
    guard let engine = RealEngine() else { return }
    let runner = try runner(engine)
    defer { runner.stop() }
    let limit = 40 * (engine.cuts + 1)
    let prompt = "A long story about a lighthouse and the sun. Once upon a time"
    let batch = try stage([Self.greedy("long", prompt, tokens: limit)], with: runner)
    var before: [(text: String, tokens: Int)] = []
    for _ in 0..<engine.cuts {
      let seen = log.all.count
      runner.start(job: JobNumber(1), folder: batch.folder)
      #expect(
        try await log.wait { log in
          log.all.dropFirst(seen).contains { event in
            if case .progress(let progress) = event { progress.inFlight > 0 } else { false }
          }
        })
      try await Task.sleep(for: .milliseconds(700))
      runner.pause(job: JobNumber(1), .cut)
      #expect(try await waitForRest(after: seen))
      let journal = scratch.read("jobs/\(batch.folder)/journal.partial.jsonl")
      before.append(try JournalPiece.read(journal, of: "long"))
    }
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 1))
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl")
    let answer = try #require(try AnswerLine.lines(output)["long"])
    try check(answer, before: before, limit: limit, with: engine)
  }

  private func check(
    _ answer: AnswerLine, before: [(text: String, tokens: Int)], limit: Int,
    with engine: RealEngine
  ) throws {
    let reason = try #require(answer.response.body.choices.first?.finish_reason)
    #expect(reason == "stop" || reason == "length")
    let counted = answer.response.body.usage.completion_tokens
    #expect(counted <= limit)
    #expect(answer.cuts > 0)
    // The token that says that the answer has ended has no text.
    let withText = reason == "stop" ? counted - 1 : counted
    #expect(try engine.tokens(of: answer.text).count == withText)
    var known = 0
    for piece in before {
      #expect(answer.text.utf8.starts(with: piece.text.utf8), "the text before a cut is changed")
      #expect(piece.tokens >= known)
      known = piece.tokens
    }
    #expect(known > 0)
    let last = before.last?.text ?? ""
    let after = String(decoding: answer.text.utf8.dropFirst(last.utf8.count), as: UTF8.self)
    let joined = try engine.tokens(of: last) + engine.tokens(of: after)
    #expect(try engine.tokens(of: answer.text) == joined)
    print(
      "A long answer of \(counted) tokens, cut after",
      before.map { "\($0.tokens)" }.joined(separator: ", "), "of them, ended with \(reason)")
  }

  /// Where a processor's sums differ in their last digit, a greedy answer may take another turn
  /// after a cut: how many do not is told, and not promised.
  @Test("says how many greedy answers end word for word as they would have uncut")
  func greedyRuns() async throws {
    guard let engine = RealEngine() else { return }
    let runner = try runner(engine)
    defer { runner.stop() }
    let lines = (1...engine.greedyRuns).map { number in
      Self.greedy("request-\(number)", "In year \(number), the sun over the village", tokens: 48)
    }
    let uncut = try await finish(try stage(lines, with: runner), job: 2, lines.count, runner)
    let again = try await finish(try stage(lines, with: runner), job: 3, lines.count, runner)
    let batch = try stage(lines, with: runner)
    while log.latest(1).map({ $0.completed + $0.failed }) ?? 0 < lines.count {
      let seen = log.all.count
      runner.start(job: JobNumber(1), folder: batch.folder)
      try await Task.sleep(for: .milliseconds(900))
      runner.pause(job: JobNumber(1), .cut)
      #expect(try await waitForRest(after: seen))
    }
    let cut = try AnswerLine.lines(scratch.read("jobs/\(batch.folder)/output.jsonl"))
    #expect(cut.count == lines.count)
    #expect(uncut.count == lines.count)
    let continued = cut.values.filter { $0.cuts > 0 }
    #expect(continued.count > 0)
    #expect(continued.allSatisfy { $0.response.body.usage.completion_tokens <= 48 })
    let same = continued.count { $0.text == uncut[$0.custom_id]?.text }
    print("\(same) of \(continued.count) greedy answers that were cut end as they would have uncut")
    let repeated = again.values.count { $0.text == uncut[$0.custom_id]?.text }
    print("\(repeated) of \(lines.count) end the same when asked twice and never cut")
  }

  /// Runs a batch without a pause.
  private func finish(
    _ batch: StagedBatch, job: Int64, _ requests: Int, _ runner: BatchRunner
  ) async throws -> [String: AnswerLine] {
    runner.start(job: JobNumber(job), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: requests, job: job))
    return try AnswerLine.lines(scratch.read("jobs/\(batch.folder)/output.jsonl"))
  }
}
