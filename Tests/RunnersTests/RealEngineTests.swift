import Glibc
import Planning
import Quantities
import Runners
import Testing
import Texting

struct RealEngineTests {
  static func line(_ number: Int) -> String {
    """
    {"custom_id":"request-\(number)","method":"POST","url":"/v1/chat/completions","body":\
    {"model":"any","messages":[{"role":"user","content":"Name \(number) things that need sun."}],\
    "max_tokens":16,"seed":\(number)}}

    """
  }

  @Test("has a real engine answer, with a pause while it works")
  func realEngine() async throws {
    guard let address = getenv("HELIOGRAPH_TEST_ENGINE").map({ String(cString: $0) }) else {
      print("SKIPPED: real inference, as HELIOGRAPH_TEST_ENGINE names no engine (http://…)")
      return
    }
    let scratch = try ScratchFolder()
    let log = EventLog()
    let runner = try BatchRunner(
      engine: InferenceEngine(address: address), jobsDirectory: scratch.path + "/jobs"
    ) { log.add($0) }
    defer { runner.stop() }
    try scratch.write((1...8).map(Self.line).joined(), to: "real.jsonl")
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/real.jsonl"), power: Power(watts: 25))
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { ($0.latest(1)?.inFlight ?? 0) > 0 })
    runner.pause(job: JobNumber(1))
    #expect(try await log.wait { $0.latest(1)?.feeding == false && $0.latest(1)?.inFlight == 0 })
    let drained = log.latest(1)?.completed ?? 0
    #expect(drained > 0 && drained < 8)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 8))
    print("engine:", log.engineStates, "drained after", drained, "then", log.latest(1) as Any)
    #expect(log.latest(1)?.completed == 8)
    let output = scratch.read("jobs/\(batch.folder)/output.jsonl")
    #expect(BatchText.ids(in: output) == BatchText.ids(8))
    print(output.map { String($0.prefix { $0 != "\n" }) } ?? "")
  }

  @Test("goes on with a long answer of a real engine after each cut")
  func longAnswer() async throws {
    guard let address = getenv("HELIOGRAPH_TEST_ENGINE").map({ String(cString: $0) }) else {
      print("SKIPPED: real inference, as HELIOGRAPH_TEST_ENGINE names no engine (http://…)")
      return
    }
    let scratch = try ScratchFolder()
    let log = EventLog()
    let runner = try BatchRunner(
      engine: InferenceEngine(address: address), jobsDirectory: scratch.path + "/jobs"
    ) { log.add($0) }
    defer { runner.stop() }
    let line = """
      {"custom_id":"long","method":"POST","url":"/v1/chat/completions","body":{"model":"any",\
      "messages":[{"role":"user","content":"Write a long story about a lighthouse."}],\
      "max_tokens":200,"temperature":0,"seed":1}}

      """
    try scratch.write(line, to: "long.jsonl")
    let batch = try runner.stage(
      BatchRequest(file: scratch.path + "/long.jsonl"), power: Power(watts: 25))
    var texts: [String] = []
    for _ in 0..<3 {
      let seen = log.all.count
      runner.start(job: JobNumber(1), folder: batch.folder)
      #expect(try await log.wait { $0.all.dropFirst(seen).contains { isAtRest($0) == false } })
      try await Task.sleep(for: .milliseconds(700))
      runner.pause(job: JobNumber(1), .cut)
      #expect(try await log.wait { log in log.all.last.flatMap { isAtRest($0) } == true })
      texts.append(scratch.read("jobs/\(batch.folder)/journal.partial.jsonl") ?? "")
    }
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 1))
    for text in texts { print(text) }
    print(scratch.read("jobs/\(batch.folder)/output.jsonl") ?? "")
  }

  private func isAtRest(_ event: RunnerEvent) -> Bool? {
    guard case .progress(let progress) = event else { return nil }
    return progress.inFlight == 0 && !progress.feeding
  }
}
