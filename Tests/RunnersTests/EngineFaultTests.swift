import Planning
import Quantities
import Runners
import Testing
import Texting

struct EngineFaultTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var answers: [FaultyServer.Answer]
    /// What the results hold of the one request: in the output, else in the errors.
    var completes = true
    var holds: String
    var asked: Int

    var testDescription: String { name }
  }

  static let good = FaultyServer.Answer.bytes(
    FaultyServer.streamHead
      + """
      data: {"id":"a","object":"chat.completion.chunk","created":1,"model":"m","choices":\
      [{"index":0,"delta":{"role":"assistant","content":"Sun"},"finish_reason":null}]}

      data: {"choices":[{"index":0,"delta":{"content":"shine"},"finish_reason":"stop"}]}

      data: [DONE]


      """)
  static let whole = FaultyServer.Answer.bytes(
    FaultyServer.response(200, "{\"choices\":[],\"usage\":{\"completion_tokens\":3}}"))
  static let torn = FaultyServer.Answer.bytes(
    FaultyServer.streamHead
      + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Su\"}}]}\n\n")
  static let stalled = FaultyServer.Answer.stalling(
    FaultyServer.streamHead
      + "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Su\"}}]}\n\n")
  static let malformed = FaultyServer.Answer.bytes(FaultyServer.streamHead + "data: {\"cho\n\n")
  static let garbled = FaultyServer.Answer.bytes(FaultyServer.response(200, "{\"choices\":["))
  static let endless = FaultyServer.Answer.bytes(
    FaultyServer.response(200, String(repeating: "x", count: 2 << 20)))
  static let loading = FaultyServer.Answer.bytes(
    FaultyServer.response(
      503, "{\"error\":{\"code\":503,\"message\":\"Loading model\",\"type\":\"unavailable_error\"}}"
    ))
  static let midStreamError = FaultyServer.Answer.bytes(
    FaultyServer.streamHead + "error: {\"code\":500,\"message\":\"out of memory\"}\n\n")

  static func status(_ status: Int, _ field: String = "X-Test: 1") -> FaultyServer.Answer {
    .bytes(FaultyServer.response(status, "{\"error\":{\"message\":\"no\"}}", field: field))
  }

  static let cases: [Case] = [
    Case(name: "a stream without usage", answers: [good], holds: "Sunshine", asked: 1),
    Case(name: "tokens counted", answers: [good], holds: "\"completion_tokens\":2", asked: 1),
    Case(name: "an answer in one piece", answers: [whole], holds: "\"choices\":[]", asked: 1),
    Case(name: "500, then well", answers: [status(500), good], holds: "Sunshine", asked: 2),
    Case(
      name: "429, then well", answers: [status(429, "Retry-After: 1"), good], holds: "Sunshine",
      asked: 2),
    Case(
      name: "loading for long", answers: [loading, loading, loading, loading, good],
      holds: "Sunshine", asked: 5),
    Case(name: "dropped mid-stream", answers: [torn, good], holds: "Sunshine", asked: 2),
    Case(name: "closed without a word", answers: [.bytes(""), good], holds: "Sunshine", asked: 2),
    Case(name: "malformed JSON", answers: [malformed, good], holds: "Sunshine", asked: 2),
    Case(
      name: "an error mid-stream", answers: [midStreamError, good], holds: "Sunshine", asked: 2),
    Case(name: "an endless line", answers: [.endlessLine, good], holds: "Sunshine", asked: 2),
    Case(name: "silence", answers: [.silence, good], holds: "Sunshine", asked: 2),
    Case(name: "hangs mid-stream", answers: [stalled, good], holds: "Sunshine", asked: 2),
    Case(
      name: "400 is for good", answers: [status(400)], completes: false,
      holds: "\"status_code\":400", asked: 1),
    Case(
      name: "500 for ever", answers: [status(500)], completes: false,
      holds: "tried 3 times, last: answers 500: no", asked: 3),
    Case(
      name: "429 for ever", answers: [status(429)], completes: false,
      holds: "tried 3 times, last: answers 429: no", asked: 3),
    Case(
      name: "silence for ever", answers: [.silence], completes: false, holds: "tried 3 times",
      asked: 3),
    Case(
      name: "dropped mid-stream for ever", answers: [torn], completes: false,
      holds: "its stream ended early", asked: 3),
    Case(
      name: "malformed JSON for ever", answers: [malformed], completes: false,
      holds: "sent malformed JSON in a stream", asked: 3),
    Case(
      name: "malformed JSON in one piece", answers: [garbled], completes: false,
      holds: "sent malformed JSON", asked: 3),
    Case(
      name: "an endless line for ever", answers: [.endlessLine], completes: false,
      holds: "sent a line of more than 100000 bytes", asked: 3),
    Case(
      name: "an endless answer in one piece", answers: [endless], completes: false,
      holds: "answered more than 1048576 bytes", asked: 3),
    Case(
      name: "mid-stream errors for ever", answers: [midStreamError], completes: false,
      holds: "out of memory", asked: 3),
  ]

  @Test("meets a faulty engine with bounded patience", arguments: cases)
  func faults(given: Case) async throws {
    let scratch = try ScratchFolder()
    let log = EventLog()
    let server = try FaultyServer(given.answers)
    defer { server.stop() }
    let limits = EngineLimits(
      silenceMilliseconds: 1000, requestMilliseconds: 3000, responseBytes: 1 << 20,
      lineBytes: 100_000, attempts: 3, backOffMilliseconds: 5, longestBackOffMilliseconds: 50)
    let engine = try InferenceEngine(address: "http://127.0.0.1:\(server.port)/v1", limits: limits)
    let runner = try BatchRunner(engine: engine, jobsDirectory: scratch.path + "/jobs") {
      log.add($0)
    }
    defer { runner.stop() }
    try scratch.write(BatchText.requests(1), to: "one.jsonl")
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/one.jsonl"), power: Power(watts: 5))
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 1))
    #expect(log.latest(1)?.completed == (given.completes ? 1 : 0))
    let name = given.completes ? "output.jsonl" : "errors.jsonl"
    let results = scratch.read("jobs/\(batch.folder)/\(name)") ?? ""
    #expect(BatchText.ids(in: results) == ["request-1"])
    #expect(results.contains(given.holds), "\(results)")
    #expect(server.asked == given.asked)
  }

  @Test("takes a count of tokens that can't be meant for unknown, now and when it goes on")
  func impossibleTokens() async throws {
    let scratch = try ScratchFolder()
    let log = EventLog()
    let answer = "{\"choices\":[],\"usage\":{\"completion_tokens\":9223372036854775807}}"
    let server = try FaultyServer([.bytes(FaultyServer.response(200, answer))])
    defer { server.stop() }
    let engine = try InferenceEngine(address: "http://127.0.0.1:\(server.port)")
    try scratch.write(BatchText.requests(3), to: "three.jsonl")
    var runner = try BatchRunner(engine: engine, jobsDirectory: scratch.path + "/jobs") {
      log.add($0)
    }
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/three.jsonl"), power: Power(watts: 5))
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 3))
    #expect(log.latest(1)?.completionTokens == 0)
    runner.stop()
    // The results are read again, as after a restart.
    let again = EventLog()
    runner = try BatchRunner(engine: engine, jobsDirectory: scratch.path + "/jobs") {
      again.add($0)
    }
    defer { runner.stop() }
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await again.waitForEnd(requests: 3))
    #expect(again.latest(1)?.completionTokens == 0)
  }

  @Test("holds the job where the engine wants a key, as every request would fail")
  func denied() async throws {
    let scratch = try ScratchFolder()
    let log = EventLog()
    let server = try FaultyServer([Self.status(401)])
    defer { server.stop() }
    let engine = try InferenceEngine(address: "http://127.0.0.1:\(server.port)")
    let runner = try BatchRunner(engine: engine, jobsDirectory: scratch.path + "/jobs") {
      log.add($0)
    }
    defer { runner.stop() }
    try scratch.write(BatchText.requests(3), to: "three.jsonl")
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/three.jsonl"), power: Power(watts: 5))
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { $0.held.count == 1 && $0.latest(1)?.feeding == false })
    #expect(log.held.first?.contains("401") == true)
    #expect(log.latest(1)?.failed == 0)
  }

  @Test(
    "refuses an address that is no engine's",
    arguments: [
      "", "localhost:8080", "ftp://host", "http://", "http://me:secret@host", "http://a b",
    ])
  func addresses(address: String) {
    #expect(throws: RunnerError.self) { try InferenceEngine(address: address) }
  }
}
