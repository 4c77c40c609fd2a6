import Glibc
import Planning
import Quantities
import Runners
import Testing
import Texting

@Suite("Running the owner's commands")
struct CommandRunnerTests {
  let scratch: ScratchFolder
  let log = EventLog()
  /// In the command line of what the test runs, and in no other's.
  let mark = "47\(UInt32.random(in: 0..<1_000_000_000))"

  init() throws { scratch = try ScratchFolder() }

  private var jobs: String { scratch.path + "/jobs" }

  private func runner(
    _ words: [String], name: String = "photos", root: String = "", log: EventLog? = nil
  ) throws -> CommandRunner {
    var limits = EngineProcessLimits()
    limits.lookMilliseconds = 10
    let kind =
      words.isEmpty
      ? EngineProcess.Kind.unit(OwnerCommand.unit(of: name)) : EngineProcess.Kind.command(words)
    let log = log ?? self.log
    return try CommandRunner(
      [
        OwnerCommand(
          name: name, power: Power(watts: 80), span: TimeSpan(minutes: 30), kind: kind)
      ], jobsDirectory: jobs, limits: limits, root: root
    ) { log.add($0) }
  }

  private func stage(_ runner: CommandRunner) throws -> StagedBatch {
    try runner.stage(
      BatchRequest(file: "photos"), power: Power(watts: 60), terms: BatchTerms())
  }

  private var states: [Character] { ProcessWitness.processes(with: mark).map(\.state) }

  /// Whether the latest word of job 1 is that it runs.
  private func runs(_ log: EventLog) -> Bool { log.latest(1)?.inFlight == 1 }

  private func rests(_ log: EventLog) -> Bool {
    log.latest(1).map { !$0.feeding && $0.inFlight == 0 && !$0.isClosed } ?? false
  }

  @Test("takes a command by its name, with its power or the owner's, and nothing else")
  func staging() throws {
    let runner = try runner(["true"])
    let batch = try stage(runner)
    #expect(batch.name == "photos" && batch.requests == 1 && batch.power == Power(watts: 80))
    #expect(batch.command?.span == TimeSpan(minutes: 30))
    #expect(batch.command?.log == "\(batch.folder)/command.log in the jobs folder")
    var wish = BatchRequest(file: "photos", power: Power(watts: 200))
    #expect(
      try runner.stage(wish, power: .zero, terms: BatchTerms()).power == Power(watts: 200))
    wish.model = "llama"
    #expect(throws: RunnerError.self) {
      try runner.stage(wish, power: .zero, terms: BatchTerms())
    }
    for name in ["photo", "/bin/true", "../photos", ""] {
      #expect(throws: RunnerError.self) {
        try runner.stage(BatchRequest(file: name), power: .zero, terms: BatchTerms())
      }
    }
    runner.discard(folder: batch.folder)
    #expect(!scratch.names(in: "jobs").contains(batch.folder))
  }

  @Test("stands still while it is paused, goes on where it was, and is done when it ends well")
  func standsStill() async throws {
    // Ends by itself a moment after the test lets it.
    let script = "while [ ! -e \(scratch.path)/go ]; do sleep 0.02; done; echo all done"
    let runner = try runner(["sh", "-c", script, mark])
    defer { runner.stop() }
    let batch = try stage(runner)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait(until: runs))
    for _ in 0..<3 {
      runner.pause(job: JobNumber(1), .cut)
      #expect(try await log.wait(until: rests))
      #expect(states.allSatisfy { "TD".contains($0) } && !states.isEmpty)
      runner.start(job: JobNumber(1), folder: batch.folder)
      #expect(try await log.wait(until: runs))
      #expect(try await ProcessWitness.wait { states.contains("S") })
    }
    try scratch.write("", to: "go")
    #expect(try await log.wait { $0.latest(1)?.completed == 1 })
    #expect(log.latest(1)?.isClosed == true)
    #expect(log.held.isEmpty)
    #expect(scratch.read("jobs/\(batch.folder)/command.log")?.contains("all done") == true)
    #expect(states.isEmpty)
    #expect(scratch.names(in: "jobs/\(batch.folder)").sorted() == ["command", "command.log"])
  }

  @Test("holds one that fails with its last words, and begins it anew when told")
  func fails() async throws {
    let script = "echo no such album; exit 3"
    let runner = try runner(["sh", "-c", script, mark])
    defer { runner.stop() }
    let batch = try stage(runner)
    for round in 1...2 {
      runner.start(job: JobNumber(1), folder: batch.folder)
      #expect(try await log.wait { $0.held.count == round })
      #expect(log.held.last == "it ended with exit code 3: no such album")
    }
    #expect(log.latest(1)?.completed ?? 0 == 0)
  }

  @Test("a command that is not there is held and says so")
  func missing() async throws {
    let runner = try runner(["/no/such/program"])
    defer { runner.stop() }
    let batch = try stage(runner)
    runner.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait { !$0.held.isEmpty })
    #expect(log.held.first?.contains("/no/such/program") == true)
    // Taken out of the configuration since.
    runner.stop()
    let other = try self.runner(["true"], name: "backup")
    other.start(job: JobNumber(1), folder: batch.folder)
    #expect(log.held.last == "the configuration knows no command \"photos\" any more")
    other.stop()
  }

  @Test("is ended when it is taken back: running, standing, or not begun")
  func closes() async throws {
    let runner = try runner(["sleep", mark])
    defer { runner.stop() }
    for stage in 0..<3 {
      let batch = try self.stage(runner)
      let job = JobNumber(Int64(stage + 1))
      if stage > 0 {
        runner.start(job: job, folder: batch.folder)
        #expect(try await log.wait { $0.latest(job.value)?.inFlight == 1 })
      }
      if stage > 1 {
        runner.pause(job: job, .cut)
        #expect(try await log.wait { $0.latest(job.value)?.inFlight == 0 })
      }
      runner.close(job: job, folder: batch.folder, .cancelled)
      #expect(try await log.wait { $0.latest(job.value)?.isClosed == true })
      #expect(log.latest(job.value)?.completed == 0)
      #expect(states.isEmpty)
    }
    #expect(log.held.isEmpty)
  }

  @Test("ends what runs when the node ends, and begins it anew in the next life")
  func nextLife() async throws {
    let first = try runner(["sleep", mark])
    let batch = try stage(first)
    first.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait(until: runs))
    first.pause(job: JobNumber(1), .cut)
    #expect(try await log.wait(until: rests))
    first.stop()
    #expect(states.isEmpty)
    #expect(log.held.isEmpty)
    let second = try runner(["sleep", mark])
    #expect(states.isEmpty)
    second.start(job: JobNumber(1), folder: batch.folder)
    #expect(try await log.wait(until: runs))
    #expect(states == ["S"])
    second.stop()
    #expect(states.isEmpty)
  }
}
