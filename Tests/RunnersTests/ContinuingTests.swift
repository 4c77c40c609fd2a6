import Planning
import Quantities
import Runners
import Testing
import Texting

@Suite("Going on with a broken-off answer")
struct ContinuingTests {
  let scratch: ScratchFolder
  let log = EventLog()

  init() throws { scratch = try ScratchFolder() }

  /// A long answer: 300 words of the stand-in, cut by its limit.
  private static func line(_ id: String, _ path: String, _ extra: String = "") -> String {
    let asks =
      path == "/v1/completions"
      ? #""prompt":"Go on:""# : #""messages":[{"role":"user","content":"Go on"}]"#
    return """
      {"custom_id":"\(id)","method":"POST","url":"\(path)","body":\
      {"model":"stand-in",\(asks),"ignore_eos":true,"max_tokens":300\(extra)}}\n
      """
  }

  private static let words: [String] = {
    let reply =
      "[stand-in, no model] This reply holds no answer: no model is installed here."
    let once = reply.split(separator: " ").map(String.init)
    return (0..<300).map { once[$0 % once.count] }
  }()

  /// Cuts the job so many times on a slow engine, then lets a fast one finish it.
  private func run(
    _ lines: String, cuts: Int, restarts: Bool = false
  ) async throws -> String {
    // Half a minute for the whole answer: however busy the machine, a cut comes before its end.
    let slow = try StandInEngine(slots: 16, tokensPerSecond: 10)
    defer { slow.stop() }
    let fast = try StandInEngine(slots: 2, tokensPerSecond: 2000)
    defer { fast.stop() }
    try scratch.write(lines, to: "long.jsonl")
    let requests = lines.split(separator: "\n").count
    let log = log
    func makeRunner(_ engine: StandInEngine) throws -> BatchRunner {
      let address = try InferenceEngine(address: "http://127.0.0.1:\(engine.port)")
      return try BatchRunner(engine: address, jobsDirectory: scratch.path + "/jobs") {
        log.add($0)
      }
    }
    var runner = try makeRunner(slow)
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/long.jsonl"), power: Power(watts: 60))
    for _ in 0..<cuts {
      let seen = log.all.count
      runner.start(job: JobNumber(1), folder: batch.folder)
      try #require(try await wait(after: seen) { $0.inFlight > 0 })
      try await Task.sleep(for: .milliseconds(400))
      if restarts {
        runner.stop()
        runner = try makeRunner(slow)
      } else {
        runner.pause(job: JobNumber(1), .cut)
        try #require(try await wait(after: seen) { !$0.feeding && $0.inFlight == 0 })
      }
    }
    runner.stop()
    runner = try makeRunner(fast)
    runner.start(job: JobNumber(1), folder: batch.folder)
    try #require(try await log.waitForEnd(requests: requests))
    runner.stop()
    let folder = "jobs/\(batch.folder)"
    #expect(scratch.names(in: folder).sorted() == ["input.jsonl", "output.jsonl"])
    return scratch.read(folder + "/output.jsonl") ?? ""
  }

  private func wait(
    after seen: Int, until condition: @escaping (JobProgress) -> Bool
  ) async throws -> Bool {
    try await log.wait { log in
      log.all.dropFirst(seen).contains { event in
        if case .progress(let progress) = event { condition(progress) } else { false }
      }
    }
  }

  @Test(
    "joins what came before and after each cut without a lost or doubled token",
    arguments: ["/v1/chat/completions", "/v1/completions"], [false, true])
  func joins(path: String, restarts: Bool) async throws {
    let lines = Self.line("one", path) + Self.line("two", path)
    let output = try await run(lines, cuts: 4, restarts: restarts)
    let results = output.split(separator: "\n")
    #expect(results.count == 2)
    for result in results {
      #expect(result.contains(Self.words.joined(separator: " ") + "\""))
      #expect(result.contains("\"finish_reason\":\"length\""))
      #expect(result.contains("\"completion_tokens\":300"))
      #expect(result.contains("\"heliograph\":{\"continued\":"))
      let object = path == "/v1/completions" ? "text_completion" : "chat.completion"
      #expect(result.contains("\"object\":\"\(object)\""))
    }
  }

  @Test(
    "lets finish what can't be gone on with",
    arguments: [
      #","response_format":{"type":"json_object"}"#, #","n":2"#, #","logprobs":true"#,
      #","tools":[{"type":"function","function":{"name":"f"}}]"#, #","grammar":"root ::= x""#,
    ])
  func drains(extra: String) async throws {
    let line = Self.line("one", "/v1/chat/completions", extra)
    let engine = try StandInEngine(slots: 1, tokensPerSecond: 1000)
    defer { engine.stop() }
    let log = log
    let runner = try BatchRunner(
      engine: InferenceEngine(address: "http://127.0.0.1:\(engine.port)"),
      jobsDirectory: scratch.path + "/jobs"
    ) { log.add($0) }
    defer { runner.stop() }
    try scratch.write(line, to: "long.jsonl")
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/long.jsonl"), power: Power(watts: 60))
    runner.start(job: JobNumber(1), folder: batch.folder)
    try #require(try await wait(after: 0) { $0.inFlight > 0 })
    runner.pause(job: JobNumber(1), .cut)
    try #require(try await log.waitForEnd(requests: 1))
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl") ?? ""
    #expect(!output.contains("\"continued\""))
    #expect(output.contains(Self.words.joined(separator: " ") + "\""))
  }
}
