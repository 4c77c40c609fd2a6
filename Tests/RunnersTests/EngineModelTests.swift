import Planning
import Quantities
import Runners
import Synchronization
import Testing
import Texting

@Suite("The model in an engine's memory")
struct EngineModelTests {
  /// What a request of a job asks, as the engine's witness hears it.
  private static let question = "How much sun is left?"

  /// Runs a job of one request, has the model put away, and runs another: in the same runner, or in
  /// a second one as after a restart of the node.
  private func day(
    _ program: StandInEngine.Program, restarts: Bool = false
  ) async throws -> (unloaded: [String], asked: [String]) {
    let scratch = try ScratchFolder()
    let asked = AskedWords()
    let engine = try StandInEngine(program: program, tokensPerSecond: 50_000) { asked.add($0) }
    defer { engine.stop() }
    let log = EventLog()
    func runner() throws -> BatchRunner {
      try BatchRunner(
        engine: InferenceEngine(address: "http://127.0.0.1:\(engine.port)"),
        jobsDirectory: scratch.path + "/jobs"
      ) { log.add($0) }
    }
    try scratch.write(BatchText.requests(1), to: "one.jsonl")
    let file = BatchRequest(file: scratch.path + "/one.jsonl")
    let first = try runner()
    let batch = try first.stage(file, power: .zero)
    first.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.waitForEnd(requests: 1))
    first.unload()
    if program != .llamaServer {
      #expect(try await ProcessWitness.wait { asked.all.count == 2 })
    }
    if restarts {
      #expect(try await log.wait { !self.unloaded($0).isEmpty })
      first.stop()
    }
    let second = restarts ? try runner() : first
    defer { second.stop() }
    let other = try second.stage(file, power: .zero)
    second.start(job: JobNumber(2), folder: other.folder)
    #expect(try await log.waitForEnd(requests: 1, job: 2))
    #expect(log.latest(2)?.completed == 1)
    return (unloaded(log), asked.all)
  }

  private func unloaded(_ log: EventLog) -> [String] {
    log.all.compactMap { if case .unloaded(let model) = $0 { model } else { nil } }
  }

  private final class AskedWords: Sendable {
    private let words = Mutex<[String]>([])
    var all: [String] { words.withLock { $0 } }
    func add(_ word: String) { words.withLock { $0.append(word) } }
  }

  @Test("Ollama is told to keep the job's model for no time, and loads it again by itself")
  func ollama() async throws {
    let (unloaded, asked) = try await day(.ollama)
    #expect(unloaded == ["stand-in"])
    #expect(asked == [Self.question, "/api/generate", Self.question])
  }

  @Test("vLLM sleeps and is woken before the next request", arguments: [false, true])
  func vLLM(restarts: Bool) async throws {
    let (unloaded, asked) = try await day(.vLLM(sleeps: true), restarts: restarts)
    #expect(unloaded == ["stand-in"])
    #expect(asked == [Self.question, "/sleep", "/wake_up", Self.question])
  }

  @Test("vLLM that refuses to wake is unavailable, and asked ever more rarely")
  func refusesToWake() async throws {
    let scratch = try ScratchFolder()
    let asked = AskedWords()
    let engine = try StandInEngine(
      program: .vLLM(sleeps: true, wakes: false), tokensPerSecond: 50_000
    ) { asked.add($0) }
    defer { engine.stop() }
    let log = EventLog()
    let limits = EngineLimits(backOffMilliseconds: 50, longestBackOffMilliseconds: 60_000)
    let runner = try BatchRunner(
      engine: InferenceEngine(address: "http://127.0.0.1:\(engine.port)", limits: limits),
      jobsDirectory: scratch.path + "/jobs"
    ) { log.add($0) }
    defer { runner.stop() }
    try scratch.write(BatchText.requests(1), to: "one.jsonl")
    let file = BatchRequest(file: scratch.path + "/one.jsonl")
    for job in Int64(1)...2 {
      let batch = try runner.stage(file, power: .zero)
      runner.start(job: JobNumber(job), folder: batch.folder)
      guard job == 1 else { break }
      #expect(try await log.waitForEnd(requests: 1))
      runner.unload()
      #expect(try await log.wait { !self.unloaded($0).isEmpty })
    }
    // The third try is due 50 and 100 ms after the first two at the soonest.
    let begun = ContinuousClock.now
    func wakes() -> Int { asked.all.count { $0 == "/wake_up" } }
    #expect(try await ProcessWitness.wait { wakes() >= 3 })
    #expect(ContinuousClock.now - begun >= .milliseconds(100))
    #expect(
      log.engineStates.contains {
        if case .unavailable(let reason) = $0 { reason.contains("can't be woken") } else { false }
      })
    #expect(asked.all.count { $0 == Self.question } == 1)
  }

  @Test("one that can't put its model away works on, and nothing is said to be put away")
  func stays() async throws {
    let vLLM = try await day(.vLLM(sleeps: false))
    #expect(vLLM.unloaded.isEmpty && vLLM.asked == [Self.question, "/sleep", Self.question])
    let llama = try await day(.llamaServer)
    #expect(llama.unloaded.isEmpty && llama.asked == [Self.question, Self.question])
  }
}
